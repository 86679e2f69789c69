from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyrhythmia_live.drummer.lstm.encoding import (
    MICROTIMING_BINS,
    VELOCITY_BINS,
    microtiming_bin,
    velocity_bin,
)
from polyrhythmia_live.judging.hit_scores import (
    HitFigures,
    divergence,
    hit_figures,
    intersection,
    quantile,
    score_hits,
)
from polyrhythmia_live.judging.listening import Heard, listen
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.step_scores import Probabilities
from tests.judging.listeners import BACKBEAT, Indifferent, candidate, take

histograms = arrays(np.float64, 8, elements=st.floats(0.01, 100))


def figures_of(heard: Heard) -> HitFigures:
    return hit_figures(score_hits(heard, np.random.default_rng(1)))


def foretold(performance: Performance, velocity: int, microtiming_ticks: int) -> HitFigures:
    """The figures of one who is sure of the bins of a velocity and a microtiming."""
    heard = listen(candidate(Indifferent()), performance)
    heard.details["velocity"][:, velocity_bin(velocity)] = 100
    heard.details["microtiming"][:, microtiming_bin(microtiming_ticks)] = 100
    heard.details["articulation"][:, 0] = 100
    return figures_of(heard)


def test_knowing_nothing_costs_the_logarithm_of_the_bins() -> None:
    figures = figures_of(listen(candidate(Indifferent()), take(BACKBEAT)))
    assert figures.hits == sum(mask.bit_count() for mask in BACKBEAT)
    assert figures.velocity_nll == pytest.approx(math.log(VELOCITY_BINS))
    assert figures.microtiming_nll == pytest.approx(math.log(MICROTIMING_BINS))


def test_a_network_that_knows_nothing_guesses_the_middle() -> None:
    figures = figures_of(listen(candidate(Indifferent()), take(BACKBEAT, velocity=100)))
    assert figures.velocity_mae == pytest.approx(100 - 64.5)
    assert figures.microtiming_mae_ms == pytest.approx(0, abs=1e-6)


def test_a_network_that_knows_everything_is_off_by_less_than_half_a_bin() -> None:
    figures = foretold(take(BACKBEAT, velocity=101, late_ticks=-300), 101, -300)
    assert figures.velocity_nll == figures.microtiming_nll == pytest.approx(0)
    assert figures.velocity_mae <= 2
    assert figures.microtiming_mae_ms <= 125 / MICROTIMING_BINS / 2
    assert figures.velocity_intersection == figures.velocity_intersection_drawn == pytest.approx(1)
    assert figures.microtiming_kl == figures.microtiming_kl_drawn == pytest.approx(0)
    assert figures.articulation_accuracy == 1


def test_milliseconds_are_those_of_the_tempo() -> None:
    quarter_step = TICKS_PER_STEP // 4
    slow, fast = (
        foretold(take(BACKBEAT, late_ticks=quarter_step, tempo_bpm=bpm), 100, 0).microtiming_mae_ms
        for bpm in (60, 120)
    )
    assert fast == pytest.approx(125 / 4)
    assert slow == pytest.approx(250 / 4)


def test_a_lane_without_a_choice_of_articulations_is_no_merit() -> None:
    kicks = foretold(take([1, 0, 1, 0]), 100, 0)
    assert math.isnan(kicks.articulation_accuracy)


def test_no_hits_have_no_figures() -> None:
    heard = listen(candidate(Indifferent()), take(BACKBEAT))
    silent = Heard(take([0] * 16), heard.logits, {n: a[:0] for n, a in heard.details.items()})
    figures = figures_of(silent)
    assert figures.hits == 0
    assert math.isnan(figures.velocity_mae)
    assert math.isnan(figures.microtiming_kl)


def test_drawing_again_draws_the_same() -> None:
    heard = listen(candidate(Indifferent()), take(BACKBEAT))
    assert figures_of(heard) == figures_of(heard)


def test_half_of_a_bin_is_its_middle() -> None:
    odds = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.25, 0.5, 0.25]])
    assert quantile(odds, np.full(3, 0.5))[[0, 2]] == pytest.approx([1.5, 1.5])
    assert quantile(odds, np.array([0.0, 0.75, 0.999999])) == pytest.approx([1, 2.5, 3], abs=1e-4)


@settings(deadline=None)
@given(arrays(np.float64, (1, 8), elements=st.floats(0, 1)), st.floats(0, 1, exclude_max=True))
def test_a_draw_is_never_a_bin_without_weight(odds: Probabilities, level: float) -> None:
    if odds.sum() < 1e-6:
        return
    drawn = int(quantile(odds, np.array([level]))[0])
    assert 0 <= drawn < 8
    assert odds[0, drawn] > 0


@settings(deadline=None)
@given(histograms, histograms)
def test_histograms_share_between_nothing_and_everything(
    one: Probabilities, other: Probabilities
) -> None:
    shared = intersection(one, other)
    assert -1e-9 <= shared <= 1 + 1e-9
    assert shared == pytest.approx(intersection(other, one))
    assert intersection(one, 3 * one) == pytest.approx(1)


@settings(deadline=None)
@given(histograms, histograms)
def test_a_divergence_is_finite_and_0_only_for_the_same(
    one: Probabilities, other: Probabilities
) -> None:
    assert -1e-9 <= divergence(one, other) < math.inf
    assert divergence(one, one) == pytest.approx(0)
