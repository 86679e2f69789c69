"""How good the odds of the lane masks were, of a network's as of a floor's.

The negative log-likelihood is that of the full vector of nine lanes, in nats per step; accuracy is
of the likeliest vector, F1 of the lanes struck in it, counted over all lanes together. The
calibration errors say how far the stated odds are from what then happened: 0.05 = on average, what
was given 80 % came in 75 % or 85 % of the cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import MASK_LANES, Integers

Probabilities = NDArray[np.float64]

CALIBRATION_BINS = 15
"""Of equal width."""


@dataclass(frozen=True, slots=True)
class StepScores:
    """A row per step: what was played and what had been expected.

    `nats` is infinite where the impossible happened; `confidence` is the probability of the
    likeliest mask, `lanes` (n, 9) those that each lane would be struck.
    """

    nats: NDArray[np.float64]
    played: NDArray[np.int64]
    likeliest: NDArray[np.int64]
    confidence: NDArray[np.float64]
    lanes: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What `StepScores` come to; NaN where there are none."""

    steps: int
    nll: float
    perplexity: float
    accuracy: float
    f1: float
    calibration_error: float
    lane_calibration_error: float


def score_steps(log_odds: Probabilities, masks: Integers) -> StepScores:
    """Compare log probabilities (n, 512) with the n masks that were played."""
    odds = np.exp(log_odds)
    likeliest = odds.argmax(axis=1)
    rows = np.arange(len(masks))
    return StepScores(
        nats=-log_odds[rows, masks],
        played=np.asarray(masks),
        likeliest=likeliest,
        confidence=odds[rows, likeliest],
        lanes=odds @ MASK_LANES,
    )


def step_figures(scores: StepScores) -> StepFigures:
    """The figures of any number of steps."""
    played, expected = MASK_LANES[scores.played] > 0, MASK_LANES[scores.likeliest] > 0
    right = scores.played == scores.likeliest
    nll = mean(scores.nats)
    return StepFigures(
        steps=len(scores.nats),
        nll=nll,
        perplexity=math.exp(nll),
        accuracy=mean(right),
        f1=_ratio(2.0 * (played & expected).sum(), float(played.sum() + expected.sum())),
        calibration_error=calibration_error(scores.confidence, right),
        lane_calibration_error=calibration_error(scores.lanes.ravel(), played.ravel()),
    )


def calibration_error(stated: Probabilities, came: NDArray[np.bool_]) -> float:
    """The expected calibration error of probabilities (n,) of things that came true or not.

    Within each of `CALIBRATION_BINS` the mean stated probability is compared with the share that
    came; the differences are averaged over all n.
    """
    bins = np.minimum((stated * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    surplus = np.bincount(bins, weights=stated - came, minlength=CALIBRATION_BINS)
    return _ratio(float(np.abs(surplus).sum()), len(stated))


def mean(values: NDArray[Any]) -> float:
    """The mean, NaN of nothing."""
    return float(values.mean()) if len(values) else math.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
