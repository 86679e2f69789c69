"""Placing what is due within one of JACK's periods on its frames."""

from __future__ import annotations

from bisect import insort
from typing import Protocol

from polyrhythmia_live.midi.base import SYSTEM, is_note_off, is_note_on, note_off
from polyrhythmia_live.system.jack_ring import WITHDRAWN, Figure, Record, RingReader


class Period(Protocol):
    """Where messages are placed."""

    def write(self, number: int, frame: int, message: bytes) -> bool:
        """Put a message at a frame of a port's period; False where that holds no more of them.

        Threads: its own. Real-time: yes.
        """
        ...


class Cycle:
    """What is not placed yet, and where it goes. Threads: its own. Real-time: yes."""

    def __init__(self, ring: RingReader) -> None:
        self._ring = ring
        self._waiting: dict[int, list[Record]] = {}
        self._sounding: set[tuple[int, bytes]] = set()
        """The port and the end of each note that has begun."""
        self._ending = False
        self._periods = 0

    def fill(self, period: Period, frames: int, start_us: int, end_us: int) -> None:
        """Place what is due before the period ends; its bounds are `time.monotonic`'s.

        What was due before the period goes to its first frame. Never raises: a message that cannot
        be placed is counted as lost.
        """
        ring = self._ring
        ring.say(Figure.END_US, max(0, end_us))
        for record in ring.records():
            records = self._waiting.setdefault(record[2], [])
            if not record[3]:
                _take_back(records, record[0])
            elif record[3].startswith(WITHDRAWN):
                _withdraw(records, record[0], record[3].removeprefix(WITHDRAWN))
            else:
                insort(records, record)
        if self._ending:
            self._end_notes()
        period_us = max(1, end_us - start_us)
        waiting = 0
        for port, records in self._waiting.items():
            if records:
                placed = self._place(period, port, records, frames, start_us, frames / period_us)
                del records[:placed]
                waiting += len(records)
        self._periods += 1
        ring.settle(waiting)
        ring.say(Figure.PERIODS, self._periods)
        ring.say(Figure.PERIOD_US, period_us)

    def _place(
        self,
        period: Period,
        port: int,
        records: list[Record],
        frames: int,
        start_us: int,
        frames_per_us: float,
    ) -> int:
        """How many of them were placed, or lost."""
        placed = 0
        for due_us, _, _, message in records:
            frame = max(0, round((due_us - start_us) * frames_per_us))
            if frame >= frames:
                break
            try:
                if not period.write(port, frame, message):
                    break
                self._remember(port, message)
            except Exception:
                self._ring.lose(port)
            placed += 1
        return placed

    def end_notes(self) -> None:
        """Let the next period end all that sounds, and play nothing else.

        Threads: any. Real-time: yes.
        """
        self._ending = True

    def _end_notes(self) -> None:
        self._ending = False
        self._waiting.clear()
        for port, off in self._sounding:
            self._waiting.setdefault(port, []).append((0, 0, port, off))

    def _remember(self, port: int, message: bytes) -> None:
        if is_note_on(message):
            self._sounding.add((port, note_off(message[0] & 0x0F, message[1])))
        elif is_note_off(message):
            self._sounding.discard((port, note_off(message[0] & 0x0F, message[1])))


def _take_back(records: list[Record], now_us: int) -> None:
    """Forget what is due later; the clock goes on."""
    records[:] = [it for it in records if it[0] <= now_us or it[3][0] >= SYSTEM]


def _withdraw(records: list[Record], due_us: int, message: bytes) -> None:
    """Forget one message, if it is not placed."""
    for place, record in enumerate(records):
        if record[0] == due_us and record[3] == message:
            del records[place]
            return
