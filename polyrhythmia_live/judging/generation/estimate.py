"""Figures with an interval: the bootstrap over files and takes.

The bars of one recording are alike, so how sure a figure is depends on the number of recordings,
not of bars: whole recordings are drawn again, with replacement, and the figure is computed anew. A
*reading* is a figure together with its resampled values, in one array: the figure itself first.
Figures are computed on readings, so that a mean or a difference of figures has an interval too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDS = 200
"""Resampled values: enough for a 95 % interval in two digits."""
INTERVAL_PERCENT = (2.5, 97.5)

Reading = NDArray[np.float64]
"""(1 + ROUNDS,): the figure, then its resampled values; NaN where there is nothing to compute."""
Weights = NDArray[np.float64]
"""(1 + ROUNDS, recordings): how often each recording counts."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval; NaN where it could not be computed."""

    value: float
    low: float
    high: float


def resampled(recordings: int, rng: np.random.Generator) -> Weights:
    """Weights for a reading over so many recordings: all once, then drawn with replacement."""
    once = np.ones((1, recordings))
    if recordings == 0:
        return np.ones((1 + ROUNDS, 0))
    drawn = rng.multinomial(recordings, np.full(recordings, 1 / recordings), size=ROUNDS)
    return np.concatenate([once, drawn.astype(np.float64)])


def ratio(weights: Weights, parts: ArrayLike, wholes: ArrayLike) -> Reading:
    """The reading of sum(parts) / sum(wholes), of which each recording has its share."""
    with np.errstate(invalid="ignore", divide="ignore"):
        part = weights @ np.asarray(parts, np.float64)
        return np.asarray(part / (weights @ np.asarray(wholes, np.float64)))


def mean(readings: Sequence[Reading]) -> Reading:
    """The mean of readings, each counting the same; one that has no figure is left out."""
    kept = [reading for reading in readings if np.isfinite(reading[0])]
    if not kept:
        return np.full(1 + ROUNDS, np.nan)
    stacked = np.stack(kept)
    # A recording drawn so often that the others are missing can leave a genre without a value.
    finite = np.isfinite(stacked)
    total = np.where(finite, stacked, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / finite.sum(axis=0))


def estimate(reading: Reading) -> Estimate:
    """What a reading says."""
    drawn = reading[1:][np.isfinite(reading[1:])]
    if not np.isfinite(reading[0]) or not len(drawn):
        return Estimate(float(reading[0]), np.nan, np.nan)
    low, high = np.percentile(drawn, INTERVAL_PERCENT)
    return Estimate(float(reading[0]), float(low), float(high))
