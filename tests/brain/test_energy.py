"""Energy: one level over others, and its arcs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.energy import HIGH, REACHES, Arc, energetic
from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.messages import DRUMS, Applied, Command, Fire, SetLevel
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import FOUR_FOUR, IN_FOUR, ROCK, SEED, DiceDrummer
from polyrhythmia_live.testing.stub_player import StubPlayer

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


def rising() -> StubPlayer:
    """A song in the middle of a rise, bar 4 of 8."""
    player = StubPlayer(Horizon(DiceDrummer(), IN_FOUR, ROCK, SEED))
    player.move(0, Transport.ROLLING)
    player.horizon.receive(Fire("rise", word="8"))
    player.play(4 * BAR)
    assert player.horizon.controls.energy > 0.6
    return player


def heard(player: StubPlayer, bars: int) -> list[Hits]:
    return [step.hits for step in player.play(bars * BAR)]


@pytest.mark.parametrize("step", [4 * BAR, 0, 40 * BAR])
@pytest.mark.parametrize("transport", list(Transport))
def test_a_rise_that_is_cut_short_leaves_no_energy_behind(step: int, transport: Transport) -> None:
    player = rising()
    if step == 4 * BAR and transport is Transport.ROLLING:
        return
    player.move(step, transport)
    player.move(step, Transport.ROLLING)
    assert player.horizon.controls.energy == ROCK.energy
    assert "drop" not in [cue.name for cue in player.horizon.cues().cues]
    assert all(any(bar) for bar in [heard(player, 1) for _ in range(12)]), "no drop comes"
    assert player.horizon.controls == ROCK


def test_a_song_that_ends_in_a_rise_stands_as_calm_as_before() -> None:
    player = rising()
    last = 6 * BAR
    player.horizon.receive(Applied(Fire("outro", 9.0), DRUMS, last, last * 6, player.epoch))
    player.play(2 * BAR + 1)
    player.move(last + 1, Transport.STOPPED)
    assert player.horizon.controls == ROCK


def test_a_stop_ends_a_rise_and_not_a_way_that_energy_was_sent_on_purpose() -> None:
    player = StubPlayer(Horizon(DiceDrummer(), IN_FOUR, ROCK, SEED))
    player.move(0, Transport.ROLLING)
    player.horizon.receive(SetLevel("energy", 0.9, bars=8))
    player.play(4 * BAR)
    energy = player.horizon.controls.energy
    player.move(4 * BAR, Transport.STOPPED)
    assert player.horizon.controls.energy == energy > 0.6


def test_what_is_saved_in_a_rise_is_the_energy_from_before_it() -> None:
    assert rising().horizon.save().controls == ROCK


def test_a_rise_out_of_a_rise_falls_to_where_the_first_one_began() -> None:
    player = rising()
    player.horizon.receive(Fire("rise", word="2"))
    assert [cue.name for cue in player.horizon.cues().cues] == ["drop", "rise"]
    player.play(4 * BAR)
    assert player.horizon.controls == ROCK
