"""One file of a dataset: what a table says of it, and how it becomes a performance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polyrhythmia_live.drummer.styles import styles_of
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM
from polyrhythmia_live.training.data.dataset import NoteTally
from polyrhythmia_live.training.data.drum_track import Unusable, read_drum_track
from polyrhythmia_live.training.data.grids import on_grid
from polyrhythmia_live.training.data.performance import Performance


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, `name` being its path within the dataset, and what a table or its name says of it.

    `split` and `style` are "", and `tempo_bpm` and `meter` None, where neither says anything; tempo
    and meter are then the file's own.
    """

    name: str
    style: str = ""
    split: str = ""
    tempo_bpm: float | None = None
    meter: Meter | None = None
    fill: bool = False


def read_entry(root: Path, entry: Entry, tally: NoteTally) -> Performance:
    """The file's performance; adds to `tally`. Raises Unusable with the reason."""
    track = read_drum_track(root / entry.name)
    meter = entry.meter or track.meter()
    tempo_bpm = track.tempo_bpm if entry.tempo_bpm is None else entry.tempo_bpm
    if not TEMPO_MIN_BPM <= tempo_bpm <= TEMPO_MAX_BPM:
        raise Unusable(f"tempo not in {TEMPO_MIN_BPM:g}..{TEMPO_MAX_BPM:g} bpm")
    tally.other_channels += track.left_out
    velocities, microtimings_ticks, articulations = on_grid(track.notes, meter, tally)
    styles = styles_of(entry.style)
    tally.files_without_channel += not track.on_drum_channel
    tally.files_of_unknown_style += not styles
    return Performance(
        name=entry.name,
        split=entry.split,
        genre=styles[0] if styles else "",
        style=entry.style,
        tempo_bpm=tempo_bpm,
        meter=meter,
        fills=np.full(len(velocities), entry.fill),
        velocities=velocities,
        microtimings_ticks=microtimings_ticks,
        articulations=articulations,
    )
