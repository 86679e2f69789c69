"""`polyrhythmia capture`: the end of the last performance, as a MIDI file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from polyrhythmia_live.cli.options import force_option
from polyrhythmia_live.cli.performances import last_performance
from polyrhythmia_live.cli.replay import read_take, write_take
from polyrhythmia_live.errors import ConfigError


@click.command()
@click.argument("bars", type=click.IntRange(1))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@force_option
def capture(bars: int, file: Path | None, force: bool) -> None:
    """Write the last BARS bars of the last performance into FILE: .mid, .wav or .jsonl.

    While something plays, that is what it has played so far, up to its last bar line;
    `ctl capture` is up to this moment's.
    """
    capture_bars(last_performance(), bars, file, force)


def capture_bars(log: Path, bars: int, file: Path | None, force: bool) -> None:
    """The last whole bars of a log, or what there is; without a file, into one with a name of its
    own. Raises ConfigError where nothing sounded, and for a file that is there, without `force`.
    """
    performance, take = read_take(log)
    end = take.whole_bars or take.bars
    if not take.steps:
        raise ConfigError(f"nothing has sounded yet in {log}")
    if file is None:
        genre = performance.head.controls.genre_name
        file = Path(f"{genre}-{datetime.now().astimezone():%Y-%m-%dT%H-%M-%S}.mid")
    write_take(file, performance, take.excerpt(max(0, end - bars), end), force)
