"""`scripts/bench NAME [--json]`: run one benchmark of this folder and print its table.

These machines are shared and noisy, so what is compared is measured in turns within one run, and
what counts are medians and ratios.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import click

FOLDER = Path(__file__).parent
NAMES = sorted(
    path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if not path.stem.startswith("_")
)


class Benches(click.Group):
    """A command for each module that has a `measure`, which is imported only when it runs.

    A module's `OPTIONS` are the options of its command, and `measure` gets them by name.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return NAMES

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in NAMES:
            return None
        module = importlib.import_module(name.replace("-", "_"))

        def run(as_json: bool, **options: Any) -> None:
            figures, table = module.measure(**options)
            click.echo(json.dumps(figures, indent=2) if as_json else table)

        as_json = click.Option(["--json", "as_json"], is_flag=True, help="Print figures as JSON.")
        options = [as_json, *getattr(module, "OPTIONS", ())]
        return click.Command(name, params=options, callback=run, help=module.__doc__)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their names alone: to know more of one, it would have to be imported."""
        with formatter.section("Benchmarks"):
            formatter.write_text(", ".join(NAMES))


@click.command(cls=Benches)
def bench() -> None:
    """Run one benchmark and print its table."""


if __name__ == "__main__":
    bench()
