from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.drummer.encoding import (
    ARTICULATIONS,
    LANES,
    MASKS,
    MICROTIMING_BINS,
    VELOCITY_BINS,
    Floats,
)
from polyrhythmia_live.training.dataset import read_dataset
from polyrhythmia_live.training.metrics import PER_HIT, Tally, judge


def sure_of(*masks: int) -> Floats:
    logits = np.zeros((len(masks), MASKS), np.float32)
    logits[np.arange(len(masks)), masks] = 100.0
    return logits


class Indifferent:
    """Thinks everything is equally likely, and counts the steps in its state."""

    def __init__(self) -> None:
        self.states: list[float] = []

    def step(self, features: Floats, state: Floats) -> tuple[Floats, Floats, Floats]:
        self.states.append(float(state[0]))
        return np.zeros(MASKS, np.float32), np.zeros(4, np.float32), state + 1

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        bins = (VELOCITY_BINS, MICROTIMING_BINS, ARTICULATIONS)
        velocity, microtiming, articulation = (np.zeros((LANES, n), np.float32) for n in bins)
        return velocity, microtiming, articulation


def test_knowing_nothing_costs_the_logarithm_of_the_choices(groove: Path) -> None:
    takes = read_dataset(groove).performances
    figures = judge(Indifferent(), 1, takes)
    assert figures.nll == pytest.approx(math.log(512))
    assert figures.perplexity == pytest.approx(512)
    assert figures.velocity_nll == pytest.approx(math.log(VELOCITY_BINS))
    assert figures.microtiming_nll == pytest.approx(math.log(MICROTIMING_BINS))
    assert figures.steps == sum(take.steps for take in takes)
    assert figures.hits == sum(int((take.velocities > 0).sum()) for take in takes)


def test_the_state_is_carried_through_a_file_and_no_further(groove: Path) -> None:
    network = Indifferent()
    takes = read_dataset(groove).performances
    judge(network, 1, takes)
    assert network.states == [step for take in takes for step in range(take.steps)]


def test_being_sure_and_right_costs_nothing() -> None:
    tally = Tally()
    tally.add(sure_of(0, 5, 7), np.array([0, 5, 7]))
    figures = tally.figures()
    assert (figures.nll, figures.accuracy, figures.f1) == (pytest.approx(0), 1.0, 1.0)


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
