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
        "energy": 30,
        "swing": 70,
        "swing8": 71,
        "fullness": 72,
        "morph": 73,
        "towards": 74,
    }


@given(st.floats(0, 1))
def test_a_knob_reaches_its_whole_travel_and_nothing_else(position: float) -> None:
    for level in LEVELS.values():
        if level.curve is not Curve.CHOICE:
            low, high = level.knob or (level.low, level.high)
            assert low - 1e-9 <= level.from_unit(position) <= high + 1e-9
            assert abs(level.from_unit(0.0) - low) < 1e-9
            assert abs(level.from_unit(1.0) - high) < 1e-9


@pytest.mark.parametrize("text", ["70", "70%", "70 %", "0.7", ".7"])
def test_a_level_in_per_cent_is_written_in_any_way(text: str) -> None:
    assert LEVELS["density"].read(text) == 0.7


SHARES = [it for it in LEVELS.values() if it.unit == "%" and (it.low, it.high) == (0.0, 1.0)]


@pytest.mark.parametrize("level", SHARES)
def test_whole_numbers_are_per_cent_and_those_with_a_point_are_shares(level: Level) -> None:
    for text, value in (("0", 0.0), ("2", 0.02), ("50", 0.5), ("100", 1.0), ("1%", 0.01)):
        assert level.read(text) == value
    for text, value in (("0.02", 0.02), ("0.5", 0.5), ("1.0", 1.0), ("62.5%", 0.625)):
        assert level.read(text) == value


@pytest.mark.parametrize("level", SHARES)
def test_a_lone_one_could_be_either_and_is_asked_about(level: Level) -> None:
    with pytest.raises(ValueError, match=f"expected {level.name} 1% or 100%; got '1'"):
        level.read("1")


def test_a_level_that_is_no_share_may_be_one() -> None:
    assert LEVELS["temperature"].read("1") == LEVELS["guidance"].read("1") == 1.0


@pytest.mark.parametrize("text", ["", "lots", "-1", "101", "1.5", "nan", "7 bpm"])
def test_what_is_no_level_is_answered_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected density 0% to 100%; got"):
        LEVELS["density"].read(text)


def test_a_tempo_may_have_its_unit_and_no_other() -> None:
    assert LEVELS["tempo"].read("96 bpm") == LEVELS["tempo"].read("96") == 96.0
    with pytest.raises(ValueError, match="expected tempo 20 to 320; got '50%'"):
        LEVELS["tempo"].read("50%")


@pytest.mark.parametrize(("text", "change"), [("+10", 0.1), ("-5%", -0.05), ("+0.1", 0.1)])
def test_more_and_less_are_written_in_any_way_too(text: str, change: float) -> None:
    assert LEVELS["density"].read_change(text) == pytest.approx(change)


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


@pytest.mark.parametrize("level", [it for it in LEVELS.values() if it.curve is not Curve.CHOICE])
def test_where_a_knob_stands_for_a_value_is_where_it_puts_the_level_there(level: Level) -> None:
    for position in (0.0, 0.25, 0.5, 1.0):
        assert level.to_unit(level.from_unit(position)) == pytest.approx(position)
    assert (level.to_unit(level.low), level.to_unit(level.high)) == (0.0, 1.0)


def test_a_value_is_written_with_its_unit() -> None:
    written = {name: LEVELS[name].written(LEVELS[name].default) for name in LEVELS}
    assert written["density"] == "50%"
    assert written["tempo"] == "120.0 bpm"
    assert written["temperature"] == "1.00"
