"""The performance log: what was asked for and what sounded, one file a performance.

A JSON object a line: first a `Head`, then, as they come, moves of the transport (`moved`), commands
that were obeyed (`applied`), where the song's ticks fall (`timeline`, where it is no longer as the
last one said) and what sounded (`step` with its `hits`, and the `swing` of their grid where there
is some). A step of a voice beside the first one is its own, and has its `voice` and its `own` ratio
to the song's beat. Whole lines are written, so that a desk that is killed loses none that it had;
one that was cut off all the same is passed over by whoever reads it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from polyrhythmia_live.config import Head
from polyrhythmia_live.desk.plain import line, plain
from polyrhythmia_live.messages import DRUMS, Applied, Committed, Moved, Rung
from polyrhythmia_live.rhythm.swing import STRAIGHT
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.system.runtime import FOLDER_MODE, PRIVATE_MODE

LOG_VERSION = 1

KEPT_BYTES = 500_000_000
"""All performances together, some 14 days of playing: see docs/measured.md. The oldest make room
until they take half of it, and a performance that would take the other half ends its log."""

OFF_SECONDS = 0.001
"""A timeline that is so far from where the last one led, a moment from now, is news."""
AHEAD_SECONDS = 1.0

SUFFIX = ".jsonl"
MARKS = ".marks.json"
"""What was written beside its bars lies beside a log, and goes with it."""


class PerformanceLog:
    """Writes one performance; nothing is written before something happens.

    A log that cannot be written ends there, and `trouble` says why; nobody else notices. One that
    is there already, of a desk that crashed, is gone on with.
    Threads: one. Real-time: no.
    """

    def __init__(self, path: Path, head: Head, product: str) -> None:
        """`product` is the version of the program that writes it."""
        self.path = path
        self.trouble = ""
        self._product = product
        self._head = head
        self._lines: list[bytes] = []
        self._fd: int | None = None
        self._room_bytes = KEPT_BYTES // 2
        self.timeline: Timeline | None = None
        """The one that was written last."""

    def write(self, message: Applied | Moved | Committed) -> None:
        """Take a message in, to be written with the next `flush`."""
        if isinstance(message, Committed):
            self._lines.append(line(**_sounded(message)))
        elif isinstance(message, Moved):
            self._lines.append(line(moved=plain(message)))
        else:
            self._lines.append(line(**plain(message)))

    def follow(self, timeline: Timeline, now_seconds: float) -> None:
        """Write where the song's ticks fall, where that is news."""
        then_seconds = now_seconds + AHEAD_SECONDS
        last = self.timeline
        if last is not None:
            off_seconds = last.time_at(timeline.tick_at(then_seconds)) - then_seconds
            if abs(off_seconds) < OFF_SECONDS:
                return
        self.timeline = timeline
        self._lines.append(line(timeline=plain(timeline)))

    def flush(self) -> bytes:
        """Write what has come since the last time, and give it back, written or not."""
        written, self._lines = b"".join(self._lines), []
        if written and not self.trouble:
            self._write(written)
        return written

    def _write(self, written: bytes) -> None:
        try:
            if self._fd is None:
                self._fd = self._open()
            if len(written) > self._room_bytes:
                self.trouble = "no more performance log: this one is full"
                return
            if os.write(self._fd, written) < len(written):
                self.trouble = "no more performance log: the disk is full"
            self._room_bytes -= len(written)
        except OSError as error:
            self.trouble = f"no more performance log: {self.path.parent}: {error.strerror}"

    def close(self) -> None:
        """Write what is left, and let the file go."""
        self.flush()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> int:
        folder = self.path.parent
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        make_room(folder, self.path)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(self.path, flags, PRIVATE_MODE)
        size = os.fstat(fd).st_size
        self._room_bytes -= size
        if size == 0:
            written = {"performance": LOG_VERSION, "product": self._product, **plain(self._head)}
            os.write(fd, line(**written))
        elif os.pread(fd, 1, size - 1) != b"\n":
            os.write(fd, b"\n")
        return fd


def make_room(folder: Path, path: Path) -> None:
    """Delete the oldest performances until all but this one take half of what is kept."""
    others = [other for other in newest_first(folder) if other != path]
    taken_bytes = 0
    for other in others:
        with contextlib.suppress(OSError):
            taken_bytes += other.stat().st_size
            if taken_bytes > KEPT_BYTES // 2:
                other.unlink()
                other.with_suffix(MARKS).unlink(missing_ok=True)


def newest_first(folder: Path) -> list[Path]:
    """The performances in a folder: their names are the time at which they began."""
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True) if folder.is_dir() else []


def _sounded(committed: Committed) -> dict[str, Any]:
    step = committed.step
    written: dict[str, Any] = {"step": step.index, "hits": plain(step.hits)}
    written["bpm"] = round(committed.tempo_bpm, 6)
    if committed.rung is not Rung.PLAN:
        written["rung"] = committed.rung.value
    if step.swing != STRAIGHT:
        written["swing"] = plain(step.swing)
    if committed.voice != DRUMS:
        written["voice"] = committed.voice
        written["own"] = str(committed.own)
    return written
