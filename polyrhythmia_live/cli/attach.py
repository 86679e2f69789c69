"""`polyrhythmia attach`: the terminal of `play`, on a daemon that is running."""

from __future__ import annotations

import click

from polyrhythmia_live.cli.performances import client
from polyrhythmia_live.desk.attached import Attached
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.tui import require_tui


@click.command()
@click.option("--plain", is_flag=True, help="Show one status line, and not the grid.")
@click.option("--tui", is_flag=True, help="Show everything, and take the mouse, too (extra tui).")
def attach(plain: bool, tui: bool) -> None:
    """Show what plays, and take keys for it, as `play` does; q leaves it playing."""
    if tui:
        require_tui()
        from polyrhythmia_live.tui.process import run

        run(client())
    else:
        Attached(Watch(client()), plain).run()
    click.echo("left: the drummer plays on; `scripts/polyrhythmia ctl stop` stops the song")
