"""What an output is, and how the synth is to sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polyrhythmia_live.drums.kit import Kit


class Output(Protocol):
    """Somewhere that MIDI messages go.

    `kit` says which note each articulation is there. `offset_seconds` shifts everything sent to
    this output (negative = earlier); it is applied at send time only, never to the clock.
    """

    name: str
    kit: Kit
    offset_seconds: float

    def send(self, message: bytes) -> None:
        """Send one complete channel message now; a destination that is gone counts a drop.

        Never raises, never blocks. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def watch(self) -> bool:
        """Reopen a destination that came back; True when it has just returned.

        May block and allocate. Threads: player's main thread only. Real-time: no.
        """
        ...

    @property
    def condition(self) -> str:
        """For the status line: `open`, or in a few words why it is silent."""
        ...

    def close(self) -> None:
        """Give the destination back. Threads: player's main thread only."""
        ...


GAIN = 0.8
"""Of the synth: a whole bar played hard just does not clip."""


@dataclass(frozen=True, slots=True)
class SynthSound:
    """How the synth sounds; None = look for a soundfont, and take the first of its drum kits.

    `kit` is a name or a number of the soundfont's. `gain` is 0..10.
    """

    soundfont: Path | None = None
    kit: str | None = None
    gain: float = GAIN


DEFAULT_SOUND = SynthSound()
