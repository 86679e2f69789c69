"""`polyrhythmia attach`: the terminal of `play`, on a daemon that is running."""

from __future__ import annotations

import click

from polyrhythmia_live.cli.performances import client
from polyrhythmia_live.desk.attached import Attached
from polyrhythmia_live.desk.watch import Watch


@click.command()
@click.option("--plain", is_flag=True, help="Show one status line, and not the grid.")
def attach(plain: bool) -> None:
    """Show what plays, and take keys for it, as `play` does; q leaves it playing."""
    Attached(Watch(client()), plain).run()
    click.echo("left: the drummer plays on; `scripts/polyrhythmia ctl stop` stops the song")
