"""What a clock is, and what can be waited on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, TypeVar, runtime_checkable

from polyrhythmia_live.rhythm.timeline import Timeline, Transport

T = TypeVar("T")


class MoveKind(enum.Enum):
    """What happened to the song's position."""

    LOCATE = "locate"
    """Stopped, and the next start will be at `tick`. Told early, so that bar 0 is ready."""
    START = "start"
    """Rolling from `tick`."""
    STOP = "stop"
    """Stopped; the position stays at `tick`."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of the transport: at `time_seconds`, the song stands at `tick`."""

    kind: MoveKind
    tick: int
    time_seconds: float


Moves = tuple[Move, ...]


class Follow(enum.Enum):
    """What of a MIDI clock's port is followed: many machines send only the one or the other."""

    BOTH = "both"
    CLOCK = "clock"
    """Its tempo; the song starts with the first pulse, and the performer may stop and start it."""
    TRANSPORT = "transport"
    """Its Start, Stop and Song Position, at our own tempo."""


class Smoothing(enum.Enum):
    """How a MIDI clock is followed: tight goes along with what wanders, smooth ignores jitter."""

    TIGHT = "tight"
    NORMAL = "normal"
    SMOOTH = "smooth"


class OnClockLoss(enum.Enum):
    """What a follower does when its clock has been silent for four bars.

    CONTINUE waits for it, playing on; INTERNAL too, but the performer leads meanwhile.
    """

    CONTINUE = "continue"
    STOP = "stop"
    INTERNAL = "internal"


class Timebase(Protocol):
    """A monotonic source of seconds, and the one way to wait on it."""

    def now(self) -> float:
        """Seconds; only differences mean anything."""
        ...

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None at the deadline or a moment before (None = no deadline).

        Absolute deadline and interruptible: a message that arrives wakes the waiter. Whoever is
        early calls again.
        Threads: dispatcher only. Real-time: yes.
        """
        ...


class Clock(Protocol):
    """The beat: a timeline that is right now, and a transport.

    Methods take the moment they happened at, in seconds of the timebase, and return what
    became of the transport. Nothing here reads a clock, waits, locks or raises.
    Threads: dispatcher only. Real-time: yes.
    """

    @property
    def name(self) -> str:
        """For the status line: `internal`, `midi`, `link`."""
        ...

    @property
    def condition(self) -> str:
        """For the status line: `free`, `waiting`, `locking`, `locked`, `holdover`, ..."""
        ...

    @property
    def ignored(self) -> int:
        """How many messages were not understood, or came where they mean nothing. Threads: any."""
        ...

    @property
    def timeline(self) -> Timeline: ...

    @property
    def transport(self) -> Transport: ...

    def receive(self, message: bytes, arrival_seconds: float) -> Moves:
        """A system real-time or song-position message from the bound port.

        Anything else is ignored.
        """
        ...

    @property
    def poll_at_seconds(self) -> float | None:
        """When `poll` wants to be called next; None = not until something is received."""
        ...

    def poll(self, now_seconds: float) -> Moves:
        """Notice what did not happen (a clock that went away)."""
        ...

    def take_over(self, timeline: Timeline) -> None:
        """Roll on where another clock, or a process before this one, left off.

        A follower does so until its leader is heard again.
        """
        ...

    def start(self, now_seconds: float) -> Moves:
        """The performer asks for the song from the top; a follower obeys only its leader.

        The moment may be one to come: until then, a leader's song stands at negative ticks.
        """
        ...

    def continue_(self, now_seconds: float) -> Moves: ...

    def stop(self, now_seconds: float) -> Moves: ...

    def set_tempo(self, tempo_bpm: float, now_seconds: float) -> None: ...

    def tap(self, now_seconds: float) -> None:
        """One tap of tap tempo."""
        ...


@runtime_checkable
class TempoLeader(Protocol):
    """A clock whose tempo is the performer's to shape; a follower's is its leader's.

    Threads: dispatcher only. Real-time: yes.
    """

    @property
    def tempo_bpm(self) -> float:
        """The tempo now, without what a nudge adds for the moment."""
        ...

    @property
    def target_bpm(self) -> float:
        """The tempo that a ramp is on its way to; without one, `tempo_bpm`."""
        ...

    def ramp(self, tempo_bpm: float, ticks: int, now_seconds: float) -> None:
        """To another tempo, evenly over the coming ticks; while stopped, at once."""
        ...

    def nudge(self, seconds: float, now_seconds: float) -> None:
        """Shift the song by so much (positive = later), spread so that nobody hears a jump.

        Nudges add up to `NUDGE_MAX_SECONDS`; an infinite one goes on until it is ended by 0.0.
        """
        ...
