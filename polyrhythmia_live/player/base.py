"""Where a voice goes: what the player must know of an instrument, and the wire to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from polyrhythmia_live.wires.base import Wire


class Instrument(Protocol):
    """What plays the hits, as MIDI: a drum machine's kit is one.

    It never changes. Threads: any. Real-time: yes.
    """

    @property
    def channel(self) -> int:
        """0..15."""
        ...

    @property
    def gate_ms(self) -> float:
        """How long its notes last."""
        ...

    @property
    def gap_ms(self) -> float:
        """How long a note has been over, at the least, when it is struck again."""
        ...

    @property
    def notes(self) -> Mapping[str, int]:
        """Every MIDI note (0..127) that it plays, by the name of its sound."""
        ...

    def note(self, lane: int, articulation: int) -> int | None:
        """The note that a hit is played as; None where the instrument has no such sound."""
        ...

    def choked_by(self, lane: int, articulation: int) -> tuple[int, ...]:
        """The notes that a hit ends."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """What a voice is played on, and the wire that leads there."""

    wire: Wire
    instrument: Instrument
