"""Notes on the drummer's grid.

Each note goes to the nearest step of its part (a note just before a bar line belongs to the next
bar), and where two fall into one cell the louder stays; of equally loud ones the earlier.
"""

from __future__ import annotations

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.training.data.dataset import NoteTally
from polyrhythmia_live.training.data.parts import Part
from polyrhythmia_live.training.data.percussion import INPUT_PITCHES
from polyrhythmia_live.training.data.performance import Grid


def on_grid(part: Part, tally: NoteTally) -> tuple[Grid, Grid, Grid]:
    """Velocities, microtimings and articulations, whole bars of (steps, 9) each.

    Every note's pitch is one of `INPUT_PITCHES`. Adds to `tally` how many gave way.
    """
    shape = (part.bars * part.meter.bar_steps, LANES)
    velocities, microtimings_ticks, articulations = (np.zeros(shape, np.int16) for _ in range(3))
    for note in part.notes:
        lane, articulation = INPUT_PITCHES[note.pitch]
        step = (note.tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP
        tally.collided += int(velocities[step, lane] > 0)
        if note.velocity > velocities[step, lane]:
            velocities[step, lane] = note.velocity
            microtimings_ticks[step, lane] = note.tick - step * TICKS_PER_STEP
            articulations[step, lane] = articulation
    return velocities, microtimings_ticks, articulations
