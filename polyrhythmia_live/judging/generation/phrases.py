"""The unit of comparison: two bars, of which a person's file and a generated take hold several.

Both sides have to be measured in pieces of one length, because a longer piece is always nearer to
the average. Two bars are the field's usual length, and the shortest that says how the next bar
relates to the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, JudgedTake
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.training.data.performance import Grid

PHRASE_BARS = 2
PHRASE_BEATS = PHRASE_BARS * BAR_STEPS // STEPS_PER_BEAT


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of several takes: grids of shape (phrases, 2, 16, 9).

    `takes` says of each phrase which take it is from: the number in the list that was cut.
    """

    velocities: Grid
    microtimings_ticks: Grid
    takes: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.velocities)

    @property
    def struck(self) -> NDArray[np.bool_]:
        return self.velocities > 0


def cut(takes: Sequence[JudgedTake]) -> Phrases:
    """All whole phrases of takes, from their first bars on; an odd bar at the end is left out."""
    counts = [take.bars // PHRASE_BARS for take in takes]
    shape = (-1, PHRASE_BARS, BAR_STEPS, LANES)
    none = np.empty((0, PHRASE_BARS, BAR_STEPS, LANES), np.int16)

    def phrases(grids: Sequence[Grid]) -> Grid:
        pieces = zip(grids, counts, strict=True)
        cuts = [grid[: count * PHRASE_BARS].reshape(shape) for grid, count in pieces if count]
        return np.concatenate([none, *cuts])

    return Phrases(
        phrases([take.velocities for take in takes]),
        phrases([take.microtimings_ticks for take in takes]),
        np.repeat(np.arange(len(takes)), counts),
    )
