"""A wire that remembers: the test double, and where an offline render collects its notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from polyrhythmia_live.messages import CLOSED, OPEN, PortCondition
from polyrhythmia_live.midi.base import is_note_off, is_note_on
from polyrhythmia_live.wires.base import PromptWire

TimeT = TypeVar("TimeT", int, float)


class MemoryWire(PromptWire, Generic[TimeT]):
    """Keeps every message with the time at which it was sent. Implements `Wire`.

    `now` is asked at each `send`: ticks or seconds, whatever it gives is what is kept.
    """

    def __init__(
        self, now: Callable[[], TimeT], offset_seconds: float = 0.0, name: str = "memory"
    ) -> None:
        self.name = name
        self.offset_seconds = offset_seconds
        self.dropped = 0
        self.refused = 0
        self.messages: list[tuple[TimeT, bytes]] = []
        self._now: Callable[[], TimeT] = now
        self._open = True

    def send(self, message: bytes) -> None:
        """As `Wire.send`; nothing is kept after `close`. Threads: dispatcher only. Real-time: no.

        Memory grows for as long as the song plays.
        """
        if self._open:
            self.messages.append((self._now(), message))
        else:
            self.dropped += 1

    def watch(self) -> bool:
        """Always False: memory does not come and go. Threads: any. Real-time: yes."""
        return False

    @property
    def condition(self) -> PortCondition:
        """Open until it is closed. Threads: any. Real-time: yes."""
        return OPEN if self._open else CLOSED

    def close(self) -> None:
        """Keep nothing from here on. Threads: any. Real-time: yes."""
        self._open = False

    def sounding(self) -> frozenset[tuple[int, int]]:
        """The (channel, note) pairs whose last note-on has had no note-off.

        Threads: dispatcher only. Real-time: no.
        """
        sounding: set[tuple[int, int]] = set()
        for _, message in self.messages:
            key = (message[0] & 0x0F, message[1]) if len(message) == 3 else (0, 0)
            if is_note_on(message):
                sounding.add(key)
            elif is_note_off(message):
                sounding.discard(key)
        return frozenset(sounding)
