from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.metres import METERS, in_other_meters, rebarred
from polyrhythmia_live.training.data.performance import STEP_FIELDS, Performance

BARS = 6


def numbered(meter: Meter = Meter(4, 4), bars: int = BARS) -> Performance:  # noqa: B008
    """A performance in which every step of every bar can be told apart by its velocities."""
    steps = bars * meter.bar_steps
    grid = np.zeros((steps, 9), np.int16)
    grid[:, 0] = np.arange(steps) // meter.bar_steps + 1
    grid[:, 1] = np.arange(steps) % meter.bar_steps + 1
    ranks = np.linspace(0, 1, steps, dtype=np.float32)
    fills = np.arange(steps) // meter.bar_steps == 2
    return Performance(
        "take", "train", "rock", "rock", 120.0, meter, fills, grid, grid, grid * 0,
        ranks, ranks, ranks, fills,
    )  # fmt: skip


seeds = st.integers(0, 1000)
meters = st.sampled_from([*METERS, Meter(2, 4), Meter(11, 8), Meter(7, 16), Meter(1, 8)])


@given(meters, seeds)
def test_a_bar_becomes_a_bar_and_its_downbeat_stays_one(meter: Meter, seed: int) -> None:
    take = rebarred(numbered(), meter, np.random.default_rng(seed))
    assert take.meter == meter
    assert take.bars == BARS
    assert take.steps == BARS * meter.bar_steps
    bars = take.velocities.reshape(BARS, meter.bar_steps, 9)
    assert (bars[:, :, 0] == np.arange(1, BARS + 1)[:, None]).all()
    assert (bars[:, 0, 1] == 1).all()


@given(meters, seeds)
def test_every_bar_is_cut_at_the_same_place(meter: Meter, seed: int) -> None:
    take = rebarred(numbered(), meter, np.random.default_rng(seed))
    places = take.velocities[:, 1].reshape(BARS, meter.bar_steps)
    assert (places == places[0]).all()


@given(meters, seeds)
def test_steps_that_are_kept_stay_in_order_and_on_their_half_beats(meter: Meter, seed: int) -> None:
    take = rebarred(numbered(), meter, np.random.default_rng(seed))
    places = take.velocities[: meter.bar_steps, 1] - 1
    jumps = np.flatnonzero(np.diff(places) != 1)
    assert len(jumps) <= 1
    if meter.bar_steps < 16:
        assert (np.diff(places) > 0).all()
    assert all((jump + 1) % 2 == 0 for jump in jumps)


@given(seeds)
def test_a_longer_bar_has_all_of_it_and_its_first_beat_again(seed: int) -> None:
    take = rebarred(numbered(), Meter(5, 4), np.random.default_rng(seed))
    assert (take.velocities[:20, 1] - 1).tolist() == [*range(16), 0, 1, 2, 3]


def test_a_shorter_bar_may_end_as_the_old_one_did_or_not() -> None:
    ends = {
        int(rebarred(numbered(), Meter(7, 8), np.random.default_rng(seed)).velocities[13, 1])
        for seed in range(40)
    }
    assert ends == {14, 16}


def test_fills_stay_fills_and_ranks_are_no_longer_known() -> None:
    take = rebarred(numbered(), Meter(3, 4), np.random.default_rng(0))
    assert np.flatnonzero(take.fills).tolist() == list(range(24, 36))
    assert (take.fill_like == take.fills).all()
    for ranks in (take.density_ranks, take.syncopation_ranks, take.intensity_ranks):
        assert np.isnan(ranks).all()


def test_the_given_performance_is_not_changed() -> None:
    take, again = numbered(), numbered()
    rebarred(take, Meter(5, 8), np.random.default_rng(0))
    for name in STEP_FIELDS:
        assert np.array_equal(getattr(take, name), getattr(again, name))


def test_only_four_four_can_be_cut_and_to_two_bars_at_most() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="in 4/4, got 3/4"):
        rebarred(numbered(Meter(3, 4)), Meter(5, 8), rng)
    with pytest.raises(ValueError, match="at most two bars"):
        rebarred(numbered(), Meter(9, 4), rng)


def test_a_share_of_performances_in_four_four_is_heard_in_another_meter() -> None:
    takes = [numbered() for _ in range(200)] + [numbered(Meter(3, 4))]
    heard = in_other_meters(takes, 0.25, np.random.default_rng(1))
    changed = [take for take in heard[:-1] if take.meter != Meter(4, 4)]
    assert 30 < len(changed) < 70
    assert {take.meter for take in changed} == set(METERS)
    assert heard[-1] is takes[-1]
    assert in_other_meters(takes, 0.0, np.random.default_rng(1)) == takes
