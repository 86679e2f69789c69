"""The status line: one line that is always true, and never cut off where it matters."""

from __future__ import annotations

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
    parts = [_Part(words, TROUBLE) for words in (snapshot.trouble,) if words]
    if snapshot.status is not None:
        parts = _parts(snapshot, snapshot.status, parts, meters)
    line = _fitting(parts or [_Part("starting", TROUBLE)], columns)
    return line if len(line) <= columns else line[: columns - 1] + CUT


def _parts(
    snapshot: Snapshot, status: Status, trouble: list[_Part], meters: MeterMap
) -> list[_Part]:
    rolling = status.transport is Transport.ROLLING
    controls = ControlState.of(snapshot.levels)
    below = BELOW_THE_PLAN.get(status.rung) if rolling else None
    answers = (answer(news, snapshot, meters) for news in snapshot.answers)
    cues = (
        cue_in_words(cue.name, cue.first, cue.end, snapshot.tick, meters)
        for cue in snapshot.cues
        if rolling and snapshot.tick < cue.end * TICKS_PER_STEP
    )
    named = {
        ANSWER: (words for words in answers if words),
        CUES: cues,
        LEVEL: (
            level_in_words(name, controls)
            for name in DRUMMER_LEVELS
            if name in SHOWN_LEVELS or getattr(controls, name) != LEVELS[name].default
        ),
    }
    of = {rank: [_Part(words, rank) for words in said] for rank, said in named.items()}
    return [
        _Part("▶" if rolling else "■ stopped", TROUBLE),
        *trouble,
        *([_Part(below, TROUBLE)] if below else []),
        *_silent(status),
        *of[ANSWER][:1],
        _Part(_clock(status), SOURCE if _is_well(status) else TROUBLE),
        _Part(LEVELS["tempo"].written(status.timeline.tempo_bpm), SONG),
        _Part(position(snapshot.tick, meters), SONG),
        *([] if status.ratio == NORMAL_TIME else [_Part(status.ratio.in_words, CUES)]),
        _Part(controls.genre_name, GENRE),
        *of[CUES],
        *of[LEVEL],
        *_losses(status),
    ]


def _fitting(parts: list[_Part], columns: int) -> str:
    """The line without what it has no room for; of equal rank, the last is dropped first."""
    kept = list(parts)
    while len(line := GAP.join(part.words for part in kept)) > columns:
        rank = max(part.rank for part in kept)
        if rank <= SONG:
            break
        kept.remove([part for part in kept if part.rank == rank][-1])
    return line


def _losses(status: Status) -> list[_Part]:
    unplanned = sum(status.rung_steps[1:])
    bad_input = sum(port.refused for port in status.inputs)
    serious = {
        f"dropped {status.dropped}": status.dropped,
        f"{unplanned} steps unplanned": unplanned,
        **{f"{port.name}: {port.dropped} lost": port.dropped for port in _open(status)},
    }
    rare = {
        f"late {status.late}": status.late,
        f"bad input {bad_input}": bad_input,
        f"{status.unknown} unknown controls": status.unknown,
        f"clock ignored {status.clock_ignored}": status.clock_ignored,
        f"knobs dropped {status.brain_dropped}": status.brain_dropped,
    }
    return [
        _Part(words, rank)
        for rank, losses in ((LOST, serious), (RARE, rare))
        for words, count in losses.items()
        if count
    ]


def _is_well(status: Status) -> bool:
    return status.clock_condition.state not in (ClockState.HOLDOVER, ClockState.DOUBLED)


def _clock(status: Status) -> str:
    """The source, what it is doing where there is something to say, and the session we lead."""
    words = [status.clock]
    if status.clock_condition.state is not ClockState.FREE:
        words.append(status.clock_condition.words)
    if status.link is not None:
        words.append(f"→ link {status.link.words}")
    return " ".join(words)


def _open(status: Status) -> list[PortStatus]:
    ports = (*status.outputs, *status.inputs)
    return [port for port in ports if port.condition.state is PortState.OPEN]


def _silent(status: Status) -> list[_Part]:
    """The ports that are silent, and why in a few words; all of them stand above the line.

    One that cannot be opened was never heard: that is no trouble, unless all are like that.
    """
    failed = [port for port in status.outputs if port.condition.state is PortState.FAILED]
    if failed and len(failed) == len(status.outputs):
        return [_Part(NOTHING_SOUNDS, TROUBLE)]
    return [
        _Part(
            f"{port.name}: {port.condition.words.split(': ')[0]}",
            LOST if port.condition.state is PortState.FAILED else TROUBLE,
        )
        for port in (*status.outputs, *status.inputs)
        if port.condition.state is not PortState.OPEN
    ]
