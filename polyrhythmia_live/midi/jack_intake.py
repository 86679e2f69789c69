"""The process whose one work is to take down what arrives in JACK's periods, frame by frame.

Started by `midi.jack_inputs`, as `system.jack_worker` says; its last argument is the descriptor to
wake the other end by.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from polyrhythmia_live.system.jack_ring import Figure, RingWriter
from polyrhythmia_live.system.jack_worker import given_memory, work_in_periods


class Period(Protocol):
    """What has arrived. Threads: its own. Real-time: yes."""

    @property
    def numbers(self) -> Iterable[int]:
        """Of all ports."""
        ...

    def read(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Each message that came to a port: its frame, and as much of it as the ring takes."""
        ...


class Intake:
    """From periods into the ring. Threads: its own. Real-time: yes."""

    def __init__(self, ring: RingWriter, wake: Callable[[], None]) -> None:
        self._ring = ring
        self._wake = wake
        self._periods = 0

    def take_in(self, period: Period, frames: int, start_us: int, end_us: int) -> None:
        """Hand over what arrived, stamped by its frame; the bounds are `time.monotonic`'s."""
        ring, frame_us = self._ring, (end_us - start_us) / frames
        came = False
        for number in period.numbers:
            for frame, message in period.read(number):
                came = True
                if not ring.put(number, message, start_us + round(frame * frame_us)):
                    ring.lose(number)
        self._periods += 1
        ring.say(Figure.PERIODS, self._periods)
        if came:
            self._wake()


def main() -> None:
    """Entry point."""
    descriptor = int(sys.argv[-1])
    os.set_blocking(descriptor, False)

    def wake() -> None:
        with contextlib.suppress(BlockingIOError):  # it has been told often enough
            os.write(descriptor, b"\0")

    intake = Intake(RingWriter(given_memory()), wake)
    work_in_periods(intake.take_in, are_inputs=True, at_end=lambda: None)


if __name__ == "__main__":
    main()
