"""How alike two sets of phrases are, feature by feature: overlap area and KL of mgeval.

After Yang and Lerch, "On the evaluation of generative models in music" (2018): all distances within
the human set are compared with all distances between the human and the other set. If nobody could
tell the sets apart, both have one distribution: the overlap area (the integral of the smaller of
the two densities) is 1 and KL(within || between) is 0. Density is estimated with a Gaussian kernel
of Scott's bandwidth, as there.

Three things differ. Phrases of one recording are near to each other and say nothing of the genre,
and a generated phrase can be from no human recording, so distances within a recording are left out;
a genre of one recording then has no figure. Both densities are taken at the same points (the
original takes KL over each one's own range). And pairs are drawn by chance where there are more
than `PAIRS`.

The bootstrap draws fewer different recordings than there are, which are less alike than all are:
its intervals lean towards less overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.judging.generation.estimate import Reading, Weights
from polyrhythmia_live.judging.generation.features import Vectors

PAIRS = 20_000
POINTS = 512
_KERNELS_BEYOND = 4.0
"""How far, in bandwidths, the points go beyond the outermost distances: nothing is cut off."""
_LEAST_DENSITY = 1e-12

Density = NDArray[np.float64]
"""(1 + ROUNDS, POINTS): shares of the whole, for every value of a reading."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One feature of a set of phrases, with the recording each is from and how often that counts.

    Phrases without the feature (NaN) are not in it.
    """

    vectors: Vectors
    recordings: NDArray[np.intp]
    weights: Weights


@dataclass(frozen=True, slots=True)
class Likeness:
    """Readings of the overlap area (0..1) and of KL in nats (0 and more)."""

    overlap: Reading
    kl: Reading


def sample(vectors: Vectors, recordings: NDArray[np.intp], weights: Weights) -> Sample:
    """A sample of the phrases that have the feature."""
    known = np.isfinite(vectors).all(axis=1)
    return Sample(vectors[known], recordings[known], weights)


def likeness(human: Sample, other: Sample, rng: np.random.Generator) -> Likeness:
    """How far distances to another set are like those within the human set."""
    within = _distances(human, human, *_pairs_within(human, rng))
    between = _distances(human, other, *_pairs_between(human, other, rng))
    if not len(within[0]) or not len(between[0]):
        nothing = np.full(len(human.weights), np.nan)
        return Likeness(nothing, nothing)
    first, second = _densities(within, between)
    with np.errstate(invalid="ignore"):
        overlap = np.minimum(first, second).sum(axis=1)
        logs = np.log(np.maximum(first, _LEAST_DENSITY) / np.maximum(second, _LEAST_DENSITY))
        kl = np.where(np.isfinite(overlap), (first * logs).sum(axis=1), np.nan)
    return Likeness(overlap, kl)


Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Distances = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The distances of pairs, (pairs,), and how often each counts, (1 + ROUNDS, pairs)."""


def _pairs_within(human: Sample, rng: np.random.Generator) -> Pairs:
    first, second = np.triu_indices(len(human.vectors), 1)
    apart = human.recordings[first] != human.recordings[second]
    return _some((first[apart], second[apart]), rng)


def _pairs_between(human: Sample, other: Sample, rng: np.random.Generator) -> Pairs:
    first, second = np.indices((len(human.vectors), len(other.vectors)))
    return _some((first.ravel(), second.ravel()), rng)


def _some(pairs: Pairs, rng: np.random.Generator) -> Pairs:
    if len(pairs[0]) <= PAIRS:
        return pairs
    drawn = rng.choice(len(pairs[0]), PAIRS, replace=False)
    return pairs[0][drawn], pairs[1][drawn]


def _distances(
    one: Sample, two: Sample, first: NDArray[np.intp], second: NDArray[np.intp]
) -> Distances:
    apart = np.linalg.norm(one.vectors[first] - two.vectors[second], axis=1)
    counts = one.weights[:, one.recordings[first]] * two.weights[:, two.recordings[second]]
    return apart, counts


def _densities(within: Distances, between: Distances) -> tuple[Density, Density]:
    """Both distributions at the same points."""
    widths = [_bandwidth(apart) for apart, _ in (within, between)]
    margin = _KERNELS_BEYOND * max(widths)
    low = min(apart.min() for apart, _ in (within, between)) - margin
    high = max(apart.max() for apart, _ in (within, between)) + margin
    points = np.linspace(low, high, POINTS)
    first, second = (
        _smoothed(points, distances, width)
        for distances, width in zip((within, between), widths, strict=True)
    )
    return first, second


def _bandwidth(apart: NDArray[np.float64]) -> float:
    """Scott's rule, and a little where all distances are the same."""
    scott = float(apart.std() * len(apart) ** -0.2)
    return max(scott, 1e-3 * float(apart.max()), 1e-6)


def _smoothed(points: NDArray[np.float64], distances: Distances, width: float) -> Density:
    """The distances as counts at the nearest points, blurred by the kernel."""
    apart, counts = distances
    step = points[1] - points[0]
    nearest = np.rint((apart - points[0]) / step).astype(np.intp)
    binned = np.stack([np.bincount(nearest, row, minlength=POINTS) for row in counts])
    # Blurred round a circle; the margin keeps what goes over one end off the other.
    away = np.minimum(np.arange(POINTS), POINTS - np.arange(POINTS)) * step
    kernel = np.fft.rfft(np.exp(-0.5 * (away / width) ** 2))
    blurred = np.maximum(np.fft.irfft(np.fft.rfft(binned, axis=1) * kernel, POINTS, axis=1), 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(blurred / blurred.sum(axis=1, keepdims=True))
