"""The status line: one line that is always true."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.messages import (
    Applied,
    ClockState,
    Fire,
    PortState,
    PortStatus,
    Rung,
    Snapshot,
    Status,
)
from polyrhythmia_live.midi.base import DATA_MAX
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Transport

SHOWN_LEVELS = ("genre", "temperature", "density")
"""The levels that are always on the line."""

HEIGHTS = "·▁▂▃▄▅▆▇█"
"""A rest, and hits from the softest to the loudest."""

RUNG_NAMES = {
    Rung.PLAN: "plan",
    Rung.LAST_BAR: "REPEATING the last bar",
    Rung.GROOVE: "GROOVE from the preset",
    Rung.LAST_RESORT: "KICK AND HAT",
}


def position(tick: int, meters: MeterMap) -> str:
    """bar.beat, both from 1; beats are the meter's own counts. A count-in comes before bar 1."""
    step = tick // TICKS_PER_STEP
    beat = meters.meter_at(step).count_at(meters.step_in_bar(step))
    return f"{meters.bar_of(step) + 1}.{beat + 1}"


def status_line(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """Source, tempo, position, genre, temperature, density, rung and late events, in one line.

    After the rung it says what the latest command did, while that is news. What should be 0 and
    is not follows: dropped notes, steps that no plan was there for, input that was no MIDI or meant
    nothing to the clock, knobs that the brain could not follow, and what a port that is open has
    lost; then what the supervisor has to say. Where `columns` leave room, the bar that sounds and
    the one that comes are drawn at the end.
    """
    status = snapshot.status
    if status is None:
        return snapshot.trouble or "starting"
    rolling = status.transport is Transport.ROLLING
    controls = ControlState.of(snapshot.levels)
    parts = [
        "▶" if rolling else "■",
        _clock(status),
        f"{status.timeline.tempo_bpm:.1f} bpm",
        position(status.tick, meters),
        *_ratio(status),
        controls.genre_name,
        f"T {controls.temperature:.2f}",
        f"density {controls.density:.0%}",
        RUNG_NAMES[status.rung] if rolling else "stopped",
        *_news(snapshot.applied, controls, status, meters),
        f"late {status.late}",
    ]
    parts += _faults(status)
    parts += [said for port in (*status.outputs, *status.inputs) for said in _port(port)]
    if snapshot.trouble:
        parts.append(snapshot.trouble)
    for outlook in snapshot.outlooks if rolling else ():
        picture = f"{bar_picture(outlook.sounding)} {bar_picture(outlook.coming)}"
        if len("  ".join([*parts, picture])) <= columns:
            parts.append(picture)
    return "  ".join(parts)


def bar_picture(steps: Sequence[Step]) -> str:
    """A bar as a row of signs, one for each step: the higher, the louder its loudest hit."""
    loudest = (max((hit.velocity for hit in step.hits), default=0) for step in steps)
    return "".join(HEIGHTS[-(-velocity * (len(HEIGHTS) - 1) // DATA_MAX)] for velocity in loudest)


def _news(
    applied: Applied | None, controls: ControlState, status: Status, meters: MeterMap
) -> list[str]:
    """What the latest command did, where nothing else on the line says it.

    From where on a voice obeys a trigger: in the clock's bars, so not while the voice has others.
    And a level that is not on the line.
    """
    if applied is None or applied.voice is None:
        return []
    name = applied.command.name
    if isinstance(applied.command, Fire):
        place = f" from {position(applied.tick, meters)}" if status.ratio == NORMAL_TIME else ""
        return [f"{name}{place}"]
    if name in SHOWN_LEVELS:
        return []
    value = getattr(controls, name)
    return [f"{name} {value:.0%}" if LEVELS[name].unit == "%" else f"{name} {value:.2f}"]


def _ratio(status: Status) -> list[str]:
    return [] if status.ratio == NORMAL_TIME else [status.ratio.in_words]


def _faults(status: Status) -> list[str]:
    bad_input = sum(port.refused for port in status.inputs)
    faults = {
        f"dropped {status.dropped}": status.dropped,
        f"{sum(status.rung_steps[1:])} steps unplanned": sum(status.rung_steps[1:]),
        f"bad input {bad_input}": bad_input,
        f"{status.unknown} unknown controls": status.unknown,
        f"clock ignored {status.clock_ignored}": status.clock_ignored,
        f"knobs dropped {status.brain_dropped}": status.brain_dropped,
    }
    return [words for words, count in faults.items() if count]


def _clock(status: Status) -> str:
    """The source, what it is doing where there is something to say, and the session we lead."""
    words = [status.clock]
    if status.clock_condition.state is not ClockState.FREE:
        words.append(status.clock_condition.words)
    if status.link is not None:
        words.append(f"→ link {status.link.words}")
    return " ".join(words)


def _port(port: PortStatus) -> list[str]:
    """Why a port is silent, in the first few words; or what an open one has lost."""
    if port.condition.state is not PortState.OPEN:
        return [f"{port.name}: {port.condition.brief}"]
    return [f"{port.name}: {port.dropped} lost"] if port.dropped else []
