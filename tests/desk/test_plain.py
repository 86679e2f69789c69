"""What passes over the socket and into the log is what was meant."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.config import Head
from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.desk.plain import line, plain, valued
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Choose,
    Command,
    Cue,
    Fire,
    NudgeLevel,
    Outlook,
    Press,
    SetLevel,
    ShiftLevel,
    Snapshot,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hit, Step
from tests.control.test_status_line import CONTROLS, PLAYING
from tests.desk.doubles import HEAD

numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.floats(0, 1e6)
levels, triggers = st.sampled_from(sorted(LEVELS)), st.sampled_from(sorted(TRIGGERS))
commands = st.one_of(
    st.builds(SetLevel, levels, numbers, moments, st.integers(0, 99), st.none()),
    st.builds(ShiftLevel, levels, numbers, moments, st.integers(0, 99)),
    st.builds(NudgeLevel, levels, st.integers(-9, 9), moments, st.integers(0, 99)),
    st.builds(Choose, st.just("genre"), st.integers(0, 30), moments),
    st.builds(Fire, triggers, moments, st.sampled_from(Press)),
)
hits = st.builds(
    Hit,
    st.integers(0, 8),
    st.integers(1, 127),
    st.integers(-840, 839),
    st.integers(0, 2),
    st.integers(0, 9999),
)
steps = st.builds(Step, st.integers(0, 10**6), st.lists(hits, max_size=3).map(tuple))
answers = st.one_of(
    st.builds(Applied, commands, st.none() | st.just(DRUMS), st.integers(0), st.integers(0)),
    st.builds(Unchanged, commands),
)


def through_json(hint: Any, value: object) -> object:
    return valued(hint, json.loads(line(it=plain(value)))["it"])


@given(commands)
def test_a_command_comes_out_as_it_went_in(command: Command) -> None:
    assert through_json(Command, command) == command


@given(st.lists(answers, max_size=3), st.lists(steps, max_size=5))
def test_a_snapshot_comes_out_as_it_went_in(
    news: list[Applied | Unchanged], known: list[Step]
) -> None:
    outlook = Outlook(DRUMS, tuple(known), ())
    snapshot = Snapshot(
        PLAYING, CONTROLS.levels, (outlook,), (Cue("fill", 8, 16),), answers=tuple(news)
    )
    assert through_json(Snapshot, snapshot) == snapshot


def test_without_a_player_there_is_no_status() -> None:
    snapshot = Snapshot(None, CONTROLS.levels)
    assert through_json(Snapshot, snapshot) == snapshot


def test_a_performance_begins_as_it_was_written() -> None:
    assert through_json(Head, HEAD) == HEAD


def test_what_is_usual_of_a_command_is_not_said() -> None:
    assert plain(Fire("fill")) == {"fire": "fill"}
    assert plain(SetLevel("tempo", 96.0, bars=4)) == {"set": "tempo", "value": 96.0, "bars": 4}
    assert plain(Hit(0, 100)) == [0, 100]


@pytest.mark.parametrize(
    ("hint", "given"),
    [
        (Hit, [0]),
        (Hit, [0, 128]),
        (Hit, ["0", 1]),
        (Hit, [0, 1, 2, 3, 4, 5]),
        (Step, {"index": "x", "hits": []}),
        (Step, {}),
        (Command, {"dance": "fill"}),
        (Command, {"fire": 3}),
        (Command, {"fire": "fill", "press": "hard"}),
        (Snapshot, []),
        (Snapshot, {"status": 3, "levels": []}),
        (float, True),
        (float, None),
        (bool, 1),
    ],
)
def test_what_is_none_is_refused_in_one_line(hint: Any, given: object) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        valued(hint, given)


def test_what_a_newer_one_says_more_is_passed_over() -> None:
    assert valued(Step, {"index": 3, "hits": [], "colour": "red"}) == Step(3)
