"""Energy: one level over others, and its arcs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.energy import HIGH, REACHES, Arc, energetic
from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.messages import Command, Fire, SetLevel
from polyrhythmia_live.testing.drummers import FOUR_FOUR, IN_FOUR, ROCK, SEED

BAR = FOUR_FOUR.bar_steps


def chart(*commands: Command, step: int = 0, rolling: bool = True) -> Chart:
    asked = Chart(IN_FOUR, ROCK, SEED, ("rock", "jazz"))
    for command in commands:
        asked.obey(command, step, rolling)
    return asked


def energy_at(asked: Chart, bar: float) -> float:
    return asked.controls_at(int(bar * BAR)).energy


def test_energy_in_the_middle_leaves_the_levels_as_they_stand() -> None:
    assert energetic(ROCK) is ROCK


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_energy_is_never_less_of_what_it_moves(level: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    for name in REACHES:
        controls = ROCK.with_level(name, level)
        calm, wild = (
            getattr(energetic(replace(controls, energy=energy)), name) for energy in (low, high)
        )
        assert LEVELS[name].low <= calm <= wild <= LEVELS[name].high


def test_energy_moves_nothing_else() -> None:
    full = energetic(replace(ROCK, energy=1.0))
    moved = {name for name in ControlState.__slots__ if getattr(full, name) != getattr(ROCK, name)}
    assert moved == {*REACHES, "energy"}


def test_energy_arrives_after_so_many_bars_on_the_bar_line() -> None:
    asked = chart(SetLevel("energy", 0.9, bars=16), step=4)
    assert energy_at(asked, 0) == 0.5
    assert 0.5 < energy_at(asked, 8) < energy_at(asked, 16) < 0.9
    assert energy_at(asked, 17) == energy_at(asked, 100) == 0.9


def test_a_rise_holds_and_ends_in_a_bar_of_nothing() -> None:
    asked = chart(Fire("rise"))
    assert [energy_at(asked, bar) for bar in (16, 20, 23.9)] == [HIGH] * 3
    assert energy_at(asked, 24) == 0.5
    silent = [bar for bar in range(30) if asked.place(bar * BAR + 1, 120.0).forbidden]
    assert silent == [24]
    assert [cue.name for cue in asked.cues("drums", 0).cues] == ["drop", "rise"]


def test_a_rise_of_the_performers_length() -> None:
    asked = chart(Fire("rise", word="1"))
    assert energy_at(asked, 0.99) < HIGH
    assert energy_at(asked, 1) == 0.5


def test_a_hand_on_the_energy_ends_its_arc() -> None:
    asked = chart(SetLevel("energy", 0.9, bars=16))
    asked.heard(8 * BAR)
    assert asked.controls.energy == pytest.approx(0.7)
    assert asked.obey(SetLevel("energy", 0.7), 8 * BAR, rolling=True) is not None
    assert energy_at(asked, 16) == asked.controls.energy


def test_what_has_been_reached_is_where_the_level_stands() -> None:
    asked = chart(SetLevel("energy", 1.0, bars=2))
    for step in range(4 * BAR):
        asked.heard(step)
    assert asked.controls.energy == 1.0
    assert asked.cues("drums", 4 * BAR).cues == ()


def test_a_song_that_stands_is_at_its_energy_at_once() -> None:
    assert chart(SetLevel("energy", 0.9, bars=8), rolling=False).controls.energy == 0.9
    assert chart(Fire("rise"), rolling=False).controls == ROCK


@given(
    st.lists(st.tuples(st.integers(0, 200), st.floats(0, 1)), min_size=1, max_size=5).map(sorted),
    st.integers(-10, 210),
)
def test_an_arc_stays_between_its_points(points: list[tuple[int, float]], step: int) -> None:
    energies = [energy for _, energy in points]
    assert min(energies) <= Arc("energy", tuple(points)).at(step) <= max(energies)
