"""The status line: one line that is always true, and never cut off where it matters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from polyrhythmia_live.control.answers import (
    LEADERS,
    MORPHING,
    SHOWN_LEVELS,
    answer,
    genre_in_words,
    level_in_words,
    position,
    section_in_words,
    song_in_words,
    sounding_ratio,
    to_come,
)
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.control.columns import columns_of, cut_to, on_one_line
from polyrhythmia_live.control.mixed import mix_in_words
from polyrhythmia_live.control.together import meeting_in_words, voices_in_words
from polyrhythmia_live.messages import ClockState, PortState, PortStatus, Rung, Snapshot, Status
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Transport

LEGEND = (
    "22% or sure 22%, above the end of the coming bar: how sure the drummer is of it",
    "the line below: ▶ plays or ■ stopped, what is wrong, what you just did, clock,",
    "tempo, bar.beat, genre, what is to come, levels that moved, what was lost",
)
"""What no name explains, the ruler's end and the line in its order; part of the terminal's `?`."""

BELOW_THE_PLAN = {
    Rung.LAST_BAR: "REPEATING the last bar",
    Rung.GROOVE: "GROOVE from the preset",
    Rung.LAST_RESORT: "KICK AND HAT",
}
"""What is heard while the drummer is not. That all is well needs no word."""

GAP = "  "
SHORT_COLUMNS = 24
"""What trouble is cut to where an answer needs the room."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Some words, and how soon they are dropped where there is no room: the highest rank first.

    Trouble has a `short` form instead; where several make one, the others have none.
    """

    words: str
    rank: int
    short: str = ""


SONG, ANSWER, TROUBLE, SOURCE, CUES, GENRE, LOST, LEVEL, RARE = range(9)
"""The ranks of the parts. The song's place, and the answer to the latest key, are never dropped."""

SHORTENED_BEFORE = GENRE
"""Trouble is put shortly before anything of this rank, or a lower one, is dropped."""

NOTHING_SOUNDS = "nothing sounds"


def status_line(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """Trouble, the latest answer, clock, tempo, place, genre, cues, levels that moved, and losses.

    What does not fit into `columns` is dropped whole, lesser things first. Trouble is put shortly
    then, and cut only where it alone is longer than a line. What was lost is counted where it is
    not 0: dropped and late notes, steps that no plan was there for, input that was no MIDI or meant
    nothing.
    """
    status = snapshot.status
    if status is None:
        line = snapshot.trouble or "starting"
    else:
        line = _fitting(_parts(snapshot, status, meters), columns)
    return cut_to(on_one_line(line), columns)


def news_line(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """The same for a screen that shows the song, its clock and all levels elsewhere: what is left.

    Trouble, the latest answer, what is to come, and losses.
    """
    status = snapshot.status
    if status is None:
        return status_line(snapshot, meters, columns)
    elsewhere = (SONG, SOURCE, GENRE, LEVEL)
    parts = [it for it in _parts(snapshot, status, meters) if it.rank not in elsewhere]
    return cut_to(on_one_line(_fitting(parts, columns)), columns)


def _parts(snapshot: Snapshot, status: Status, meters: MeterMap) -> list[_Part]:
    """All that there is to say, in the order in which it stands on the line."""
    rolling = status.transport is Transport.ROLLING
    controls = ControlState.of(snapshot.levels)
    latest = None if snapshot.remark else next(iter(snapshot.answers), None)
    said = snapshot.remark if latest is None else answer(latest, snapshot)
    asked = "" if latest is None else latest.command.name
    ratio = sounding_ratio(status)
    genre, clock = genre_in_words(snapshot, meters), clock_in_words(status)

    def answered(name: str, otherwise: int) -> int:
        """The rank of what answers the latest command, where it is of this name."""
        return ANSWER if name == asked else otherwise

    parts = [
        _Part("▶" if rolling else "■ stopped", SONG),
        *_in_trouble([snapshot.trouble, BELOW_THE_PLAN.get(status.rung, "") if rolling else ""]),
        *_troubled_ports(status),
        *_in_trouble(["density 0%: nothing is played"] if controls.density == 0 else []),
        *_in_trouble(["drums muted"] if status.mix.silent and said != "drums muted" else []),
        *(_Part(words, LOST) for words in _failed_ports(status)),
        _Part(said, ANSWER),
        *([_Part(clock, SOURCE)] if _is_well(status) else _in_trouble([clock])),
        _Part(tempo_in_words(status), SONG),
        _Part(position(snapshot.tick, meters), SONG),
        _Part("" if ratio == NORMAL_TIME else ratio.in_words, CUES),
        _Part(song_in_words(snapshot), LEVEL),
        _Part(section_in_words(snapshot, meters), CUES),
        _Part(genre, ANSWER if asked in ("genre", *MORPHING) else GENRE),
        *(_Part(words, answered(name, CUES)) for name, words in to_come(snapshot, meters)),
        _Part(meeting_in_words(snapshot, meters), answered("voice", CUES)),
        _Part(voices_in_words(status.parts), RARE),
        *(_Part(it, answered(name, LEVEL)) for name, it in _levels(controls) if it != said),
        *(_Part(it, answered(name, LEVEL)) for name, it in mix_in_words(snapshot) if it != said),
        *(_Part(words, LOST) for words in _serious_losses(status)),
        *(_Part(words, RARE) for words in _rare_losses(status)),
    ]
    return [part for part in parts if part.words]


def _fitting(parts: list[_Part], columns: int) -> str:
    """The line without what it has no room for, and with trouble put shortly rather than that."""
    line = _dropping(parts, columns, above=SHORTENED_BEFORE)
    if columns_of(line) <= columns:
        return line
    short = [part for part in parts if part.rank != TROUBLE or part.short]
    return _dropping([_shortened(part) for part in short], columns, above=TROUBLE)


def _dropping(parts: list[_Part], columns: int, above: int) -> str:
    """The line without what has no room, of ranks above one; of equal rank, the last goes first."""
    kept = list(parts)
    while columns_of(line := GAP.join(part.words for part in kept)) > columns:
        rank = max(part.rank for part in kept)
        if rank <= above:
            break
        kept.remove([part for part in kept if part.rank == rank][-1])
    return line


def _shortened(part: _Part) -> _Part:
    return _Part(part.short, TROUBLE) if part.rank == TROUBLE else part


def _in_trouble(words: Iterable[str]) -> list[_Part]:
    """Trouble, and the beginning of it as its short form."""
    return [
        _Part(it, TROUBLE, cut_to(re.split(r" \(|[,:;] ", it)[0], SHORT_COLUMNS)) for it in words
    ]


def tempo_in_words(status: Status) -> str:
    """The tempo; and the one that it is on its way to."""
    now, target = (LEVELS["tempo"].written(it) for it in
                   (status.timeline.tempo_bpm, status.target_bpm))  # fmt: skip
    return now if now == target else f"{now.removesuffix(' bpm')} → {target}"


def _levels(controls: ControlState) -> list[tuple[str, str]]:
    """Density, and what else is not as usual: the level's name, and the words for it."""
    return [
        (name, level_in_words(name, controls))
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
    """Whether the clock is there, there once, and another's."""
    state = status.clock_condition.state
    gone = state is ClockState.FREE and status.clock in LEADERS
    unwell = (ClockState.HOLDOVER, ClockState.DOUBLED, ClockState.OUT_OF_RANGE, ClockState.ECHO)
    return not gone and state not in unwell


def clock_in_words(status: Status) -> str:
    """The source, what it is doing where there is something to say, and the session we lead."""
    words = [status.clock]
    if status.clock_condition.state is not ClockState.FREE:
        words.append(status.clock_condition.words)
    elif status.clock in LEADERS:
        words.append("clock gone, at our own tempo")
    if status.link is not None:
        words.append(f"→ link {status.link.words}")
    return " ".join(words)


def _ports(status: Status) -> tuple[PortStatus, ...]:
    return (*status.outputs, *status.inputs)


def _troubled_ports(status: Status) -> list[_Part]:
    """The ports that are silent and may sound again, and why, in a few words."""
    well = (PortState.OPEN, PortState.FAILED)
    troubled = [port for port in _ports(status) if port.condition.state not in well]
    missing = all(port.condition.state is PortState.ABSENT for port in troubled)
    doing = "missing" if missing else "silent"
    who = f"{len(troubled)} ports" if len(troubled) > 1 else "".join(it.name for it in troubled)
    short = f"{cut_to(who, SHORT_COLUMNS - 1 - len(doing))} {doing}"
    return [_Part(_silent(it), TROUBLE, "" if n else short) for n, it in enumerate(troubled)]


def _failed_ports(status: Status) -> list[str]:
    """The ports that could not be opened: not heard so far, and said in full above the line."""
    outputs = [port.condition.state for port in status.outputs]
    if outputs and all(state is PortState.FAILED for state in outputs):
        return [NOTHING_SOUNDS]
    return [_silent(it) for it in _ports(status) if it.condition.state is PortState.FAILED]


def _silent(port: PortStatus) -> str:
    return f"{port.name}: {port.condition.brief}"
