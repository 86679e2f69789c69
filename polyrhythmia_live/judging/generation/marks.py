"""The marks a drummer should reach, each a line: its figure, people's, and whether it passes.

Means over genres count every genre the same. What is compared with people is averaged over the
genres that have enough held-out people (see `people`), the realised density over all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from polyrhythmia_live.judging.generation.comparison import Comparison, Pair
from polyrhythmia_live.judging.generation.estimate import Estimate, Reading, estimate, mean
from polyrhythmia_live.judging.generation.features import FEATURES
from polyrhythmia_live.judging.generation.programme import DENSITIES

LEAST_OVERLAP = 0.8
REPETITION_MARGIN = 0.05
RECOGNITION_MARGIN = 0.05
DENSITY_MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark; `human` is None where there is nobody to compare with.

    The figure itself passes or not; the interval says how sure that is.
    """

    name: str
    generated: Estimate
    human: Estimate | None
    wanted: str
    passed: bool


def marks(comparisons: Sequence[Comparison]) -> list[Mark]:
    """All marks, on the means over genres."""
    judged = [comparison for comparison in comparisons if not comparison.people.mixed]
    return [
        *(_overlap(judged, feature) for feature in FEATURES),
        _near("bar-to-bar F1", REPETITION_MARGIN, [c.repetition for c in judged]),
        _quoted([c.quoted for c in judged]),
        _recognised([c.recognised for c in judged]),
        *(_density(comparisons, density) for density in DENSITIES),
    ]


def means(pairs: Sequence[Pair]) -> Pair:
    """The means over genres, of those that have both figures."""
    both = [p for p in pairs if np.isfinite(p.generated[0]) and np.isfinite(p.human[0])]
    return Pair(mean([pair.generated for pair in both]), mean([pair.human for pair in both]))


def _overlap(judged: Sequence[Comparison], feature: str) -> Mark:
    """Alike enough; no more alike than two halves of the same people are to each other."""
    area = estimate(mean([c.overlap[feature].drummer.overlap for c in judged]))
    halves = [c.overlap[feature].halves for c in judged if np.isfinite(c.overlap[feature].halves)]
    asked = min([LEAST_OVERLAP, *([float(np.mean(halves))] if halves else [])])
    wanted = f"at least {asked:.3f}"
    return Mark(f"overlap: {feature}", area, None, wanted, area.value >= asked)


def _near(name: str, margin: float, pairs: Sequence[Pair]) -> Mark:
    pair = means(pairs)
    drummer, people = estimate(pair.generated), estimate(pair.human)
    passed = abs(drummer.value - people.value) <= margin
    return Mark(name, drummer, people, f"within {margin:.2f} of people", passed)


def _recognised(pairs: Sequence[Pair]) -> Mark:
    """Whether a style is as plain as people's; plainer is no fault, where the features overlap.

    A drummer who keeps to a theme gives the classifier the same answer all along, which people who
    wander do not.
    """
    pair = means(pairs)
    drummer, people = estimate(pair.generated), estimate(pair.human)
    passed = drummer.value >= people.value - RECOGNITION_MARGIN
    wanted = f"people's less {RECOGNITION_MARGIN:.2f}, at least"
    return Mark("style recognised", drummer, people, wanted, passed)


def _quoted(pairs: Sequence[Pair]) -> Mark:
    pair = means(pairs)
    drummer, people = estimate(pair.generated), estimate(pair.human)
    return Mark("bars quoted", drummer, people, "at most people's", drummer.value <= people.value)


def _density(comparisons: Sequence[Comparison], density: float) -> Mark:
    error = estimate(mean([_error(c.density[density]) for c in comparisons]))
    name = f"density error at {density:.0%}"
    return Mark(name, error, None, f"at most {DENSITY_MARGIN:.2f}", error.value <= DENSITY_MARGIN)


def _error(realised: Reading) -> Reading:
    return np.abs(realised - 1.0)
