"""What became of a command, in the few words that a screen has for it."""

from __future__ import annotations

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState, consumer_of
from polyrhythmia_live.messages import (
    Applied,
    ClockState,
    Command,
    Fire,
    SetLevel,
    Snapshot,
    Status,
    Unchanged,
)
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap

SHOWN_LEVELS = ("genre", "tempo", "density")
"""The levels that are always on the line: they need no answer of their own."""

CUED = ("fill", "break")
"""The triggers that are shown as cues until they are over."""

RATIOS = ("half time", "double time")
"""The triggers whose effect is always on the line; from half time, double time is normal time."""

LEADERS = {"midi": "the MIDI clock", "link": "the Link session"}
"""Who leads, by the name of the clock that follows."""


def position(tick: int, meters: MeterMap) -> str:
    """bar.beat, both from 1; beats are the meter's own counts. A count-in comes before bar 1."""
    step = tick // TICKS_PER_STEP
    beat = meters.meter_at(step).count_at(meters.step_in_bar(step))
    return f"{meters.bar_of(step) + 1}.{beat + 1}"


def answer(news: Applied | Unchanged, snapshot: Snapshot, meters: MeterMap) -> str:
    """What a command did, or why it did nothing; empty where the rest of the line says it.

    A trigger that is obeyed later says where: `half time at 9.1`.
    """
    if isinstance(news, Unchanged):
        return _why_not(news.command, snapshot)
    command, name = news.command, news.command.name
    if isinstance(command, Fire):
        if name in CUED or any(cue.name == name for cue in snapshot.cues):
            return ""
        later = _later(news, snapshot, meters)
        return "" if name in RATIOS and not later else f"{name}{later}"
    if isinstance(command, SetLevel) and command.bars:
        return f"to {LEVELS[name].written(command.value)} over {command.bars} bars"
    controls = ControlState.of(snapshot.levels)
    if name == "genre" and (later := _later(news, snapshot, meters)):
        return f"{controls.genre_name}{later}"
    return "" if name in SHOWN_LEVELS else level_in_words(name, controls)


def level_in_words(name: str, controls: ControlState) -> str:
    """A level of the drummer as it stands: `stability 60%`."""
    return f"{name} {LEVELS[name].written(getattr(controls, name))}"


def cue_in_words(name: str, first: int, end: int, tick: int, meters: MeterMap) -> str:
    """From where on something holds that was asked for, or until where: `fill to 9.1`."""
    if tick < first * TICKS_PER_STEP:
        return f"{name} at {position(first * TICKS_PER_STEP, meters)}"
    return f"{name} to {position(end * TICKS_PER_STEP, meters)}"


def _later(applied: Applied, snapshot: Snapshot, meters: MeterMap) -> str:
    """Where it holds from, where that is a bar line ahead and not the very next step."""
    step = applied.tick // TICKS_PER_STEP
    ahead = applied.tick > snapshot.tick and meters.is_bar_line(step)
    return f" at {position(applied.tick, meters)}" if ahead else ""


def _why_not(command: Command, snapshot: Snapshot) -> str:
    """Why a command changed nothing: it is the leader's to give, or it is so already."""
    name, status = command.name, snapshot.status
    controls = ControlState.of(snapshot.levels)
    if name == "genre":
        return f"{controls.genre_name} already"
    if name in DRUMMER_LEVELS:
        return _as_it_was(command, controls)
    if consumer_of(command) is Consumer.BRAIN:
        return f"{name} already" if name in CUED else f"{name}: nothing to do"
    if status is not None and (leader := _leader(status)):
        return f"{name}: {leader} leads"
    return f"{name}: nothing plays"


def _as_it_was(command: Command, controls: ControlState) -> str:
    """A level at the end of its travel, or a knob that has not come to where the level is."""
    words = level_in_words(command.name, controls)
    value = getattr(controls, command.name)
    if isinstance(command, SetLevel):
        there = LEVELS[command.name].clamp(command.value) == value
        return words if there else f"{words}: turn the knob there to take hold"
    return f"{words}: no further"


def _leader(status: Status) -> str:
    """Who leads us; nobody leads a clock that is free, or hears but itself."""
    if status.clock_condition.state in (ClockState.FREE, ClockState.ECHO):
        return ""
    return LEADERS.get(status.clock, status.clock)
