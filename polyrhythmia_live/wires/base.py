"""What an output is."""

from __future__ import annotations

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
