"""What passes between the processes: frozen values over pipes, and nothing else.

The brain plans (`Plan`, `Standby`), the player says where the song is and what sounded (`Moved`,
`Committed`). A performer's `Command` goes straight to the process that obeys it, which answers with
`Applied`. `Status` and `Controls` say how things stand.

The song has one *epoch* per stretch of uninterrupted positions: every start, stop and locate
begins a new one, and a plan that was made for an older epoch is void.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from polyrhythmia_live.rhythm.bar import Hits, Step
from polyrhythmia_live.rhythm.control import Level, Levels
from polyrhythmia_live.rhythm.mix import UNMIXED, Mix
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

DRUMS = "drums"
"""The first voice: every performance has it, and it has every lane that no other one has."""

VOICES_MAX = 4
"""The first one counted."""


class Rung(enum.IntEnum):
    """The never-miss ladder: where a step's hits came from, best first."""

    PLAN = 0
    LAST_BAR = 1
    GROOVE = 2
    LAST_RESORT = 3


class ClockState(enum.Enum):
    """What a clock is doing, or the session that follows ours."""

    FREE = "free"
    """It follows nobody."""
    WAITING = "waiting"
    """Nothing has been heard, and nothing plays."""
    LOCKING = "locking"
    LOCKED = "locked"
    OUT_OF_RANGE = "out of range"
    """Slower or faster than can be played: from pulse to pulse the nearest tempo is taken."""
    DOUBLED = "doubled"
    """More pulses come than one sender has places for."""
    ECHO = "echo"
    """What comes in is what we send, on its way back: the song goes on at its own tempo."""
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
    """Steps for a voice to play in this epoch; each replaces what was planned for its index.

    Steps that are already committed are left alone.
    """

    voice: str
    epoch: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Standby:
    """What a voice plays if the song starts from step 0: a start must not wait for the brain.

    It may come in several messages of one serial; a new serial replaces the one before.
    `serial` comes back in `Moved`, so that the brain knows which take the player is on.
    """

    voice: str
    serial: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """What a voice's set list wants of the song from the step `step` of this epoch on.

    A tempo, or (None) that it ends there.
    """

    voice: str
    epoch: int
    step: int
    tempo_bpm: float | None


# the performer -> whoever obeys: values made from the control table, stamped where they arrived


class Press(enum.Enum):
    """What became of a pad, pedal or key: a key of a terminal is never held."""

    TAP = "tap"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Put a level of the control table to a value: at once, or (tempo) evenly over so many bars.

    `passing` is the way that a knob has come; None = wherever the level stands. `at_seconds`, here
    and below, is the moment of its byte or key on the monotonic clock; 0.0 where there was none.
    `lane`: whose level it is, where each has its own; empty = the whole voice's.
    """

    name: str
    value: float
    at_seconds: float = 0.0
    bars: int = 0
    passing: tuple[float, float] | None = None
    lane: str = ""

    def moved(self, _: Level, now: float) -> float | None:
        """Where the level stands next, if it stands at `now`; None where it is left alone.

        A knob takes hold of a level that it passes, or holds already, and lets others be: it
        would make them jump.
        """
        held = self.passing is None or self.passing[0] <= now <= self.passing[1]
        return self.value if held else None


@dataclass(frozen=True, slots=True)
class NudgeLevel:
    """Change a level by so many key presses: at once, or (tempo) evenly over so many bars."""

    name: str
    presses: int
    at_seconds: float = 0.0
    bars: int = 0
    lane: str = ""

    def moved(self, level: Level, now: float) -> float:
        """As `SetLevel.moved`."""
        return level.nudged(now, self.presses)


@dataclass(frozen=True, slots=True)
class ShiftLevel:
    """Change a level by an amount, in its unit: at once, or (tempo) evenly over so many bars."""

    name: str
    amount: float
    at_seconds: float = 0.0
    bars: int = 0
    lane: str = ""

    def moved(self, level: Level, now: float) -> float:
        """As `SetLevel.moved`."""
        return level.clamp(now + self.amount)


@dataclass(frozen=True, slots=True)
class Choose:
    """Put a level that is a choice to the n-th of its entries, from 0."""

    name: str
    index: int
    at_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Fire:
    """Let a trigger of the control table happen; `word` as its row says, empty = none was told."""

    name: str
    at_seconds: float = 0.0
    press: Press = Press.TAP
    word: str = ""


LevelChange = SetLevel | NudgeLevel | ShiftLevel
Command = LevelChange | Choose | Fire


# whoever obeyed -> supervisor -> desk


@dataclass(frozen=True, slots=True)
class Applied:
    """A command was obeyed, and holds from `step` of a voice on, which is `tick` of its song.

    `voice` None = the whole song. In another epoch than `epoch`, that place means nothing.
    `obeyed_at` is the first step that was not committed when it was obeyed, where that need not be
    `step`: who plays the same again asks for it there. `words` say what was done, where the command
    alone does not: `remembered as verse`.
    """

    command: Command
    voice: str | None
    step: int
    tick: int
    epoch: int = 0
    obeyed_at: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A command changed nothing: it is another's to say, or what it asks for is so already.

    `words` say why, where whoever obeys knows more than the command and the screen do.
    """

    command: Command
    words: str = ""


# supervisor -> player; the last two also -> desk


@dataclass(frozen=True, slots=True)
class Quit:
    """End every note and exit."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """End every note, stop who follows us, and play nothing; the song goes on in silence.

    The desk is told as well: whoever asks for something hears why there is no answer.
    """


@dataclass(frozen=True, slots=True)
class Resume:
    """Come in again at the next bar line of the song, if it rolls."""


# player -> brain; player -> supervisor -> desk


@dataclass(frozen=True, slots=True)
class Moved:
    """A voice is elsewhere: a new epoch, whose first uncommitted step is `step_index`.

    `standby` is the serial of the standby plan that was taken over, if one was.
    """

    voice: str
    epoch: int
    step_index: int
    transport: Transport
    tempo_bpm: float
    standby: int | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A voice plays a part from the song's tick `tick` on; one of its name makes way for it."""

    part: Part
    tick: int


@dataclass(frozen=True, slots=True)
class Left:
    """A voice has played up to the song's tick `tick`, and plays no further."""

    voice: str
    tick: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A step of a voice was handed to its wires: its hits sound; the next step is uncommitted.

    `played` are the hits of the drummer, where the mix lets others sound; None = just those. Where
    the mix changes while hits of a step are still to come, the step is committed again. `own` is
    the voice's ratio to the song's beat.
    """

    voice: str
    epoch: int
    step: Step
    rung: Rung
    tempo_bpm: float
    played: Hits | None = None
    own: Ratio = NORMAL_TIME


# player or brain -> supervisor


@dataclass(frozen=True, slots=True)
class Failed:
    """The process cannot do its work as configured, and ends; one line for the performer."""

    reason: str


# brain, desk or lights -> supervisor

LIFE_SECONDS = 1.0
"""How often they say that they are at work."""


@dataclass(frozen=True, slots=True)
class Alive:
    """The process is at work; the player's `Status` says so of itself."""


# brain -> supervisor


@dataclass(frozen=True, slots=True)
class Controls:
    """Where the drummer's levels stand."""

    levels: Levels


# player -> supervisor


class PortState(enum.Enum):
    """What a wire or an input is doing."""

    OPEN = "open"
    ABSENT = "absent"
    """There is no port of that name; it is waited for."""
    SHUNNED = "shunned"
    """It is there, and must not be sent what it would be sent."""
    STILL = "still"
    """Its server stands still, and may go on."""
    GONE = "gone"
    """Its server died."""
    CLOSED = "closed"
    FAILED = "failed"
    """It could not be opened: nothing is there that it could be opened on."""


@dataclass(frozen=True, slots=True)
class PortCondition:
    """What a port is doing, and the words for it that people read."""

    state: PortState
    words: str

    @property
    def brief(self) -> str:
        """The words without what may change from one look to the next, or mends it."""
        return self.words.split(": ")[0]


OPEN = PortCondition(PortState.OPEN, "open")
CLOSED = PortCondition(PortState.CLOSED, "closed")


def absent(there: Iterable[str]) -> PortCondition:
    """The condition of a port that is waited for while there are these others."""
    others = ", ".join(f"'{name}'" for name in there) or "no others"
    return PortCondition(PortState.ABSENT, f"waiting for this port: there are {others}")


@dataclass(frozen=True, slots=True)
class PortStatus:
    """A wire or an input as it is now.

    `dropped` counts the messages that had nowhere to go, `refused` those that were not MIDI.
    `notice` is what the performer should be told of it once.
    """

    name: str
    condition: PortCondition
    dropped: int
    refused: int
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the status line shows of the player, true at the moment it was made.

    `late` counts the note-ons that were sent late, `dropped` those too stale to play, `unknown` the
    control changes that mean nothing, `clock_ignored` the messages that meant nothing to the clock,
    `brain_dropped` the commands that the brain was too busy to take, `rung_steps` the steps played
    from each rung of the ladder. `link` is the condition of the session that we lead, None where we
    lead none. `song` is where the drummer's ticks fall, `timeline` where the clock's do, and `tick`
    where the song is, in the drummer's; negative in a count-in. `epoch` is the song's, and
    `target_bpm` the tempo that a ramp is on its way to, without one that of the clock. `mix` is
    that of the drums. `parts` are what other voices play.
    """

    clock: str
    clock_condition: ClockCondition
    link: ClockCondition | None
    transport: Transport
    timeline: Timeline
    target_bpm: float
    song: Timeline
    tick: int
    epoch: int
    ratio: Ratio
    rung: Rung
    late: int
    dropped: int
    unknown: int
    clock_ignored: int
    brain_dropped: int
    rung_steps: tuple[int, int, int, int]
    outputs: tuple[PortStatus, ...]
    inputs: tuple[PortStatus, ...]
    mix: Mix = UNMIXED
    parts: tuple[Part, ...] = ()


# brain -> supervisor


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that was asked for, by its trigger's name, from the step `first` up to `end`.

    `end` None = until it is released. Where the trigger was told a word, the name has it too.
    """

    name: str
    first: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of genre: before the step `line`, which begins a bar, `genre` is still played."""

    genre: str
    line: int


@dataclass(frozen=True, slots=True)
class SectionNow:
    """The section of a song that sounds: from the step `first` up to `end`, None = until led on.

    `then` is the one that comes after it, empty = none. Without a set list `song` is empty.
    """

    song: str
    name: str
    first: int
    end: int | None
    then: str


@dataclass(frozen=True, slots=True)
class Cues:
    """What a voice was asked for and has not done yet, and where it is in the set list."""

    voice: str
    cues: tuple[Cue, ...]
    turn: Turn | None = None
    section: SectionNow | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """The lanes of a voice, by name, that are played as they were: from the next bar line on."""

    voice: str
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a voice plays: the bar that sounds, and the one that comes, as far as it is planned.

    `confidence` (0..1, to the per cent) says how sure the drummer is of the bar that comes: the
    geometric mean, over its steps, of the probability that the network gave what it drew there, by
    its own odds, before levels and form have bent them. None where nothing is drawn: a bar that
    comes again is sure. `likelihoods` are these probabilities, one for each step of `coming`.
    """

    voice: str
    sounding: tuple[Step, ...]
    coming: tuple[Step, ...]
    confidence: float | None = None
    likelihoods: tuple[float | None, ...] = ()

    @property
    def first_step(self) -> int | None:
        """The index of the first step that is known; None where none is."""
        return next((step.index for step in (*self.sounding, *self.coming)), None)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The names of the grooves that can be recalled, the latest remembered last."""

    names: tuple[str, ...]


# desk or lights -> supervisor; beside this, a performer's commands


@dataclass(frozen=True, slots=True)
class AtWork:
    """It is at work. `trouble` is what it cannot do, in one line; empty = it can do all."""

    trouble: str = ""


# web -> supervisor


@dataclass(frozen=True, slots=True)
class PageAt:
    """The page is there. `lead` and `look` are links to it, for those who play and for those who
    watch; `picture` draws the first for a phone, in lines, where it is not for this machine alone.
    """

    lead: str
    look: str
    picture: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """As people are told it."""
        told = (f"page: {self.lead}", f"to look on only: {self.look}")
        return (*told, self.picture) if self.picture else told


# for every screen; supervisor -> desk


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How everything stands: all that a screen is drawn from.

    `status` None = there is no player at the moment. `outlooks` are the latest of each voice, newer
    ones later: one comes a moment before its bar sounds. `cues` are all that voices were asked for,
    `turn` the genre that one of them is about to leave, `section` where the set list is, `locked`
    the lanes that are. `answers` are what became of the latest commands, the newest first, for as
    long as that is news or still to come. `remembered` are the grooves that can be recalled, by
    name. `remark` is the answer to a key that is no command, where that was pressed last. `trouble`
    is what the supervisor has to say (a process that is being started again). `seconds` is the
    moment on the monotonic clock.
    """

    status: Status | None
    levels: Levels
    outlooks: tuple[Outlook, ...] = ()
    cues: tuple[Cue, ...] = ()
    turn: Turn | None = None
    section: SectionNow | None = None
    locked: tuple[str, ...] = ()
    answers: tuple[Applied | Unchanged, ...] = ()
    remembered: tuple[str, ...] = ()
    remark: str = ""
    trouble: str = ""
    seconds: float = 0.0

    @property
    def tick(self) -> int:
        """Where the song is at this moment: the player's word for it is a little old."""
        status = self.status
        if status is None:
            return 0
        if status.transport is Transport.STOPPED:
            return status.tick
        return max(status.tick, status.song.tick_at(self.seconds))
