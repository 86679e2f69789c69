"""Placing what is due within one of JACK's periods on its frames."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable

from polyrhythmia_live.wires.jack_ring import Figure, Record, RingReader

Write = Callable[[int, int, bytes], bool]
"""Puts a message at a frame of a port's period; False where that holds no more of them."""


class Cycle:
    """What is not placed yet, and where it goes. Threads: its own. Real-time: yes."""

    def __init__(self, ring: RingReader, write: Write) -> None:
        self._ring = ring
        self._write = write
        self._waiting: dict[int, list[Record]] = {}
        self._periods = 0

    def fill(self, frames: int, start_us: int, end_us: int) -> None:
        """Place what is due before the period ends; its bounds are `time.monotonic`'s.

        What was due before the period goes to its first frame. Never raises: a message that cannot
        be placed is counted as lost.
        """
        ring = self._ring
        for record in ring.records():
            records = self._waiting.setdefault(record[2], [])
            if record[3]:
                insort(records, record)
            else:
                _take_back(records, record[0])
        period_us = max(1, end_us - start_us)
        for port, records in self._waiting.items():
            if records:
                self._place(port, records, frames, start_us, frames / period_us)
        self._periods += 1
        ring.say(Figure.PERIODS, self._periods)
        ring.say(Figure.PERIOD_US, period_us)

    def _place(
        self, port: int, records: list[Record], frames: int, start_us: int, frames_per_us: float
    ) -> None:
        placed = 0
        for due_us, _, _, message, _ in records:
            frame = max(0, round((due_us - start_us) * frames_per_us))
            if frame >= frames:
                break
            try:
                if not self._write(port, frame, message):
                    break
            except Exception:
                self._ring.lose(port)
            placed += 1
        del records[:placed]


def _take_back(records: list[Record], now_us: int) -> None:
    """Forget what is due later and does not stay."""
    records[:] = [it for it in records if it[0] <= now_us or it[4]]
