"""What a network must beat: predictors that only count, or only repeat.

They are counted from the training split and judged exactly as a network is. A cell of the past
that lies before the file's first step has a value of its own, so that a count table knows first
bars; to the predictor that repeats, it is silence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import MASKS, Integers
from polyrhythmia_live.judging.backoff import Backoff
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.step_scores import Probabilities

BEFORE_THE_START = -1
CACHE_SHARE = 0.5
"""The most that the performance's own counts weigh against those of the training data."""

POSITION, PREVIOUS, BEFORE_PREVIOUS, BAR_1, BAR_2 = range(5)
"""Columns of `contexts`."""

COUNTED: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "unigram": (),
        "position": (POSITION,),
        "position, 2 previous steps": (POSITION, PREVIOUS, BEFORE_PREVIOUS),
        "position, bar -1": (POSITION, BAR_1),
        "position, previous, bars -1, -2": (POSITION, PREVIOUS, BAR_1, BAR_2),
        "position, bars -1, -2, previous": (POSITION, BAR_1, BAR_2, PREVIOUS),
    }
)
"""Floor -> what it looks at; what stands last is forgotten first."""

CACHE = "position, previous, bars, cache"
STRONGEST = "position, bars, previous, cache"
CACHED: Mapping[str, tuple[str, tuple[int, ...]]] = MappingProxyType(
    {
        CACHE: ("position, previous, bars -1, -2", (POSITION,)),
        STRONGEST: ("position, bars -1, -2, previous", (POSITION, PREVIOUS)),
    }
)
"""Floor -> the floor that it is mixed with, and what the performance's own counts look at."""

REPEAT = "the last bar again"

Predictor = Callable[[Performance], Probabilities]
"""The probabilities of all masks at every step of a performance, (steps, 512)."""


def contexts(performance: Performance) -> Integers:
    """What may be looked at before each step, (steps, 5), see `COUNTED`."""
    steps, bar = performance.steps, performance.meter.bar_steps
    past = np.concatenate([np.full(2 * bar, BEFORE_THE_START), performance.masks])

    def ago(count: int) -> Integers:
        return past[2 * bar - count : 2 * bar - count + steps]

    return np.stack([np.arange(steps) % bar, ago(1), ago(2), ago(bar), ago(2 * bar)], axis=1)


def floors(train: Sequence[Performance]) -> dict[str, Predictor]:
    """Every floor by name, learnt from these performances."""
    predictors: dict[str, Predictor] = {
        name: _Counted(columns, _learnt(columns, train)) for name, columns in COUNTED.items()
    }
    for name, (mixed_with, columns) in CACHED.items():
        predictors[name] = _Cached(predictors[mixed_with], columns)
    predictors[REPEAT] = repeat_last_bar
    return predictors


def _learnt(columns: tuple[int, ...], train: Sequence[Performance]) -> Backoff:
    counts = Backoff(MASKS)
    for performance in train:
        counts.learn(contexts(performance)[:, columns], performance.masks)
    return counts


@dataclass(frozen=True, slots=True)
class _Counted:
    columns: tuple[int, ...]
    counts: Backoff

    def __call__(self, performance: Performance) -> Probabilities:
        return self.counts.probabilities(contexts(performance)[:, self.columns])


@dataclass(frozen=True, slots=True)
class _Cached:
    """Half a predictor, half what this performance did after the same context so far.

    The cache's share is CACHE_SHARE * n / (n + 1) after n times of that context.
    """

    predictor: Predictor
    columns: tuple[int, ...]

    def __call__(self, performance: Performance) -> Probabilities:
        odds = self.predictor(performance)
        seen: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        keys = contexts(performance)[:, self.columns].tolist()
        for row, key, mask in zip(odds, keys, performance.masks.tolist(), strict=True):
            earlier = seen[tuple(key)]
            times = earlier.total()
            row *= 1 - CACHE_SHARE * times / (times + 1)
            row[list(earlier)] += [CACHE_SHARE * n / (times + 1) for n in earlier.values()]
            earlier[mask] += 1
        return odds


def repeat_last_bar(performance: Performance) -> Probabilities:
    """Sure that each step is what it was a bar ago; the first bar is silence."""
    again = np.maximum(contexts(performance)[:, BAR_1], 0)
    return np.asarray(np.eye(MASKS)[again])
