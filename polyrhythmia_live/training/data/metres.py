"""Odd meters out of 4/4.

Of the dataset's twenty thousand bars, a hundred are in an odd meter: nothing to learn 7/8 from.
So in training some performances in 4/4 are heard in another meter. Every bar is cut, or made longer
by its own first steps, at the same place throughout the performance, so that the result has a
groove of its own. The cut lies between two half beats: what comes before the bar line still leads
to it, and what stands on the one still does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.variation import unranked

FROM = Meter(4, 4)

METERS = (Meter(3, 4), Meter(7, 8), Meter(5, 4), Meter(5, 8), Meter(6, 8))
"""What `in_other_meters` chooses from."""

_HALF_BEAT = STEPS_PER_BEAT // 2


def in_other_meters(
    performances: Sequence[Performance], share: float, rng: np.random.Generator
) -> list[Performance]:
    """The performances, with `share` of those in 4/4 in one of `METERS`."""
    return [
        rebarred(p, METERS[int(rng.integers(len(METERS)))], rng)
        if p.meter == FROM and rng.random() < share
        else p
        for p in performances
    ]


def rebarred(performance: Performance, meter: Meter, rng: np.random.Generator) -> Performance:
    """A performance in 4/4, in another meter of at most twice the length, bar for bar.

    In a shorter meter a stretch of each bar is left out; `rng` says which, the first beat never
    (or, where the new bar is no longer than that, what comes after it). In a longer one the bar's
    first steps follow once more. The bars are no longer those that were ranked: their ranks are
    unknown, until they are labelled again.

    Raises ValueError for a performance that is not in 4/4, and for a meter that is too long.
    """
    if performance.meter != FROM:
        raise ValueError(f"expected a performance in {FROM}, got {performance.meter}")
    if meter.bar_steps > 2 * FROM.bar_steps:
        raise ValueError(f"expected a meter of at most two bars of {FROM}, got {meter}")
    kept = _kept(meter.bar_steps, rng)
    steps = np.arange(performance.bars)[:, None] * FROM.bar_steps + kept
    return unranked(performance.taken(steps.reshape(-1), meter=meter))


def _kept(bar_steps: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The steps of a bar of 4/4 that a bar of `bar_steps` is made of, in order."""
    if bar_steps >= FROM.bar_steps:
        return np.arange(bar_steps) % FROM.bar_steps
    first = min(STEPS_PER_BEAT, bar_steps)
    cut = int(rng.choice(np.arange(first, bar_steps + 1, _HALF_BEAT)))
    left_out = FROM.bar_steps - bar_steps
    steps = np.arange(bar_steps)
    return np.where(steps < cut, steps, steps + left_out)
