"""Where a voice goes: what the player must know of an instrument, and the wire to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from polyrhythmia_live.wires.base import Wire


class Instrument(Protocol):
    """What plays the hits, as MIDI: a drum machine's kit is one.

    It never changes. Threads: any. Real-time: yes.
    """

    @property
    def gate_ms(self) -> float:
        """How long its notes last."""
        ...

    @property
    def gap_ms(self) -> float:
        """How long a note has been over, at the least, when it is struck again."""
        ...

    @property
    def channels(self) -> Sequence[int]:
        """Every channel (0..15) that it is played on."""
        ...

    @property
    def keys(self) -> Mapping[str, tuple[int, int]]:
        """The channel and note (0..127) of each of its sounds, by the sound's name."""
        ...

    def key(self, lane: int, articulation: int) -> tuple[int, int] | None:
        """What a hit is played by; None where the instrument has no such sound."""
        ...

    def choked_by(self, lane: int, articulation: int) -> Sequence[tuple[int, int]]:
        """The keys whose notes a hit ends."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """What a voice is played on, and the wire that leads there."""

    wire: Wire
    instrument: Instrument
