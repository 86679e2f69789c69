"""The status line: one line that is always true."""

from __future__ import annotations

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.messages import PortState, PortStatus, Rung, Status
from polyrhythmia_live.rhythm.feel import Feel
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.timeline import Transport

RUNG_NAMES = {
    Rung.PLAN: "plan",
    Rung.LAST_BAR: "REPEATING the last bar",
    Rung.GROOVE: "GROOVE from the preset",
    Rung.KICK_AND_HAT: "KICK AND HAT",
}


def position(tick: int, meter: Meter) -> str:
    """bar.beat, both from 1; a beat is a quarter note. A count-in comes before bar 1."""
    bar, tick_in_bar = divmod(tick, meter.bar_ticks)
    return f"{bar + 1}.{tick_in_bar // PPQN + 1}"


def status_line(
    status: Status | None, controls: ControlState, meter: Meter, trouble: str = ""
) -> str:
    """Source, tempo, position, genre, temperature, density, rung and late events, in one line.

    What should be 0 and is not follows: dropped notes, steps that no plan was there for, input
    that was no MIDI or meant nothing to the clock, knobs that the brain could not follow, and what
    a port that is open has lost.
    `trouble` is what the supervisor has to say (a process that is being started again).
    """
    if status is None:
        return trouble or "starting"
    rolling = status.transport is Transport.ROLLING
    parts = [
        "▶" if rolling else "■",
        _clock(status),
        f"{status.timeline.tempo_bpm:.1f} bpm",
        position(status.tick, meter),
        *_feel(status),
        controls.genre_name,
        f"T {controls.temperature:.2f}",
        f"density {controls.density:.0%}",
        RUNG_NAMES[status.rung] if rolling else "stopped",
        f"late {status.late}",
    ]
    parts += _faults(status)
    parts += [said for port in (*status.outputs, *status.inputs) for said in _port(port)]
    if trouble:
        parts.append(trouble)
    return "  ".join(parts)


def _feel(status: Status) -> list[str]:
    return [] if status.feel is Feel.NORMAL else [str(status.feel)]


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
    if status.clock_condition != "free":
        words.append(status.clock_condition)
    if status.link:
        words.append(f"→ link {status.link}")
    return " ".join(words)


def _port(port: PortStatus) -> list[str]:
    """Why a port is silent, in the first few words; or what one that is open should not say."""
    if port.condition.state is not PortState.OPEN:
        return [f"{port.name}: {port.condition.words.split(': ')[0]}"]
    return [f"{port.name}: {port.dropped} lost"] if port.dropped else []
