"""An output that remembers: the test double, and where an offline render collects its notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit
from polyrhythmia_live.midi.base import is_note_off, is_note_on

TimeT = TypeVar("TimeT", int, float)


class MemoryOutput(Generic[TimeT]):
    """Keeps every message with the time at which it was sent. Implements `Output`.

    `now` is asked at each `send`: ticks or seconds, whatever it gives is what is kept.
    """

    def __init__(
        self,
        now: Callable[[], TimeT],
        kit: Kit = GENERAL_MIDI,
        offset_seconds: float = 0.0,
        name: str = "memory",
    ) -> None:
        self.name = name
        self.kit = kit
        self.offset_seconds = offset_seconds
        self.messages: list[tuple[TimeT, bytes]] = []
        self._now: Callable[[], TimeT] = now
        self._open = True

    def send(self, message: bytes) -> None:
        """As `Output.send`; nothing is kept after `close`. Threads: dispatcher only."""
        if self._open:
            self.messages.append((self._now(), message))

    def watch(self) -> bool:
        """Always False: memory does not come and go."""
        return False

    @property
    def condition(self) -> str:
        return "open" if self._open else "closed"

    def close(self) -> None:
        self._open = False

    def sounding(self) -> frozenset[tuple[int, int]]:
        """The (channel, note) pairs whose last note-on has had no note-off."""
        sounding: set[tuple[int, int]] = set()
        for _, message in self.messages:
            key = (message[0] & 0x0F, message[1]) if len(message) == 3 else (0, 0)
            if is_note_on(message):
                sounding.add(key)
            elif is_note_off(message):
                sounding.discard(key)
        return frozenset(sounding)
