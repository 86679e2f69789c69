from __future__ import annotations

import click
from click.testing import CliRunner

from polyrhythmia_live.cli.progress import progress_bars


@click.command()
def reading_then_listening() -> None:
    with progress_bars() as progress:
        for doing, in_all in (("reading", 2), ("listening", 3)):
            for done in range(in_all + 1):
                progress(doing, done, in_all)
        progress("resting", 0, 0)
        progress("playing", 1, 4)
    click.echo("stopped")


def test_one_bar_after_another_on_stderr_and_the_last_is_ended_where_it_stands() -> None:
    said = CliRunner().invoke(reading_then_listening, catch_exceptions=False)
    assert said.stdout == "stopped\n"
    lines = [line.strip() for line in said.stderr.splitlines() if line.strip()]
    assert lines == ["reading", "listening", "resting", "playing"]
