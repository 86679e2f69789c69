"""What a bar is like, in one number: how dense, how syncopated, how loud, how unusual.

Pure functions of grids of velocities, (steps, 9), 0 where a lane is not struck. Each gives one
float64 per bar; steps after the last whole bar are not looked at. The same functions measure what
people played (for labels), what a model played (to judge it) and what was asked for live.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drums.bar_figures import LINES
from polyrhythmia_live.drums.lanes import LANE, TOMS
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, Meter
from polyrhythmia_live.rhythm.metrical import metrical_profile

Velocities = NDArray[np.integer[Any]]
"""(steps, lanes), 0..127; 0 = not struck."""
PerBar = NDArray[np.float64]

FILL_LANES = (*TOMS, LANE["crash"])
"""What a fill is played on, more than a beat."""

MEMORY_BARS = 8
LEAST_MEMORY_BARS = 4
"""How many bars before a bar say what is usual: at most, and at least."""


def hits_per_step(velocities: Velocities, bar_steps: int) -> PerBar:
    """How many hits a step of the bar has on average, 0..9."""
    hits: PerBar = _bars(velocities > 0, bar_steps).sum(axis=(1, 2)) / bar_steps
    return hits


def intensity(velocities: Velocities, bar_steps: int) -> PerBar:
    """The mean velocity of the bar's hits / 127, above 0 and at most 1; NaN for a silent bar."""
    bars = _bars(velocities, bar_steps)
    hits = (bars > 0).sum(axis=(1, 2))
    loud = bars.sum(axis=(1, 2), dtype=np.float64)
    return np.where(hits > 0, loud / (127.0 * np.maximum(hits, 1)), np.nan)


def fill_share(velocities: Velocities, bar_steps: int) -> PerBar:
    """The share of the bar's hits that is on toms and crash, 0..1; NaN for a silent bar."""
    struck = _bars(velocities > 0, bar_steps)
    hits = struck.sum(axis=(1, 2))
    of_fill = struck[:, :, FILL_LANES].sum(axis=(1, 2))
    return np.where(hits > 0, of_fill / np.maximum(hits, 1), np.nan)


def unusualness(velocities: Velocities, bar_steps: int) -> PerBar:
    """How far the bar is from the mean of up to `MEMORY_BARS` bars before it, 0..1.

    0 = just what was played before, 1 = no cell in common: the sum of |bar - mean| over all cells,
    divided by the sum of bar + mean. NaN for the first `LEAST_MEMORY_BARS` bars, and where neither
    the bar nor those before it have a hit.
    """
    bars = _bars(velocities > 0, bar_steps).reshape(len(velocities) // bar_steps, -1)
    sums = np.concatenate([np.zeros_like(bars[:1], np.float64), bars.cumsum(axis=0)])
    here = np.arange(len(bars))
    first = np.maximum(here - MEMORY_BARS, 0)
    mean = (sums[here] - sums[first]) / np.maximum(here - first, 1)[:, None]
    apart, together = np.abs(bars - mean).sum(axis=1), (bars + mean).sum(axis=1)
    known = (here >= LEAST_MEMORY_BARS) & (together > 0)
    return np.where(known, apart / np.maximum(together, 1e-9), np.nan)


def syncopation(velocities: Velocities, meter: Meter) -> PerBar:
    """How much the bar goes against the beat, per beat, 0 or more.

    After Longuet-Higgins & Lee (The rhythmic interpretation of monophonic music, 1984). An onset is
    syncopated if, before the next one, a stronger step stays silent; it counts by how much stronger
    the strongest such step is (see `metrical_profile`). Onsets are those of a line, so low, mid and
    high (`LINES`, as in Bruford et al., The Groove Explorer, 2019) are counted apart and added: a
    hat on every step would answer every kick. A bar's onsets may be answered in the next bar; the
    last bar is followed by itself. The sum is divided by the beats (quarters) of the bar, so that
    meters compare.
    """
    bar_steps = meter.bar_steps
    bars = _bars(velocities > 0, bar_steps)
    # A step's own bar and the whole next one decide: no step is stronger than the next bar line.
    following = np.concatenate([bars[1:], bars[-1:]])
    total = np.zeros(len(bars))
    for lanes in LINES:
        line = np.concatenate([bars, following], axis=1)[:, :, lanes].max(axis=2)
        total += _against(line, np.array(metrical_profile(meter) * 2), bar_steps)
    return total * STEPS_PER_BEAT / bar_steps


def _bars(grid: NDArray[Any], bar_steps: int) -> NDArray[Any]:
    """(bars, bar_steps, lanes)"""
    count = len(grid) // bar_steps
    return grid[: count * bar_steps].reshape(count, bar_steps, grid.shape[1])


def _against(line: NDArray[np.bool_], profile: NDArray[np.int64], bar_steps: int) -> PerBar:
    """The strengths that the onsets of the first `bar_steps` steps of each row miss, summed."""
    strongest_silent = np.zeros(len(line), np.int64)
    missed = np.zeros(len(line), np.int64)
    for step in range(line.shape[1] - 1, -1, -1):
        struck = line[:, step]
        if step < bar_steps:
            missed += np.where(struck, np.maximum(strongest_silent - profile[step], 0), 0)
        strongest_silent = np.where(struck, 0, np.maximum(strongest_silent, profile[step]))
    return missed.astype(np.float64)
