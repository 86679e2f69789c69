"""Notes on the drummer's grid.

Each note goes to the nearest step of the whole file (a note just before a bar line belongs to the
next bar), and where two fall into one cell the louder stays; of equally loud ones the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.pitches import PITCH_MAP
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.dataset import NoteTally
from polyrhythmia_live.training.data.drum_track import Note, Unusable
from polyrhythmia_live.training.data.performance import Grid

_KICK, _SNARE, _LOW_TOM = PITCH_MAP[36], PITCH_MAP[38], PITCH_MAP[43]

INPUT_PITCHES: Mapping[int, tuple[int, int]] = MappingProxyType(
    {**PITCH_MAP, 35: _KICK, 39: _SNARE, 41: _LOW_TOM}
)
"""Pitch -> (lane, articulation) for every note that is read.

`PITCH_MAP` covers the Groove MIDI Dataset; General MIDI has three more sounds that a lane can stand
for: the acoustic bass drum, the hand clap (which plays the snare's part) and the low floor tom.
Its tambourine, cowbell and everything from 60 on have none.
"""

MAX_BARS = 8192
"""Four hours at 120 bpm; what is longer is a stray note at the end of a broken file."""


def on_grid(notes: Iterable[Note], meter: Meter, tally: NoteTally) -> tuple[Grid, Grid, Grid]:
    """Velocities, microtimings and articulations, whole bars of (steps, 9) each.

    Adds to `tally` what was read and what was left out. Raises Unusable where no note has a lane,
    or the last is after `MAX_BARS`.
    """
    notes = tuple(notes)
    mapped = [note for note in notes if note.pitch in INPUT_PITCHES]
    tally.notes += len(notes)
    tally.unmapped_pitches.update(n.pitch for n in notes if n.pitch not in INPUT_PITCHES)
    if not mapped:
        raise Unusable("no drum notes in it")
    bars = meter.bar_of(max(_step(note) for note in mapped)) + 1
    if bars > MAX_BARS:
        raise Unusable(f"longer than {MAX_BARS} bars")
    shape = (bars * meter.bar_steps, LANES)
    velocities, microtimings_ticks, articulations = (np.zeros(shape, np.int16) for _ in range(3))
    for note in mapped:
        lane, articulation = INPUT_PITCHES[note.pitch]
        step = _step(note)
        tally.collided += int(velocities[step, lane] > 0)
        if note.velocity > velocities[step, lane]:
            velocities[step, lane] = note.velocity
            microtimings_ticks[step, lane] = note.tick - step * TICKS_PER_STEP
            articulations[step, lane] = articulation
    return velocities, microtimings_ticks, articulations


def _step(note: Note) -> int:
    return (note.tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP
