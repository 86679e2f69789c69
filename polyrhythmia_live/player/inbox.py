"""What reaches the dispatcher from within its own process; see `messages` for the rest."""

from __future__ import annotations

from dataclasses import dataclass

from polyrhythmia_live.wires.base import Wire


@dataclass(frozen=True, slots=True)
class ClockIn:
    """A message from the port that the clock is bound to, stamped on arrival."""

    message: bytes
    arrival_seconds: float


@dataclass(frozen=True, slots=True)
class WireBack:
    """A destination that had vanished is there again, and knows nothing of the song."""

    wire: Wire
