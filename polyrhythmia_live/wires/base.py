"""What a wire is, and how the synth is to sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polyrhythmia_live.messages import PortCondition


class Wire(Protocol):
    """Somewhere that MIDI messages go: it sends bytes, and knows no instrument.

    `offset_seconds` shifts everything sent to it (negative = earlier); it is applied at send time
    only, never to the clock. `dropped` counts the messages that had nowhere to go, `refused` those
    that were not MIDI; both may be read by any thread.
    """

    name: str
    offset_seconds: float
    dropped: int
    refused: int

    def send(self, message: bytes) -> None:
        """Send one complete message now; a destination that is gone counts a drop.

        Never raises, never blocks. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def watch(self) -> bool:
        """Reopen a destination that came back; True when it has just returned.

        May block and allocate. Threads: player's main. Real-time: no.
        """
        ...

    @property
    def condition(self) -> PortCondition:
        """Whether it is open, or why it is silent. Threads: player's main. Real-time: no."""
        ...

    def close(self) -> None:
        """Give the destination back. Threads: player's main. Real-time: no."""
        ...


GAIN = 0.45
"""Of the synth: with intensity and density at their most, no take that was measured peaks above -1
dBFS. See docs/measured.md."""


@dataclass(frozen=True, slots=True)
class SynthSound:
    """How the synth sounds; None = look for a soundfont, and take the first of its drum kits.

    `kit` is a kit's name, its program, or bank:program. `gain` is 0..10.
    """

    soundfont: Path | None = None
    kit: str | None = None
    gain: float = GAIN


DEFAULT_SOUND = SynthSound()
