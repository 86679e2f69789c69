"""`polyrhythmia serve`: the daemon without a terminal, as a service manager starts it."""

from __future__ import annotations

from typing import Any

import click

from polyrhythmia_live.cli.play import perform, play, source
from polyrhythmia_live.config import Config
from polyrhythmia_live.control.journal import Journal

TERMINALS_OWN = ("plain", "tui")
"""What of the flags of `play` is for its terminal."""


@click.pass_context
def _serve(context: click.Context, /, **flags: Any) -> None:
    perform(context, flags, lambda _: Journal(), _greeting)


def _greeting(config: Config) -> str:
    controls = config.brain.controls
    seed = "" if config.brain.remembers else f", seed {config.brain.seed}"
    line = (
        f"{controls.genre_words} on {source(config.player)}{seed}; "
        "`scripts/polyrhythmia attach` shows it, `scripts/polyrhythmia ctl` leads it"
    )
    return "\n".join((line, *config.notes))


serve = click.Command(
    "serve",
    params=[param for param in play.params if param.name not in TERMINALS_OWN],
    callback=_serve,
    help="Play as a service does: without a terminal, until SIGTERM.",
    epilog="`attach` and `ctl` are its keys and its screen.",
)
