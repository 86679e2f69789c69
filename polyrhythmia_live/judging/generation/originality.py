"""How much is quoted: bars that stand in the training set note for note.

A bar is its 16 lane masks; how hard and how late it is struck does not matter. Silent bars are left
out on both sides: every drummer rests in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.judging.generation.takes import BAR_STEPS, METER, JudgedTake
from polyrhythmia_live.training.data.performance import Performance

Repertoire = frozenset[bytes]
"""Bars that may have been learnt by heart."""


def repertoire(train: Iterable[Performance]) -> Repertoire:
    """All bars of 4/4 that were trained on, fills too."""
    grids = (p.masks.reshape(-1, BAR_STEPS) for p in train if p.meter == METER)
    return frozenset(bar for masks in grids for bar in _bars(masks))


def quoted(take: JudgedTake, known: Repertoire) -> tuple[int, int]:
    """How many of a take's bars are known, and how many are not silent."""
    bars = list(_bars(take.masks))
    return sum(bar in known for bar in bars), len(bars)


def _bars(masks: NDArray[np.int64]) -> Iterable[bytes]:
    return (bar.tobytes() for bar in masks.astype(np.int16) if bar.any())
