"""The mean bar of a style: how often each sound is heard on each sixteenth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.judging.generation.takes import JudgedTake

Profile = NDArray[np.float64]
"""(sounds * 16,): a sound is a way to strike a lane; each is a share of the bars."""


def mean_bar(takes: Sequence[JudgedTake]) -> Profile:
    """The mean bar of takes that have a bar at least."""
    struck = np.concatenate([take.struck for take in takes])
    ways = np.concatenate([take.articulations for take in takes])
    sounds = [
        struck[..., lane] & (ways[..., lane] == way)
        for lane in range(LANES)
        for way in range(len(DRUM_LANES[lane].articulations))
    ]
    return np.asarray(np.stack(sounds).mean(axis=1).ravel())


def likeness(one: Profile, other: Profile) -> float:
    """The correlation of two mean bars, -1 to 1; 0 where one is silent."""
    if not one.any() or not other.any():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
