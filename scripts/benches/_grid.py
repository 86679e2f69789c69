"""Sixteenths at 120 bpm, and where they lie among the hits that were heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BPM = 120
STEP_SECONDS = 60 / BPM / 4
CALM_SECONDS = 3.0
"""So long there is nothing to do but play; the grid is laid then."""
EARLY_PERCENT = 1.0
"""It is laid where so many hits come before it."""

Times = NDArray[np.float64]
Steps = NDArray[np.int64]


def nearest_steps(times: Times) -> Steps:
    """The step of each hit, counted from the first one, while none is half a step off."""
    return np.round((times - times[0]) / STEP_SECONDS).astype(np.int64)


def grid_start(times: Times, steps: Steps) -> float:
    """The moment of step 0, in the seconds of `times`."""
    return float(np.percentile(times - steps * STEP_SECONDS, EARLY_PERCENT))
