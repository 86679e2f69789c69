"""What passes between the processes: frozen values over pipes.

To the player: `Plan`, `Standby`, and the performer's transport commands. From the player:
`Moved` and `Committed` (to the brain), `ControlIn` (to the brain), `Status` (to the supervisor).

The song has one *epoch* per stretch of uninterrupted positions: every start, stop and locate
begins a new one, and a plan that was made for an older epoch is void.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.ratio import Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport


class Rung(enum.IntEnum):
    """The never-miss ladder: where a step's hits came from, best first."""

    PLAN = 0
    LAST_BAR = 1
    GROOVE = 2
    KICK_AND_HAT = 3


class ClockState(enum.Enum):
    """What a clock is doing, or the session that follows ours."""

    FREE = "free"
    """It follows nobody."""
    WAITING = "waiting"
    """Nothing has been heard, and nothing plays."""
    LOCKING = "locking"
    LOCKED = "locked"
    DOUBLED = "doubled"
    """More pulses come than one sender has places for."""
    HOLDOVER = "holdover"
    """It is not heard, and the song rolls on."""
    ALONE = "alone"
    """The session has no other peers."""
    JOINED = "joined"
    ARMED = "armed"
    """Everybody's bar line is waited for."""
    CONTESTED = "contested"
    """The session is left to others, who insist."""


@dataclass(frozen=True, slots=True)
class ClockCondition:
    """A state, and the words for it that the performer reads."""

    state: ClockState
    words: str


# brain -> player


@dataclass(frozen=True, slots=True)
class Hello:
    """A brain has come up; the answer is `Moved` with the position as it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps to play in this epoch; each replaces what was planned for its index.

    Steps that are already committed are left alone.
    """

    epoch: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Standby:
    """What to play if the song starts from step 0: a Start must not wait for the brain.

    It may come in several messages of one serial; a new serial replaces the one before.
    `serial` comes back in `Moved`, so that the brain knows which take the player is on.
    """

    serial: int
    steps: tuple[Step, ...]


# supervisor -> player (the performer)


@dataclass(frozen=True, slots=True)
class StartStop:
    """Play from the top, or stop."""


@dataclass(frozen=True, slots=True)
class Start:
    """Play from the top."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop and end every note."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Play on from where the song stopped."""


@dataclass(frozen=True, slots=True)
class EndOnOne:
    """Play up to the first step of the next bar, and stop."""


@dataclass(frozen=True, slots=True)
class HalfTime:
    """From the next bar line on, play half as fast through bars of the same clock."""


@dataclass(frozen=True, slots=True)
class DoubleTime:
    """From the next bar line on, play twice as fast through bars of the same clock."""


@dataclass(frozen=True, slots=True)
class SetTempo:
    """Set the internal clock's tempo: at once, or evenly over so many bars."""

    tempo_bpm: float
    bars: int = 0


@dataclass(frozen=True, slots=True)
class NudgeTempo:
    """Change the internal clock's tempo by so many key presses: at once, or over so many bars."""

    presses: int
    bars: int = 0


@dataclass(frozen=True, slots=True)
class Nudge:
    """Shift the song by so much (positive = later), smoothly.

    An infinite nudge goes on until it is ended by one of 0.0.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap of tap tempo."""

    time_seconds: float


@dataclass(frozen=True, slots=True)
class Panic:
    """End every note, now. The groove goes on."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End every note and exit."""


PlayerCommand = (
    StartStop
    | Start
    | Stop
    | Continue
    | EndOnOne
    | HalfTime
    | DoubleTime
    | SetTempo
    | NudgeTempo
    | Nudge
    | Tap
    | Panic
)

NUDGE_SECONDS = 0.005
RAMP_PRESSES = 10
RAMP_BARS = 8
"""A key of a ramp changes the tempo by as much as ten of the tempo's own, over so many bars."""


def player_command(trigger: str, now_seconds: float) -> PlayerCommand:
    """What a trigger of the control table says to the player; the moment stamps a tap.

    Raises KeyError for a trigger that is not the player's.
    """
    commands: dict[str, PlayerCommand] = {
        "play/stop": StartStop(),
        "stop": Stop(),
        "continue": Continue(),
        "end on one": EndOnOne(),
        "half time": HalfTime(),
        "double time": DoubleTime(),
        "tap": Tap(now_seconds),
        "accelerando": NudgeTempo(RAMP_PRESSES, RAMP_BARS),
        "ritardando": NudgeTempo(-RAMP_PRESSES, RAMP_BARS),
        "push": Nudge(-NUDGE_SECONDS),
        "pull": Nudge(NUDGE_SECONDS),
        "panic": Panic(),
    }
    return commands[trigger]


# player -> brain


@dataclass(frozen=True, slots=True)
class Moved:
    """The transport changed: a new epoch, whose first uncommitted step is `step_index`.

    `standby` is the serial of the standby plan that was taken over, if one was.
    """

    epoch: int
    step_index: int
    transport: Transport
    tempo_bpm: float
    standby: int | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A step was handed to the outputs: these hits are what sounds; the next is uncommitted."""

    epoch: int
    step: Step
    rung: Rung
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class ControlIn:
    """A MIDI message from the control port."""

    message: bytes


# player or brain -> supervisor


@dataclass(frozen=True, slots=True)
class Failed:
    """The process cannot do its work as configured, and ends; one line for the performer."""

    reason: str


# brain -> supervisor


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls as they are now, for the status line."""

    state: ControlState


# supervisor -> brain


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Put a level of the control table to a value."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class NudgeLevel:
    """Change a level by so many key presses."""

    name: str
    presses: int


@dataclass(frozen=True, slots=True)
class ChooseGenre:
    """Change to the n-th genre of the model's list, from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class Fill:
    """Play a fill to the next bar line."""


# player -> supervisor


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the status line shows of the player, true at the moment it was made.

    `late` counts note-ons sent more than `LATE_SECONDS` behind their deadline, `dropped` those
    too stale to play, `bad_input` messages that were no MIDI, `rung_steps` the steps played from
    each rung of the ladder. `link` is the condition of the session that we lead, None where we lead
    none; `outputs` and `inputs` are names with theirs.
    """

    clock: str
    clock_condition: ClockCondition
    link: ClockCondition | None
    transport: Transport
    timeline: Timeline
    tick: int
    ratio: Ratio
    rung: Rung
    late: int
    dropped: int
    bad_input: int
    rung_steps: tuple[int, int, int, int]
    outputs: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]


LATE_SECONDS = 0.005
