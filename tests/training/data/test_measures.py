from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.metrical import metrical_profile
from polyrhythmia_live.training.data.measures import (
    fill_share,
    hits_per_step,
    intensity,
    syncopation,
    unusualness,
)

KICK, SNARE, CLOSED_HAT, LOW_TOM, CRASH, RIDE = 0, 1, 2, 4, 7, 8

METERS = [
    Meter(n, d) for n, d in [(4, 4), (3, 4), (5, 4), (7, 8), (5, 8), (6, 8), (12, 8), (7, 16)]
]

grids = arrays.arrays(
    np.int16, st.tuples(st.integers(1, 5).map(lambda bars: 16 * bars), st.just(9)),
    elements=st.sampled_from([0, 0, 0, 20, 90, 127]),
)  # fmt: skip


def bar(*steps: int, lane: int = KICK, bar_steps: int = 16) -> np.ndarray:
    velocities = np.zeros((bar_steps, 9), np.int16)
    velocities[list(steps), lane] = 100
    return velocities


def against(*steps: int, lane: int = KICK, meter: Meter = Meter()) -> float:  # noqa: B008
    [value] = syncopation(bar(*steps, lane=lane, bar_steps=meter.bar_steps), meter)
    return float(value) * meter.bar_steps / 4


def test_a_bar_has_as_many_hits_a_step_as_it_has() -> None:
    two_bars = np.concatenate([bar(0, 8), bar(*range(16), lane=CLOSED_HAT)])
    assert hits_per_step(two_bars, 16).tolist() == [2 / 16, 1]


def test_intensity_is_the_mean_velocity_and_silence_has_none() -> None:
    loud_and_soft = bar(0, 1)
    loud_and_soft[0, KICK], loud_and_soft[1, KICK] = 127, 1
    values = intensity(np.concatenate([loud_and_soft, bar()]), 16)
    assert values[0] == pytest.approx(64 / 127)
    assert np.isnan(values[1])


def test_a_part_of_a_bar_at_the_end_is_not_looked_at() -> None:
    grid = np.concatenate([bar(0), bar(0)[:7]])
    for measured in (
        hits_per_step(grid, 16), intensity(grid, 16), fill_share(grid, 16), unusualness(grid, 16),
        syncopation(grid, Meter()),
    ):  # fmt: skip
        assert len(measured) == 1


def test_toms_and_crash_are_what_a_fill_is_played_on() -> None:
    values = fill_share(bar(0, 4) + bar(8, lane=LOW_TOM) + bar(0, lane=CRASH), 16)
    assert values.tolist() == [0.5]


def test_a_bar_is_unusual_against_those_before_it() -> None:
    same, other = bar(0, 8), bar(3, 5, lane=LOW_TOM)
    values = unusualness(np.concatenate([same] * 6 + [other]), 16)
    assert np.isnan(values[:4]).all()
    assert values[4:].tolist() == [0, 0, 1]


def test_a_bar_played_long_ago_is_no_longer_usual() -> None:
    values = unusualness(np.concatenate([bar(0)] * 8 + [bar(2)] * 9), 16)
    assert values[8] == 1
    assert np.all(np.diff(values[8:]) < 0)
    assert values[16] == 0


@pytest.mark.parametrize(
    ("meter", "profile"),
    [
        (Meter(4, 4), "5121312141213121"),
        (Meter(2, 4), "41213121"),
        (Meter(3, 4), "412131213121"),
        (Meter(6, 8), "412121312121"),
        (Meter(12, 8), "512121312121412121312121"),
        (Meter(9, 8), "412121312121312121"),
        (Meter(7, 8), "41213121312121"),
        (Meter(5, 8), "4121312121"),
        (Meter(5, 4), "51213121412131213121"),
        (Meter(7, 16), "3121211"),
    ],
)
def test_a_steps_strength_comes_from_the_meters_tree(meter: Meter, profile: str) -> None:
    assert "".join(map(str, metrical_profile(meter))) == profile


@pytest.mark.parametrize("meter", METERS)
def test_only_the_downbeat_is_the_strongest_step(meter: Meter) -> None:
    first, *others = metrical_profile(meter)
    assert len(others) + 1 == meter.bar_steps
    assert all(1 <= weight < first for weight in others)


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        ((), 0),
        ((0,), 0),
        ((0, 8), 0),
        ((0, 4, 8, 12), 0),
        (tuple(range(16)), 0),
        ((0, 7), 3),  # anticipates the third beat: 4 - 1
        ((0, 6, 8), 0),  # answered
        ((0, 6), 2),  # 4 - 2
        ((0, 3), 3),  # the silent third beat is the strongest before the next onset
        ((0, 3, 6), 4),  # a tresillo without its rest: 3 - 1, then 4 - 2
        ((4,), 2),  # a bar that repeats itself, with no downbeat: 5 - 3
        ((15,), 4),  # 5 - 1
        ((0, 15), 0),  # the next downbeat answers
    ],
)
def test_an_onset_before_a_stronger_silence_is_syncopated(
    steps: tuple[int, ...], value: float
) -> None:
    assert against(*steps) == value


def test_an_anticipation_is_answered_or_not_by_the_next_bar() -> None:
    answered = np.concatenate([bar(0, 15), bar(0)])
    left_open = np.concatenate([bar(0, 15), bar(8)])
    assert syncopation(answered, Meter())[0] == 0
    assert syncopation(left_open, Meter())[0] * 4 == 4


def test_a_hat_on_every_step_does_not_answer_the_kick() -> None:
    hats = bar(*range(16), lane=CLOSED_HAT)
    assert (syncopation(bar(0, 7) + hats, Meter()) == syncopation(bar(0, 7), Meter())).all()


def test_hands_on_hat_and_ride_are_one_line() -> None:
    shared = bar(0, 3, lane=CLOSED_HAT) + bar(4, 8, lane=RIDE)
    assert syncopation(shared, Meter()).tolist() == [0]


def test_seven_eight_counts_its_last_group_of_three() -> None:
    assert against(0, 6, meter=Meter(7, 8)) == 1  # 3 - 2: the group begins on the fifth eighth
    assert against(0, 10, meter=Meter(7, 8)) == 0  # no stronger step before the next bar


@given(grids, st.sampled_from(METERS))
def test_syncopation_is_never_negative(grid: np.ndarray, meter: Meter) -> None:
    values = syncopation(grid, meter)
    assert len(values) == len(grid) // meter.bar_steps
    assert (values >= 0).all()


@given(grids)
def test_playing_the_beats_as_well_is_never_more_syncopated(grid: np.ndarray) -> None:
    straight = grid.copy()
    straight[::4] = 100
    assert (syncopation(straight, Meter()) <= syncopation(grid, Meter())).all()


@given(grids)
def test_only_the_beats_are_not_syncopated(grid: np.ndarray) -> None:
    on_beat = np.zeros_like(grid)
    on_beat[::4] = 100
    assert not syncopation(on_beat, Meter()).any()


@given(grids)
def test_louder_is_more_intense_and_nothing_else(grid: np.ndarray) -> None:
    louder = np.where(grid > 0, np.minimum(grid + 5, 127), 0).astype(np.int16)
    assert (hits_per_step(louder, 16) == hits_per_step(grid, 16)).all()
    assert (syncopation(louder, Meter()) == syncopation(grid, Meter())).all()
    sounding = ~np.isnan(intensity(grid, 16))
    assert (intensity(louder, 16)[sounding] >= intensity(grid, 16)[sounding]).all()


@given(grids)
def test_shares_are_shares(grid: np.ndarray) -> None:
    for values in (intensity(grid, 16), fill_share(grid, 16), unusualness(grid, 16)):
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1)).all()
