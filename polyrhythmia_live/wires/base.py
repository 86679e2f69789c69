"""What a wire is, and how the synth is to sound."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polyrhythmia_live.messages import PortCondition


class Wire(Protocol):
    """Somewhere that MIDI messages go: it sends bytes, and knows no instrument.

    `offset_seconds` shifts everything sent to it (negative = earlier); it is applied at send time
    only, never to the clock. `lookahead_seconds` is how long before it is due it wants a message: a
    wire that knows the future places it on the sample, one that cannot has 0. Both may change while
    it plays. `dropped` counts the messages that had nowhere to go, `refused` those that were not
    MIDI; both may be read by any thread.
    """

    name: str
    offset_seconds: float
    dropped: int
    refused: int

    @property
    def lookahead_seconds(self) -> float:
        """0.0 or more. Threads: any. Real-time: yes."""
        ...

    def send(self, message: bytes) -> None:
        """Send one complete message now; a destination that is gone counts a drop.

        Never raises, never blocks. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def send_at(self, message: bytes, due_seconds: float) -> None:
        """Send one complete message when it is due, in monotonic seconds; one that is late, now.

        It need not be handed over in the order in which it is due; messages that are due at one
        moment go out in the order in which they came. Where there is no lookahead, it is sent now.
        Never raises, never blocks. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def take_back(self) -> None:
        """Forget the channel messages that are scheduled and have not gone out.

        The clock goes on: what is scheduled of it is not touched.
        Never raises, never blocks. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def firm_until(self, now_seconds: float) -> float:
        """Until when what was handed over may have gone out; what is due from then on has not.

        In monotonic seconds. A thread that is held up after it has asked may be told too little, by
        a period. Threads: dispatcher only. Real-time: yes.
        """
        ...

    def withdraw(self, message: bytes, due_seconds: float) -> None:
        """Forget one channel message that was scheduled for then, unless it has gone out.

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
        """Give the destination back; what was handed over still goes out.

        Threads: player's main. Real-time: no.
        """
        ...


class PromptWire(ABC):
    """The part of a `Wire` that cannot schedule: it is given each message when that is due."""

    lookahead_seconds = 0.0

    @abstractmethod
    def send(self, message: bytes) -> None:
        """As `Wire.send`. Threads: dispatcher only. Real-time: yes."""

    def send_at(self, message: bytes, _due_seconds: float) -> None:
        """Send it now, which is when it is due. Threads: dispatcher only. Real-time: yes."""
        self.send(message)

    def take_back(self) -> None:  # noqa: B027
        """Nothing is scheduled. Threads: dispatcher only. Real-time: yes."""

    def firm_until(self, _now_seconds: float) -> float:
        """All has gone out. Threads: dispatcher only. Real-time: yes."""
        return math.inf

    def withdraw(self, _message: bytes, _due_seconds: float) -> None:  # noqa: B027
        """It has gone out. Threads: dispatcher only. Real-time: yes."""


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
