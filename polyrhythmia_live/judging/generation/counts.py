"""What can be counted bar by bar: (part, whole) of each take, so that a share can be resampled."""

from __future__ import annotations

import numpy as np

from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.drums.limbs import BY_HAND, CLOSED_HAT, HANDS, HAT_BY_FOOT
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, SOUNDING_HITS, JudgedTake


def repetition(take: JudgedTake, bars_on: int = 1) -> tuple[int, int]:
    """Bar-to-bar F1: hits in common with the bar so many on, twice, of the hits of both bars."""
    before, after = take.struck[:-bars_on], take.struck[bars_on:]
    return 2 * int((before & after).sum()), int(before.sum() + after.sum())


def nearly_silent(take: JudgedTake) -> tuple[int, int]:
    """Bars with fewer than `SOUNDING_HITS` hits, of all bars."""
    return int((take.struck.sum(axis=(1, 2)) < SOUNDING_HITS).sum()), take.bars


def hits(take: JudgedTake) -> tuple[int, int]:
    """Hits, of all steps."""
    return int(take.struck.sum()), take.bars * BAR_STEPS


def impossible(take: JudgedTake) -> tuple[int, int]:
    """Steps that two hands and two feet cannot play, of all steps.

    The kick and the pedal hat are played by foot, all else by hand. More than two hands is
    impossible, and so is a stick on the closed hat while it is struck open. Feet are never short:
    there is a lane for each.
    """
    struck = take.struck
    stick = struck[..., CLOSED_HAT] & (take.articulations[..., CLOSED_HAT] != HAT_BY_FOOT)
    hands = struck[..., BY_HAND].sum(axis=-1) + stick
    both_hats = stick & struck[..., LANE["open-hat"]]
    return int(np.count_nonzero((hands > HANDS) | both_hats)), take.bars * BAR_STEPS
