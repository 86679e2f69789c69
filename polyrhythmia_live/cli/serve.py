"""`polyrhythmia serve`: the daemon without a terminal, as a service manager starts it."""

from __future__ import annotations

from typing import Any

import click

from polyrhythmia_live.cli.play import perform, play, source
from polyrhythmia_live.config import Config
from polyrhythmia_live.control.journal import Journal

TERMINALS_OWN = ("plain",)
"""What of the flags of `play` is for its terminal."""


@click.pass_context
def _serve(context: click.Context, /, **flags: Any) -> None:
    perform(context, flags, _journal)


def _journal(config: Config) -> Journal:
    journal = Journal()
    controls = config.brain.controls
    journal.say(
        f"{controls.genre_name} on {source(config.player)}, seed {config.brain.seed}; "
        "`scripts/polyrhythmia attach` shows it, `scripts/polyrhythmia ctl` leads it"
    )
    for note in config.notes:
        journal.say(note)
    return journal


serve = click.Command(
    "serve",
    params=[param for param in play.params if param.name not in TERMINALS_OWN],
    callback=_serve,
    help="Play as a service does: without a terminal, until SIGTERM.",
    epilog="`attach` and `ctl` are its keys and its screen.",
)
