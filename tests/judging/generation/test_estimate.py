from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.judging.generation.estimate import (
    ROUNDS,
    Estimate,
    estimate,
    mean,
    ratio,
    resampled,
)


def chance() -> np.random.Generator:
    return np.random.default_rng(0)


@settings(deadline=None)
@given(st.integers(1, 30))
def test_every_draw_has_as_many_recordings_as_there_are(recordings: int) -> None:
    weights = resampled(recordings, chance())
    assert weights.shape == (1 + ROUNDS, recordings)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == recordings).all()


def test_a_share_is_the_sum_of_parts_by_the_sum_of_wholes() -> None:
    found = estimate(ratio(resampled(3, chance()), [1, 2, 3], [10, 10, 10]))
    assert found.value == pytest.approx(0.2)
    assert 0.1 <= found.low < found.value < found.high <= 0.3


def test_one_recording_has_no_doubt_about_itself() -> None:
    assert estimate(ratio(resampled(1, chance()), [1], [4])) == Estimate(0.25, 0.25, 0.25)


def test_no_recordings_have_no_figure() -> None:
    assert np.isnan(estimate(ratio(resampled(0, chance()), [], [])).value)


def test_a_mean_counts_every_genre_the_same_and_leaves_out_those_without_a_figure() -> None:
    weights = resampled(4, chance())
    one, two = (ratio(weights, [part] * 4, [1] * 4) for part in (0.2, 0.4))
    missing = np.full(1 + ROUNDS, np.nan)
    assert estimate(mean([one, missing, two])).value == pytest.approx(0.3)
    assert np.isnan(mean([missing])).all()
    assert np.isnan(mean([])).all()


def test_a_draw_without_a_value_does_not_spoil_the_others() -> None:
    sometimes = np.full(1 + ROUNDS, 0.5)
    sometimes[1:50] = np.nan
    always = np.full(1 + ROUNDS, 0.7)
    both = mean([sometimes, always])
    assert np.isfinite(both).all()
    assert both[0] == pytest.approx(0.6)
