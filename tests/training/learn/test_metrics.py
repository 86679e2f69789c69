from __future__ import annotations

import math

import numpy as np
import pytest

from polyrhythmia_live.drummer.lstm.encoding import MASKS, Floats
from polyrhythmia_live.training.learn.metrics import PER_HIT, Tally, log_softmax


def sure_of(*masks: int) -> Floats:
    logits = np.zeros((len(masks), MASKS), np.float32)
    logits[np.arange(len(masks)), masks] = 100.0
    return logits


def test_being_sure_and_right_costs_nothing() -> None:
    tally = Tally()
    tally.add(sure_of(0, 5, 7), np.array([0, 5, 7]))
    figures = tally.figures()
    assert (figures.nll, figures.accuracy, figures.f1) == pytest.approx((0.0, 1.0, 1.0))


def test_one_lane_too_few_is_wrong_as_a_vector_and_half_right_in_lanes() -> None:
    tally = Tally()
    tally.add(sure_of(0b001), np.array([0b011]))
    figures = tally.figures()
    assert figures.accuracy == 0
    assert figures.f1 == pytest.approx(2 / 3)
    assert figures.nll == pytest.approx(100)


def test_always_silent_has_no_f1() -> None:
    tally = Tally()
    tally.add(sure_of(0, 0), np.array([1, 0]))
    assert tally.figures().f1 == 0
    assert tally.figures().accuracy == 0.5


def test_details_count_per_hit() -> None:
    tally = Tally()
    tally.add(sure_of(1), np.array([1]))
    even = {name: np.zeros((2, 4), np.float32) for name in PER_HIT}
    tally.add_details(even, {name: np.array([0, 3]) for name in PER_HIT})
    figures = tally.figures()
    assert figures.hits == 2
    assert figures.articulation_nll == pytest.approx(math.log(4))


def test_nothing_heard_is_not_a_number() -> None:
    assert math.isnan(Tally().figures().nll)


def test_added_in_parts_the_figures_are_the_same() -> None:
    rng = np.random.default_rng(1)
    logits, masks = rng.normal(size=(20, MASKS)).astype(np.float32), rng.integers(0, MASKS, 20)
    whole, parts = Tally(), Tally()
    whole.add(logits, masks)
    for rows in (slice(0, 7), slice(7, 20)):
        parts.add(logits[rows], masks[rows])
    assert parts.figures().nll == pytest.approx(whole.figures().nll)
    assert parts.figures().f1 == whole.figures().f1


def test_a_very_unlikely_step_costs_much_but_not_everything() -> None:
    logits = np.array([[0.0, -2000.0]], np.float32)
    assert log_softmax(logits)[0, 1] == -2000
