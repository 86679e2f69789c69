"""What became of a command, as a line for people: never empty, unlike a screen's."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.control.answers import answer, position
from polyrhythmia_live.control.base import LEVELS, LOCKING, MIXER
from polyrhythmia_live.messages import (
    Applied,
    Choose,
    Fire,
    SetLevel,
    Snapshot,
    Unchanged,
)
from polyrhythmia_live.rhythm.meter_map import MeterMap

TIMELESS = ("remember", "forget", "undo")
"""What is done, whatever is played."""


def outcome(
    news: Applied | Unchanged, snapshot: Snapshot, genres: Sequence[str], meters: MeterMap
) -> str:
    """What holds, and from which bar and beat on; or that nothing changed, and why."""
    if isinstance(news, Unchanged):
        return f"unchanged: {answer(news, snapshot)}"
    at = position(news.tick, meters)
    if news.words:
        return news.words if news.command.name in TIMELESS else f"{news.words} at {at}"
    what = _asked(news, snapshot, genres)
    return f"{what} at {at}" if isinstance(news.command, Fire) else f"{what} from {at}"


def _asked(news: Applied, snapshot: Snapshot, genres: Sequence[str]) -> str:
    command = news.command
    if command.name in (*MIXER, *LOCKING):
        return answer(news, snapshot)
    if isinstance(command, Fire):
        return f"{command.name} {command.word}".strip()
    if isinstance(command, Choose):
        return f"{command.name} {genres[command.index]}"
    level = LEVELS[command.name]
    if isinstance(command, SetLevel):
        value: object = level.clamp(command.value)
    elif command.name == "tempo":
        value = None if snapshot.status is None else snapshot.status.timeline.tempo_bpm
    else:
        value = dict(snapshot.levels).get(command.name)
    written = f" {level.written(value)}" if isinstance(value, float) else ""
    over = f" over {command.bars} bars" if command.bars else ""
    return f"{command.name}{written}{over}"
