"""How well a network knew how hard, how late and with which articulation a hit would be struck.

All figures are for the hits that a person played, given everything before them and the lanes of
their step. Point estimates and distributions are judged apart, because they pull apart: the best
guess of a velocity is a bland one, and a drummer who plays it is a machine.

A velocity's or a microtiming's *distribution* is compared with the human one on the network's own
bins, once as the mean of what was expected of every hit, once as one number drawn for every hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import (
    MICROTIMING_BINS,
    VELOCITY_BINS,
    Integers,
)
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.judging.listening import Heard
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP
from polyrhythmia_live.training.data.features import bins_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.metrics import log_softmax
from polyrhythmia_live.training.learn.step_scores import Probabilities, mean

HIGHEST_VELOCITY = 127
VELOCITY_BIN_WIDTH = (HIGHEST_VELOCITY + 1) / VELOCITY_BINS
MICROTIMING_BIN_STEPS = 1 / MICROTIMING_BINS
EARLIEST_STEPS = MICROTIMING_MIN_TICKS / TICKS_PER_STEP

HISTOGRAM_PRIOR = 0.5
"""Added to every bin of a histogram before a divergence, which is infinite for an empty one."""

_HAS_CHOICE = np.array([len(lane.articulations) > 1 for lane in DRUM_LANES])


@dataclass(frozen=True, slots=True)
class DetailScores:
    """A row per hit, for one detail that is a number.

    `odds` is (n, bins); `played_bin` and `drawn_bin` index them. `median_error` and `mean_error`
    are estimates less what was played, in the detail's unit.
    """

    odds: Probabilities
    nats: NDArray[np.float64]
    played_bin: NDArray[np.int64]
    drawn_bin: NDArray[np.int64]
    median_error: NDArray[np.float64]
    mean_error: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArticulationScores:
    """A row per hit; `has_choice` where its lane has more than one articulation."""

    nats: NDArray[np.float64]
    right: NDArray[np.bool_]
    has_choice: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HitScores:
    """The details of some hits; microtiming in steps, and `step_ms` is each hit's step."""

    velocity: DetailScores
    microtiming: DetailScores
    articulation: ArticulationScores
    step_ms: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HitFigures:
    """What `HitScores` come to; NaN where there are none.

    `*_nll` in nats per hit; `*_mae` of the predictive median; `velocity_rmse` and
    `microtiming_mse_steps` (in squared steps) of the predictive mean. `*_intersection` is the
    shared area of two histograms (1 = the same), `*_kl` the divergence of the human histogram from
    the network's in nats (0 = the same); `*_drawn` of drawn hits, else of the mean expectation.
    `articulation_accuracy` is over lanes that have a choice, `articulation_nll` over all.
    """

    hits: int
    velocity_nll: float
    velocity_mae: float
    velocity_rmse: float
    velocity_intersection: float
    velocity_intersection_drawn: float
    velocity_kl: float
    microtiming_nll: float
    microtiming_mae_ms: float
    microtiming_mse_steps: float
    microtiming_intersection: float
    microtiming_kl: float
    microtiming_kl_drawn: float
    articulation_nll: float
    articulation_accuracy: float


def score_hits(heard: Heard, rng: np.random.Generator) -> HitScores:
    """Compare what was expected of each hit of a performance with how it was struck."""
    performance = heard.performance
    steps, lanes = np.nonzero(performance.velocities)
    bins = {name: grid[steps, lanes] for name, grid in bins_of(performance).items()}
    odds = {name: np.exp(log_softmax(logits)) for name, logits in heard.details.items()}
    velocities = performance.velocities[steps, lanes]
    return HitScores(
        velocity=_detail(
            odds["velocity"], bins["velocity"], velocities, 0.5, VELOCITY_BIN_WIDTH, rng
        ),
        microtiming=_detail(
            odds["microtiming"],
            bins["microtiming"],
            performance.microtimings_ticks[steps, lanes] / TICKS_PER_STEP,
            EARLIEST_STEPS,
            MICROTIMING_BIN_STEPS,
            rng,
        ),
        articulation=_articulation(odds["articulation"], bins["articulation"], lanes),
        step_ms=np.full(len(steps), step_ms(performance)),
    )


def _detail(
    odds: Probabilities,
    played_bin: Integers,
    played: Integers | NDArray[np.float64],
    lowest: float,
    width: float,
    rng: np.random.Generator,
) -> DetailScores:
    """`lowest` and `width` are the first bin's lower edge and every bin's width, in units."""
    rows = np.arange(len(odds))
    centres = np.arange(odds.shape[1]) + 0.5
    return DetailScores(
        odds=odds,
        nats=-np.log(odds[rows, played_bin]),
        played_bin=np.asarray(played_bin),
        drawn_bin=quantile(odds, rng.random(len(odds))).astype(np.int64),
        median_error=lowest + width * quantile(odds, np.full(len(odds), 0.5)) - played,
        mean_error=lowest + width * (odds @ centres) - played,
    )


def _articulation(odds: Probabilities, played: Integers, lanes: Integers) -> ArticulationScores:
    return ArticulationScores(
        nats=-np.log(odds[np.arange(len(odds)), played]),
        right=odds.argmax(axis=1) == played,
        has_choice=_HAS_CHOICE[lanes],
    )


def quantile(odds: Probabilities, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each level in [0, 1) falls among its row's bins of unit width: bin + share of it."""
    edges = np.cumsum(odds, axis=1)
    levels = (levels * edges[:, -1])[:, None]
    index = np.minimum((edges <= levels).sum(axis=1), odds.shape[1] - 1)
    rows = np.arange(len(odds))
    weights = odds[rows, index]
    below = edges[rows, index] - weights
    into = np.divide(levels[:, 0] - below, weights, out=np.zeros(len(odds)), where=weights > 0)
    return np.asarray(index + np.clip(into, 0.0, 1.0 - 2.0**-30))


def step_ms(performance: Performance) -> float:
    """The length of a step at the performance's tempo, in milliseconds."""
    return 60_000 / performance.tempo_bpm * TICKS_PER_STEP / PPQN


def hit_figures(scores: HitScores) -> HitFigures:
    """The figures of any number of hits."""
    velocity, timing, articulation = scores.velocity, scores.microtiming, scores.articulation
    human, expected, drawn = _histograms(velocity)
    human_late, expected_late, drawn_late = _histograms(timing)
    return HitFigures(
        hits=len(velocity.nats),
        velocity_nll=mean(velocity.nats),
        velocity_mae=mean(np.abs(velocity.median_error)),
        velocity_rmse=float(np.sqrt(mean(velocity.mean_error**2))),
        velocity_intersection=intersection(human, expected),
        velocity_intersection_drawn=intersection(human, drawn),
        velocity_kl=divergence(human, expected),
        microtiming_nll=mean(timing.nats),
        microtiming_mae_ms=mean(np.abs(timing.median_error) * scores.step_ms),
        microtiming_mse_steps=mean(timing.mean_error**2),
        microtiming_intersection=intersection(human_late, expected_late),
        microtiming_kl=divergence(human_late, expected_late),
        microtiming_kl_drawn=divergence(human_late, drawn_late),
        articulation_nll=mean(articulation.nats),
        articulation_accuracy=mean(articulation.right[articulation.has_choice]),
    )


def _histograms(scores: DetailScores) -> tuple[Probabilities, Probabilities, Probabilities]:
    """Hits per bin: as played, as expected, as drawn."""
    bins = scores.odds.shape[1]
    played, drawn = (
        np.bincount(column, minlength=bins).astype(np.float64)
        for column in (scores.played_bin, scores.drawn_bin)
    )
    return played, scores.odds.sum(axis=0), drawn


def intersection(one: Probabilities, other: Probabilities) -> float:
    """The area that two histograms share, 0..1; NaN of an empty one."""
    if not one.sum() or not other.sum():
        return float("nan")
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


def divergence(human: Probabilities, model: Probabilities) -> float:
    """Kullback-Leibler, of the human histogram (counts) from the model's, in nats."""
    if not human.sum() or not model.sum():
        return float("nan")
    p, q = (counts + HISTOGRAM_PRIOR for counts in (human, model))
    p, q = p / p.sum(), q / q.sum()
    return float((p * np.log(p / q)).sum())
