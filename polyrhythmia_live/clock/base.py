"""What a clock is, and what can be waited on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, TypeVar, runtime_checkable

from polyrhythmia_live.messages import ClockCondition
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
    """Which messages of a MIDI clock's port are followed: many machines send only one kind."""

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


class ClockSwing(enum.Enum):
    """What is done where a MIDI clock's own pulses swing."""

    EVEN = "even"
    """The beat's average is taken."""
    FOLLOW = "follow"
    """The song swings along."""


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
        """Seconds; only differences mean anything.

        Threads: any. Real-time: yes.
        """
        ...

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        """The next message, or None at the deadline or a moment before (None = no deadline).

        The deadline is absolute, and a message that arrives wakes the waiter. A caller that is
        woken too early waits again.
        Threads: dispatcher only. Real-time: yes, it is where that thread sleeps.
        """
        ...


class Clock(Protocol):
    """The beat: a timeline that is right now, and a transport.

    Methods take the moment they happened at, in seconds of the timebase, and return what
    became of the transport. Nothing here reads a clock, waits, locks or raises.
    """

    @property
    def name(self) -> str:
        """For the status line: `internal`, `midi`, `link`.

        Threads: any. Real-time: yes.
        """
        ...

    @property
    def condition(self) -> ClockCondition:
        """What the clock is doing, as a state and in words.

        Threads: any. Real-time: yes.
        """
        ...

    @property
    def ignored(self) -> int:
        """How many messages were not understood, or came where they mean nothing.

        Threads: any. Real-time: yes.
        """
        ...

    @property
    def timeline(self) -> Timeline:
        """Where ticks fall now.

        Threads: any. Real-time: yes.
        """
        ...

    @property
    def transport(self) -> Transport:
        """Whether the song moves.

        Threads: any. Real-time: yes.
        """
        ...

    def receive(self, message: bytes, arrival_seconds: float) -> Moves:
        """A system real-time or song-position message from the bound port.

        Anything else is ignored.
        Threads: dispatcher only. Real-time: yes.
        """
        ...

    @property
    def poll_at_seconds(self) -> float | None:
        """When `poll` wants to be called next; None = not until something is received.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def poll(self, now_seconds: float) -> Moves:
        """Notice what did not happen (a clock that went away).

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def take_over(self, timeline: Timeline) -> None:
        """Roll on where another clock, or a process before this one, left off.

        A follower does so until its leader is heard again.
        The player's main calls it too, before the dispatcher runs.
        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def start(self, now_seconds: float) -> Moves:
        """The performer asks for the song from the top; a follower obeys only its leader.

        The moment may lie in the future: until then, a leader's song stands at negative ticks.
        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def continue_(self, now_seconds: float) -> Moves:
        """The performer asks for the song from where it stopped.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    @property
    def may_stop(self) -> bool:
        """Whether the performer may stop the song; a follower's, once its leader is gone.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def stop(self, now_seconds: float) -> Moves:
        """The performer asks for the end of the song.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def end(self, now_seconds: float) -> Moves:
        """The song ends as the performer asked when that was theirs to ask, whoever leads by now.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def set_tempo(self, tempo_bpm: float, now_seconds: float) -> None:
        """The performer asks for a tempo, in quarter notes per minute.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def tap(self, now_seconds: float) -> None:
        """One tap of tap tempo.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def untap(self, now_seconds: float) -> None:
        """To the tempo from before the last taps; again, to theirs.

        Threads: dispatcher only. Real-time: yes.
        """
        ...


@runtime_checkable
class TempoLeader(Protocol):
    """A clock whose tempo is the performer's to shape; a follower's is its leader's."""

    @property
    def tempo_bpm(self) -> float:
        """The tempo now, without the passing effect of a nudge.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    @property
    def target_bpm(self) -> float:
        """The tempo that a ramp is on its way to; without one, `tempo_bpm`.

        Threads: any. Real-time: yes.
        """
        ...

    def ramp(self, tempo_bpm: float, ticks: int, now_seconds: float) -> None:
        """To another tempo, evenly over so many ticks: the coming ones, or the next start's.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def turn_at(self, tick: int, tempo_bpm: float, now_seconds: float) -> None:
        """Another tempo from a tick on that is still to come; it ends a ramp.

        Threads: dispatcher only. Real-time: yes.
        """
        ...

    def nudge(self, seconds: float, now_seconds: float) -> bool:
        """Shift the song by so much (positive = later), spread so that nobody hears a jump.

        False where the phase is not ours to shift.
        Nudges add up to `NUDGE_MAX_SECONDS`; an infinite one goes on until it is ended by 0.0.
        Threads: dispatcher only. Real-time: yes.
        """
        ...
