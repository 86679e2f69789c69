"""What a take is like over many bars: each figure is a share, (part, whole) of each take.

A part and its whole can be added over takes, so that a share can be resampled (see `estimate`).
Where a figure is one number a take, its whole is 1, and the share is the mean over takes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.judging.generation import counts
from polyrhythmia_live.judging.generation.comparison import Count
from polyrhythmia_live.judging.generation.estimate import Estimate
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, JudgedTake
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT

SPARSE_HITS = 3
"""A bar with fewer hits has stopped, as a listener hears it."""
LOUD_VELOCITY = 50
"""A softer snare is a ghost note."""
TWO, FOUR = STEPS_PER_BEAT, 3 * STEPS_PER_BEAT

LATER_BARS = 8
"""A phrase of the form: what comes back, comes back after so many bars."""
VARIETY_BARS = 64
"""Different bars are counted within so many: the longer the music, the fewer are new."""
WALK_BARS = 8
"""Loudness is heard over so many."""
QUARTERS = 4
DRIFT_BARS = 32
"""Nothing can be said about the quarters of a shorter take."""

SHARE_MARGIN = 0.05
VELOCITY_MARGIN = 6.0
"""About as much of the range of velocities."""
WALK_MARGIN = 1.0
SPARSE_MARGIN = 0.001
"""People's share over all genres: that nobody stopped in a genre's few bars proves nothing."""

Means = NDArray[np.float64]


def exact_repeats(take: JudgedTake) -> tuple[int, int]:
    """Bars that have all lanes on all steps in common with the bar before."""
    same = (take.masks[1:] == take.masks[:-1]).all(axis=1)
    return int(same.sum()), len(same)


def different(take: JudgedTake) -> tuple[int, int]:
    """Bars that differ from all others of their `VARIETY_BARS`; what is left over is left out."""
    windows = take.bars // VARIETY_BARS
    bars = take.masks[: windows * VARIETY_BARS].reshape(windows, VARIETY_BARS, BAR_STEPS)
    return sum(len(np.unique(window, axis=0)) for window in bars), windows * VARIETY_BARS


def sparse(take: JudgedTake) -> tuple[int, int]:
    """Bars with fewer than `SPARSE_HITS` hits within the take: people come in, and end, as late."""
    hits = take.struck[1:-1].sum(axis=(1, 2))
    return int((hits < SPARSE_HITS).sum()), len(hits)


def silence(take: JudgedTake) -> tuple[float, int]:
    """The longest silence within the take, in bars."""
    struck = take.struck[1:-1].any(axis=2).ravel()
    edges = np.flatnonzero(np.concatenate([[True], struck, [True]]))
    return int(np.diff(edges).max() - 1) / BAR_STEPS, 1


def loud_snare(take: JudgedTake, steps: tuple[int, ...] = (TWO, FOUR)) -> tuple[int, int]:
    """The backbeat: how often the snare is loud on two and on four."""
    loud = take.velocities[:, steps, LANE["snare"]] >= LOUD_VELOCITY
    return int(loud.sum()), loud.size


def loudness(take: JudgedTake) -> tuple[float, int]:
    """The mean velocity of the hits."""
    return float(take.velocities.sum()), int(take.struck.sum())


def loudness_walk(take: JudgedTake) -> tuple[float, int]:
    """How far the mean velocity of `WALK_BARS` wanders: its standard deviation over the take."""
    return _over_windows(take, np.std)


def loudness_range(take: JudgedTake) -> tuple[float, int]:
    """The loudest `WALK_BARS` less the softest, in mean velocity."""
    return _over_windows(take, np.ptp)


def part(take: JudgedTake, bars: slice) -> JudgedTake:
    """Some bars of a take."""
    return replace(
        take,
        velocities=take.velocities[bars],
        microtimings_ticks=take.microtimings_ticks[bars],
        articulations=take.articulations[bars],
    )


def quarter(take: JudgedTake, number: int) -> JudgedTake:
    """The first (0) or the last (3) of the `QUARTERS` of a take; both have the same whole bars."""
    bars = take.bars // QUARTERS
    return part(take, slice(bars) if number == 0 else slice(take.bars - bars, take.bars))


def drift(count: Count, take: JudgedTake) -> tuple[float, int]:
    """How far the last quarter of a take is from its first, whichever way."""
    (first, all_first), (last, all_last) = (count(quarter(take, n)) for n in (0, QUARTERS - 1))
    if not all_first or not all_last:
        return 0.0, 0
    return abs(last / all_last - first / all_first), 1


def _over_windows(take: JudgedTake, spread: Callable[[Means], float]) -> tuple[float, int]:
    windows = take.bars // WALK_BARS
    bars = take.velocities[: windows * WALK_BARS].reshape(windows, WALK_BARS * BAR_STEPS * LANES)
    hits = (bars > 0).sum(axis=1)
    means = bars.sum(axis=1)[hits > 0] / hits[hits > 0]
    return (float(spread(means)), 1) if len(means) > 1 else (0.0, 0)


class Wanted(enum.Enum):
    """What is asked of the drummer's figure, beside people's."""

    NEAR = "within people's interval, or no further from them than the margin"
    NO_LESS = "no less than their interval, or than they less the margin"
    NO_MORE = "no more than their interval, or than they and the margin"
    AT_MOST = "at most theirs, and the margin"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what is counted, in takes of how many bars, and what is asked of it.

    `margin` is how far from people still passes. A figure `of_strangers` says nothing of people
    whom the network was trained on.
    """

    name: str
    count: Count
    least_bars: int = 1
    wanted: Wanted = Wanted.NEAR
    margin: float = SHARE_MARGIN
    of_strangers: bool = False
    digits: int = 3


def passes(figure: Figure, value: float, people: Estimate) -> bool | None:
    """Whether a drummer's value does; None where nothing is asked, or nobody can tell."""
    if figure.wanted is Wanted.NOTHING or not np.isfinite([value, people.value]).all():
        return None
    if figure.wanted is Wanted.AT_MOST:
        return bool(value <= people.value + figure.margin)
    low, high = np.nan_to_num([people.low, people.high], nan=people.value)
    highest = np.inf if figure.wanted is Wanted.NO_LESS else max(high, people.value + figure.margin)
    lowest = -np.inf if figure.wanted is Wanted.NO_MORE else min(low, people.value - figure.margin)
    return bool(lowest <= value <= highest)


STEADY: tuple[Figure, ...] = (
    Figure("bar-to-bar F1", counts.repetition, 2),
    Figure("F1 eight bars on", partial(counts.repetition, bars_on=LATER_BARS), LATER_BARS + 1),
    Figure("exact repeats", exact_repeats, 2),
    Figure("different bars of 64", different, VARIETY_BARS),
    Figure("bars under 3 hits", sparse, wanted=Wanted.AT_MOST, margin=SPARSE_MARGIN, digits=4),
    Figure("snare on 2", partial(loud_snare, steps=(TWO,))),
    Figure("snare on 4", partial(loud_snare, steps=(FOUR,))),
)
LOUDNESS = Figure("mean velocity", loudness, margin=VELOCITY_MARGIN, digits=1)

FIGURES: tuple[Figure, ...] = (
    *STEADY,
    Figure("longest silence, bars", silence, DRIFT_BARS, Wanted.NOTHING, digits=2),
    LOUDNESS,
    Figure("loudness walk", loudness_walk, 2 * WALK_BARS, Wanted.NO_MORE, WALK_MARGIN, digits=1),
    Figure("loudness range", loudness_range, 2 * WALK_BARS, Wanted.NOTHING, digits=1),
    *(
        replace(
            figure,
            name=f"drift: {figure.name}",
            count=partial(drift, figure.count),
            least_bars=max(DRIFT_BARS, QUARTERS * figure.least_bars),
            wanted=Wanted.NO_MORE,
            margin=max(figure.margin, SHARE_MARGIN),
        )
        for figure in (*STEADY, LOUDNESS)
        if figure.count is not different  # nobody's quarter has so many bars
    ),
)
"""Those that need no more than the takes."""
