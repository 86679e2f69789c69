"""How people fill, for a network's card: where their hits are, and how often a crash follows.

The shape is that of the dataset's fills, which are files of their own and end at a bar line. The
crash is that of the bars like a fill within beats, which have a bar after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.card import ANY_GENRE
from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drummer.styles import PARENTS, STYLES
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, Meter
from polyrhythmia_live.training.data.performance import Performance

METER = Meter(4, 4)
SHAPE_BEATS = METER.bar_steps // STEPS_PER_BEAT
LEAST_FILLS = 10
"""Fewer do not say what is usual."""
_LANDED_STEPS = 2
"""A last bar with hits on no more than these steps is where the fill before it arrives."""


def fill_shapes(train: Sequence[Performance]) -> dict[str, dict[str, Any]]:
    """What `Card.fills` is read from: in 4/4, by style and for "any", which is all together.

    A style without enough fills has its genre's shape, or else that of all; so have its crashes.
    """
    heard = [performance for performance in train if performance.meter == METER]
    hits, crashes = {ANY_GENRE: _hits(heard)}, {ANY_GENRE: _crashes(heard)}
    for style in STYLES:
        parent = PARENTS.get(style, ANY_GENRE)
        of_style = [performance for performance in heard if style in performance.styles]
        enough = sum(performance.fill for performance in of_style) >= LEAST_FILLS
        hits[style] = _hits(of_style) if enough else hits[parent]
        crashes[style] = _crashes(of_style)
        if len(crashes[style]) < LEAST_FILLS:
            crashes[style] = crashes[parent]
    return {
        style: {
            "lane_shares": np.round(hits[style] / hits[style].sum(axis=1)[:, None], 3).tolist(),
            "crash": round(float(np.mean(crashes[style])), 3) if crashes[style] else 0.0,
        }
        for style in hits
    }


def _hits(performances: Sequence[Performance]) -> NDArray[np.float64]:
    """The hits of all fills in the last beats before the bar line, (beats, lanes), and one each."""
    total = np.ones((SHAPE_BEATS, LANES))
    for performance in performances:
        if performance.fill:
            total += _last_bar(performance)
    return total


def _last_bar(fill: Performance) -> NDArray[np.float64]:
    """Hits by beat and lane of the bar that leads to the last bar line, (beats, lanes)."""
    bars = (fill.velocities > 0).reshape(-1, SHAPE_BEATS, STEPS_PER_BEAT, LANES)
    late = bars[-1].reshape(METER.bar_steps, LANES)[_LANDED_STEPS:]
    last = bars[-1] if late.any() or len(bars) == 1 else bars[-2]
    return np.asarray(last.sum(axis=1), np.float64)


def _crashes(performances: Sequence[Performance]) -> list[bool]:
    """For every bar like a fill within a beat, whether a crash follows on the one."""
    found = []
    for performance in performances:
        first = slice(None, None, METER.bar_steps)
        crashed = performance.velocities[first, LANE["crash"]] > 0
        filled = performance.fill_like[first]
        found += crashed[1:][filled[:-1]].tolist()
    return found
