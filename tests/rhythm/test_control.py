from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS, DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.rhythm.control import Curve, Level


def test_every_name_cc_and_key_means_one_thing() -> None:
    names = [control.name for control in CONTROLS]
    ccs = [cc for c in CONTROLS for cc in ([c.cc] if isinstance(c, Level) else c.ccs) if cc]
    keys = [key for control in CONTROLS for key in control.keys or ()]
    for entries in (names, ccs, keys):
        assert len(entries) == len(set(entries))


def test_the_knobs_that_every_controller_reaches_are_where_the_readme_says() -> None:
    assert {level.name: level.cc for level in LEVELS.values() if level.cc} == {
        "genre": 20,
        "density": 21,
        "temperature": 22,
        "intensity": 23,
        "complexity": 24,
        "humanise": 25,
        "stability": 26,
        "tempo": 27,
        "guidance": 28,
        "fills": 29,
    }


@given(st.floats(0, 1))
def test_a_knob_reaches_its_whole_range_and_nothing_else(position: float) -> None:
    for level in LEVELS.values():
        if level.curve is not Curve.CHOICE:
            value = level.from_unit(position)
            assert abs(level.clamp(value) - value) < 1e-9
            assert abs(level.from_unit(0.0) - level.low) < 1e-9
            assert abs(level.from_unit(1.0) - level.high) < 1e-9


@given(st.integers(-1000, 1000))
def test_keys_never_leave_the_range(presses: int) -> None:
    for level in LEVELS.values():
        assert level.low <= level.nudged(level.default, presses) <= level.high


def test_the_middle_of_the_temperature_knob_is_the_model_as_trained() -> None:
    assert abs(LEVELS["temperature"].from_unit(0.5) - 1.0) < 1e-9


@pytest.mark.parametrize("name", ["density", "intensity", "complexity", "stability"])
def test_the_middle_of_a_knob_that_knows_more_and_less_is_the_usual(name: str) -> None:
    level = LEVELS[name]
    assert level.default == level.from_unit(0.5) == 0.5


def test_every_level_of_the_drummer_is_held_at_its_default_until_it_is_turned() -> None:
    state = ControlState(genre=(("rock", 1.0),))
    held = {field.name for field in fields(state)} - {"genre", "top_k", "top_p"}
    assert set(DRUMMER_LEVELS) == held
    for name in DRUMMER_LEVELS:
        assert getattr(state, name) == LEVELS[name].default
        assert getattr(state.with_level(name, 0.75), name) == 0.75


def test_a_level_out_of_range_is_put_to_its_end() -> None:
    state = ControlState(genre=(("rock", 1.0),)).with_level("density", 3.0)
    assert state.density == 1.0
