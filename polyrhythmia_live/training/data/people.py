"""What people's bars are like, genre by genre: what the page shows a bar beside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles

import numpy as np

from polyrhythmia_live.drums.bar_figures import BarFigures, Struck, bar_figures
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance

LEAST_BARS = 64
"""Of a genre with fewer, a half of them says nothing."""

PROVENANCE = (
    "Computed from the training split of the Groove MIDI Dataset "
    "(https://magenta.tensorflow.org/datasets/groove), CC BY 4.0, by "
    "`polyrhythmia prepare --people`; quartiles over whole bars that are no fills."
)


def people(dataset: Dataset) -> dict[str, dict[str, list[float]]]:
    """Genre -> figure -> lower quartile, median, upper quartile; fills are left out."""
    found: dict[str, list[BarFigures]] = {}
    for performance in dataset.split("train"):
        if performance.genre:
            found.setdefault(performance.genre, []).extend(_bars(performance))
    return {
        genre: {
            name: [round(it, 3) for it in quantiles(values, n=4)]
            for name in BarFigures.__slots__
            if len(values := [it for bar in bars if (it := asdict(bar)[name]) is not None]) > 1
        }
        for genre, bars in sorted(found.items())
        if len(bars) >= LEAST_BARS
    }


def write_people(dataset: Dataset, file: Path) -> None:
    """Raises OSError where it cannot be written."""
    with replacing(file) as draft:
        written = {"provenance": PROVENANCE, "genres": people(dataset)}
        draft.write_text(json.dumps(written, indent=1) + "\n")


def _bars(performance: Performance) -> Iterator[BarFigures]:
    bar_steps = performance.meter.bar_steps
    for first in range(0, performance.steps - bar_steps + 1, bar_steps):
        if performance.fills[first : first + bar_steps].any():
            continue
        velocities = performance.velocities[first : first + bar_steps]
        off = performance.microtimings_ticks[first : first + bar_steps]
        hits: list[Struck] = [
            (int(step), int(lane), int(off[step, lane]))
            for step, lane in zip(*np.nonzero(velocities), strict=True)
        ]
        yield bar_figures(hits, performance.meter, performance.tempo_bpm)
