from dataclasses import replace

import pytest

from polyrhythmia_live.control.answers import answer
from polyrhythmia_live.messages import (
    Applied,
    Choose,
    ClockCondition,
    ClockState,
    Command,
    Fire,
    NudgeLevel,
    SetLevel,
    Unchanged,
)
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from tests.control.test_status_line import PLAYING, SNAPSHOT

HERE = 21
"""The step after the one that sounds in `SNAPSHOT`."""
FOLLOWER = replace(
    PLAYING, clock="midi", clock_condition=ClockCondition(ClockState.LOCKED, "locked")
)


def obeyed(command: Command, step: int = HERE) -> str:
    applied = Applied(command, "drums", step, step * TICKS_PER_STEP)
    return answer(applied, SNAPSHOT, MeterMap())


def test_a_level_is_answered_with_its_value() -> None:
    assert obeyed(NudgeLevel("intensity", 1)) == "intensity 50%"
    assert obeyed(NudgeLevel("guidance", 1)) == "guidance 0.00"
    assert obeyed(SetLevel("humanise", 1.0)) == "humanise 100%"


def test_what_the_line_shows_anyway_needs_no_answer() -> None:
    for command in (SetLevel("density", 0.5), NudgeLevel("tempo", 1), Choose("genre", 2)):
        assert obeyed(command) == ""


def test_what_holds_from_a_later_bar_line_says_which() -> None:
    assert obeyed(Fire("half time"), 32) == "half time at 3.1"
    assert obeyed(Fire("panic")) == "panic"
    assert obeyed(Choose("genre", 2), 32) == "jazz at 3.1"


def test_a_ramp_says_where_it_leads() -> None:
    assert obeyed(SetLevel("tempo", 140.0, bars=8)) == "to 140.0 bpm over 8 bars"


def test_a_fill_is_shown_as_what_is_to_come_and_not_twice() -> None:
    assert obeyed(Fire("fill")) == obeyed(Fire("break"), 32) == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Fire("play/stop"), "play/stop: the MIDI clock leads"),
        (NudgeLevel("tempo", 1), "tempo: the MIDI clock leads"),
        (Fire("end on one"), "end on one: the MIDI clock leads"),
        (NudgeLevel("density", 1), "density 25%: no further"),
        (SetLevel("density", 0.25), "density 25%"),
        (SetLevel("density", 0.9), "density 25%: turn the knob there to take hold"),
        (Choose("genre", 2), "jazz already"),
        (Fire("fill"), "fill already"),
    ],
)
def test_a_key_that_does_nothing_says_why(command: Command, why: str) -> None:
    following = replace(SNAPSHOT, status=FOLLOWER)
    assert answer(Unchanged(command), following, MeterMap()) == why


def test_where_nobody_leads_there_is_nothing_to_end() -> None:
    assert (
        answer(Unchanged(Fire("end on one")), SNAPSHOT, MeterMap()) == "end on one: nothing plays"
    )
