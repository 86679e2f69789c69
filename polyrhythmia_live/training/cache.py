"""Parsed recordings in one file, so that only the first run reads a thousand MIDI files."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.performance import Dataset, NoteTally, Performance

_GRIDS = ("velocities", "microtimings_ticks", "articulations")


def save(path: Path, key: str, dataset: Dataset) -> None:
    """Write a dataset; `key` says what it was made of."""
    index = [
        [p.name, p.split, p.genre, p.style, p.tempo_bpm, str(p.meter), p.fill, p.steps]
        for p in dataset.performances
    ]
    heading = {"key": key, "dropped": dataset.dropped_files, "tally": asdict(dataset.tally)}
    grids: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in dataset.performances]) for name in _GRIDS
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, heading=json.dumps({**heading, "files": index}), **grids)


def load(path: Path, key: str) -> Dataset | None:
    """The dataset kept in `path`, or None where it is of something else."""
    try:
        with np.load(path) as arrays:
            heading = json.loads(str(arrays["heading"]))
            grids = [arrays[name] for name in _GRIDS]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    if heading["key"] != key:
        return None
    performances = []
    start = 0
    for name, split, genre, style, tempo_bpm, meter, fill, steps in heading["files"]:
        numerator, denominator = meter.split("/")
        performances.append(
            Performance(
                name,
                split,
                genre,
                style,
                tempo_bpm,
                Meter(int(numerator), int(denominator)),
                np.full(steps, fill),
                *(grid[start : start + steps] for grid in grids),
            )
        )
        start += steps
    return Dataset(tuple(performances), heading["dropped"], NoteTally(**heading["tally"]))
