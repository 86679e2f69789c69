"""A performance without a player: its head, and what sounded, as the supervisor passes it on."""

from collections.abc import Iterable
from pathlib import Path

from polyrhythmia_live.config import DeskConfig, Head
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.desk.performance import Performance, read_performance
from polyrhythmia_live.desk.performance_log import PerformanceLog
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.messages import DRUMS, Applied, Committed, Moved, Rung
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

GENRES = ("rock", "jazz", "funk")
ROLLING, STOPPED = Transport.ROLLING, Transport.STOPPED


def head_in(meters: MeterMap) -> Head:
    return Head(
        began="2026-11-30T20:15:00+01:00",
        run="tonight",
        preset="default",
        model="medium",
        digest="0" * 64,
        seed=7,
        remembers=False,
        controls=ControlState((("rock", 1.0),)),
        meters=meters,
        tempo_bpm=120.0,
        kit=GENERAL_MIDI,
    )


HEAD = head_in(MeterMap())


def config_in(folder: Path) -> DeskConfig:
    return DeskConfig(folder / "desk.sock", folder / "performances" / "now.jsonl", GENRES, HEAD)


def sounded(index: int, bpm: float = 120.0, rung: Rung = Rung.PLAN) -> Committed:
    """A kick whose velocity tells which step it is."""
    hits = (Hit(0, 1 + index % 127, index % 7),) if index % 2 == 0 else ()
    return Committed(DRUMS, 1, Step(index, hits), rung, bpm)


def moved(step: int, transport: Transport = ROLLING, epoch: int = 1) -> Moved:
    return Moved(DRUMS, epoch, step, transport, 120.0)


def written(path: Path, messages: Iterable[Applied | Moved | Committed], head: Head = HEAD) -> Path:
    log = PerformanceLog(path, head, "0.1")
    for message in messages:
        log.write(message)
    log.close()
    assert log.trouble == ""
    return path


def read_back(
    path: Path, messages: Iterable[Applied | Moved | Committed], head: Head = HEAD
) -> Performance:
    return read_performance(written(path, messages, head))
