"""The status line: one line that is always true."""

from __future__ import annotations

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.messages import ClockState, Rung, Status
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Transport

RUNG_NAMES = {
    Rung.PLAN: "plan",
    Rung.LAST_BAR: "REPEATING the last bar",
    Rung.GROOVE: "GROOVE from the preset",
    Rung.KICK_AND_HAT: "KICK AND HAT",
}


def position(tick: int, meters: MeterMap) -> str:
    """bar.beat, both from 1; beats are the meter's own counts. A count-in comes before bar 1."""
    step = tick // TICKS_PER_STEP
    beat = meters.meter_at(step).count_at(meters.step_in_bar(step))
    return f"{meters.bar_of(step) + 1}.{beat + 1}"


def status_line(
    status: Status | None, controls: ControlState, meters: MeterMap, trouble: str = ""
) -> str:
    """Source, tempo, position, genre, temperature, density, rung and late events, in one line.

    What should be 0 and is not follows: dropped notes, steps that no plan was there for, input
    that was no MIDI.
    `trouble` is what the supervisor has to say (a process that is being started again).
    """
    if status is None:
        return trouble or "starting"
    rolling = status.transport is Transport.ROLLING
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
        f"late {status.late}",
    ]
    parts += _faults(status)
    parts += [f"{name}: {state}" for name, state in _silent_ports(status)]
    if trouble:
        parts.append(trouble)
    return "  ".join(parts)


def _ratio(status: Status) -> list[str]:
    return [] if status.ratio == NORMAL_TIME else [status.ratio.in_words]


def _faults(status: Status) -> list[str]:
    faults = {
        f"dropped {status.dropped}": status.dropped,
        f"{sum(status.rung_steps[1:])} steps unplanned": sum(status.rung_steps[1:]),
        f"bad input {status.bad_input}": status.bad_input,
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


def _silent_ports(status: Status) -> list[tuple[str, str]]:
    """Ports that were asked for and do not sound, with the first few words of why."""
    return [
        (name, condition.split(":")[0])
        for name, condition in (*status.outputs, *status.inputs)
        if condition != "open"
    ]
