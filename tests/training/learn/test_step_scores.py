from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import MASKS
from polyrhythmia_live.training.learn.step_scores import (
    Probabilities,
    calibration_error,
    score_steps,
    step_figures,
)


def log_odds(*odds: dict[int, float]) -> Probabilities:
    table = np.zeros((len(odds), MASKS))
    for row, step in zip(table, odds, strict=True):
        row[list(step)] = list(step.values())
    with np.errstate(divide="ignore"):
        return np.log(table)


def test_the_nats_are_those_of_what_was_played() -> None:
    figures = step_figures(
        score_steps(log_odds({0: 0.5, 3: 0.5}, {1: 0.25, 2: 0.75}), np.array([3, 1]))
    )
    assert figures.nll == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert figures.perplexity == pytest.approx(math.sqrt(8))
    assert figures.accuracy == 0


def test_f1_is_that_of_the_lanes_over_all_steps_together() -> None:
    figures = step_figures(
        score_steps(log_odds({0b011: 1.0}, {0b100: 1.0}), np.array([0b001, 0b100]))
    )
    assert figures.f1 == pytest.approx(2 * 2 / (3 + 2))
    assert figures.accuracy == 0.5


def test_an_impossible_step_costs_everything() -> None:
    figures = step_figures(score_steps(log_odds({1: 1.0}), np.array([2])))
    assert figures.nll == figures.perplexity == math.inf


def test_a_lane_is_as_likely_as_all_the_vectors_that_strike_it() -> None:
    scores = score_steps(log_odds({0b01: 0.2, 0b11: 0.3, 0b10: 0.5}), np.array([0]))
    assert scores.lanes[0, :3] == pytest.approx([0.5, 0.8, 0])


def test_saying_70_percent_and_being_right_in_half_the_cases_is_20_percent_off() -> None:
    came = np.arange(100) % 2 == 0
    assert calibration_error(np.full(100, 0.7), came) == pytest.approx(0.2)


def test_too_sure_here_and_too_shy_there_does_not_even_out() -> None:
    stated = np.array([0.9, 0.9, 0.1, 0.1])
    assert calibration_error(stated, np.array([False, False, True, True])) == pytest.approx(0.9)


@settings(deadline=None)
@given(
    arrays(np.float64, 20, elements=st.floats(0, 1)), arrays(np.bool_, 20, elements=st.booleans())
)
def test_a_calibration_error_is_a_probability(
    stated: Probabilities, came: NDArray[np.bool_]
) -> None:
    assert 0 <= calibration_error(stated, came) <= 1


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1))
def test_certainties_that_come_true_are_calibrated(came: list[bool]) -> None:
    truth = np.array(came)
    assert calibration_error(truth.astype(np.float64), truth) == 0
