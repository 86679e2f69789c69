"""Takes on the grid, whoever plays them: people and the drummer are measured with one ruler.

All in 4/4. People's takes are the data set's beats: its fills are files of their own, and the
drummer is not asked for any. The last bar of a recording, mostly the one stroke it ends with, does
not count if it holds less than `SOUNDING_HITS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Grid, Performance

METER = Meter(4, 4)
BAR_STEPS = METER.bar_steps

SOUNDING_HITS = 2
"""A bar with fewer hits is nearly silent."""


@dataclass(frozen=True, slots=True)
class JudgedTake:
    """Whole bars of one player in one go: grids of shape (bars, 16, 9).

    `source` is the file, or the number of the generated take. `velocities` is 0 where a lane is
    not struck; the other two grids mean nothing there.
    """

    source: str
    genre: str
    velocities: Grid
    microtimings_ticks: Grid
    articulations: Grid

    @property
    def bars(self) -> int:
        return len(self.velocities)

    @property
    def struck(self) -> NDArray[np.bool_]:
        return self.velocities > 0

    @property
    def masks(self) -> NDArray[np.int64]:
        """The lane mask of each step, (bars, 16)."""
        return np.asarray(self.struck @ (1 << np.arange(LANES)))


def recorded(performances: Iterable[Performance]) -> list[JudgedTake]:
    """People's beats in 4/4."""
    takes = []
    for played in performances:
        if played.meter != METER or played.fill:
            continue
        bars = played.bars
        if np.count_nonzero(played.velocities[(bars - 1) * BAR_STEPS :]) < SOUNDING_HITS:
            bars -= 1
        if bars:
            grids = (played.velocities, played.microtimings_ticks, played.articulations)
            takes.append(
                JudgedTake(played.name, played.genre, *(_in_bars(grid, bars) for grid in grids))
            )
    return takes


def generated(source: str, genre: str, steps: Sequence[Hits]) -> JudgedTake:
    """What the drummer played, from a bar line on; a bar that is not whole is left out."""
    grids = np.zeros((3, len(steps), LANES), np.int16)
    for index, hits in enumerate(steps):
        for hit in hits:
            grids[:, index, hit.lane] = hit.velocity, hit.microtiming_ticks, hit.articulation
    bars = len(steps) // BAR_STEPS
    return JudgedTake(source, genre, *(_in_bars(grid, bars) for grid in grids))


def _in_bars(grid: Grid, bars: int) -> Grid:
    return grid[: bars * BAR_STEPS].reshape(bars, BAR_STEPS, LANES)
