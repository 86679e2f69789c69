"""The status line: one line that is always true, and never cut off where it matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from polyrhythmia_live.control.answers import (
    SHOWN_LEVELS,
    answer,
    cue_in_words,
    level_in_words,
    position,
)
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.messages import ClockState, PortState, PortStatus, Rung, Snapshot, Status
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Transport

LEGEND = (
    "the line below: ▶ plays or ■ stopped, what is wrong, what you just did, clock,",
    "tempo, bar.beat, genre, what is to come, levels that moved, what was lost",
)
"""What the line says, in its order; the status line's part of the terminal's `?`."""

BELOW_THE_PLAN = {
    Rung.LAST_BAR: "REPEATING the last bar",
    Rung.GROOVE: "GROOVE from the preset",
    Rung.LAST_RESORT: "KICK AND HAT",
}
"""What is heard while the drummer is not. That all is well needs no word."""

GAP = "  "
CUT = "…"


@dataclass(frozen=True, slots=True)
class _Part:
    """Some words, and how soon they are dropped where there is no room: the highest rank first."""

    words: str
    rank: int


TROUBLE, SONG, ANSWER, SOURCE, CUES, GENRE, LOST, LEVEL, RARE = range(9)
"""The ranks of the parts. Trouble and the song's place are never dropped."""

NOTHING_SOUNDS = "nothing sounds"


def status_line(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """Trouble, the latest answer, clock, tempo, place, genre, cues, levels that moved, and losses.

    What does not fit into `columns` is dropped whole, lesser things first. Only trouble that is
    longer than a line is cut. What was lost is counted where it is not 0: dropped and late notes,
    steps that no plan was there for, input that was no MIDI or meant nothing.
    """
    status = snapshot.status
    if status is None:
        line = snapshot.trouble or "starting"
    else:
        line = _fitting(_parts(snapshot, status, meters), columns)
    return line if len(line) <= columns else line[: columns - 1] + CUT


def _parts(snapshot: Snapshot, status: Status, meters: MeterMap) -> list[_Part]:
    """All that there is to say, in the order in which it stands on the line."""
    rolling = status.transport is Transport.ROLLING
    controls = ControlState.of(snapshot.levels)
    answers = [words for news in snapshot.answers if (words := answer(news, snapshot, meters))][:1]
    ratio = "" if status.ratio == NORMAL_TIME else status.ratio.in_words
    said: list[tuple[int, Iterable[str]]] = [
        (TROUBLE, ["▶" if rolling else "■ stopped", snapshot.trouble]),
        (TROUBLE, [BELOW_THE_PLAN.get(status.rung, "") if rolling else ""]),
        (TROUBLE, _troubled_ports(status)),
        (LOST, _failed_ports(status)),
        (ANSWER, answers),
        (SOURCE if _is_well(status) else TROUBLE, [_clock(status)]),
        (SONG, [LEVELS["tempo"].written(status.timeline.tempo_bpm)]),
        (SONG, [position(snapshot.tick, meters)]),
        (CUES, [words for words in [ratio] if words not in " ".join(answers)]),
        (GENRE, [controls.genre_name]),
        (CUES, _cues(snapshot, meters) if rolling else []),
        (LEVEL, _levels(controls)),
        (LOST, _serious_losses(status)),
        (RARE, _rare_losses(status)),
    ]
    return [_Part(words, rank) for rank, each in said for words in each if words]


def _fitting(parts: list[_Part], columns: int) -> str:
    """The line without what it has no room for; of equal rank, the last is dropped first."""
    kept = list(parts)
    while len(line := GAP.join(part.words for part in kept)) > columns:
        rank = max(part.rank for part in kept)
        if rank <= SONG:
            break
        kept.remove([part for part in kept if part.rank == rank][-1])
    return line


def _cues(snapshot: Snapshot, meters: MeterMap) -> list[str]:
    tick = snapshot.tick
    return [
        cue_in_words(cue.name, cue.first, cue.end, tick, meters)
        for cue in snapshot.cues
        if tick < cue.end * TICKS_PER_STEP
    ]


def _levels(controls: ControlState) -> list[str]:
    """Density, and what else is not as usual."""
    return [
        level_in_words(name, controls)
        for name in DRUMMER_LEVELS
        if name in SHOWN_LEVELS or getattr(controls, name) != LEVELS[name].default
    ]


def _serious_losses(status: Status) -> list[str]:
    unplanned = sum(status.rung_steps[1:])
    return [
        _counted("dropped {}", status.dropped),
        _counted("{} steps unplanned", unplanned),
        *(
            f"{port.name}: {port.dropped} lost"
            for port in _ports(status)
            if port.condition.state is PortState.OPEN and port.dropped
        ),
    ]


def _rare_losses(status: Status) -> list[str]:
    return [
        _counted("late {}", status.late),
        _counted("bad input {}", sum(port.refused for port in status.inputs)),
        _counted("{} unknown controls", status.unknown),
        _counted("clock ignored {}", status.clock_ignored),
        _counted("knobs dropped {}", status.brain_dropped),
    ]


def _counted(words: str, count: int) -> str:
    return words.format(count) if count else ""


def _is_well(status: Status) -> bool:
    unwell = (ClockState.HOLDOVER, ClockState.DOUBLED, ClockState.OUT_OF_RANGE, ClockState.ECHO)
    return status.clock_condition.state not in unwell


def _clock(status: Status) -> str:
    """The source, what it is doing where there is something to say, and the session we lead."""
    words = [status.clock]
    if status.clock_condition.state is not ClockState.FREE:
        words.append(status.clock_condition.words)
    if status.link is not None:
        words.append(f"→ link {status.link.words}")
    return " ".join(words)


def _ports(status: Status) -> tuple[PortStatus, ...]:
    return (*status.outputs, *status.inputs)


def _troubled_ports(status: Status) -> list[str]:
    """The ports that are silent and may sound again, and why, in a few words."""
    well = (PortState.OPEN, PortState.FAILED)
    return [_silent(port) for port in _ports(status) if port.condition.state not in well]


def _failed_ports(status: Status) -> list[str]:
    """The ports that cannot be opened: never heard, and said in full above the line."""
    outputs = [port.condition.state for port in status.outputs]
    if outputs and all(state is PortState.FAILED for state in outputs):
        return [NOTHING_SOUNDS]
    return [_silent(it) for it in _ports(status) if it.condition.state is PortState.FAILED]


def _silent(port: PortStatus) -> str:
    return f"{port.name}: {port.condition.brief}"
