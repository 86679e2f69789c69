"""Prepared data: recordings as grids, with their labels, in one `.npz` file.

`polyrhythmia prepare` writes one, and it can be given wherever a folder of recordings can. A cache
is the same file, with the content of the folder noted in it, so that it is used only while the
folder is unchanged.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import ENCODING_VERSION
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset, NoteTally
from polyrhythmia_live.training.data.performance import STEP_FIELDS, Performance
from polyrhythmia_live.training.data.references import References

FORMAT = 1
"""Raise it when this file, the grids or the labels come to mean something else."""

_MADE_FOR = [FORMAT, ENCODING_VERSION, PPQN]

_FAULTS = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy, json and we trip over in a file that is something else or is damaged."""


def save(path: Path, dataset: Dataset, *, content: str = "", splits: Sequence[str] = ()) -> None:
    """Write a dataset, whole or not at all.

    `content` says what it was read from, `splits` which splits were looked for there. Raises
    DatasetError where the file cannot be written.
    """
    heading = {
        "made_for": _MADE_FOR,
        "content": content,
        "splits": sorted(splits),
        "name": dataset.name,
        "licence": dataset.licence,
        "references": dataset.references and dataset.references.as_dict(),
        "dropped": dataset.dropped_files,
        # Not asdict, which makes a Counter of pairs out of a Counter.
        "tally": {field.name: getattr(dataset.tally, field.name) for field in fields(NoteTally)},
        "files": [
            [p.name, p.split, p.genre, p.style, p.tempo_bpm, str(p.meter), p.steps]
            for p in dataset.performances
        ],
    }
    grids: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in dataset.performances])
        for name in STEP_FIELDS
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, draft.open("wb") as file:
            np.savez_compressed(file, heading=json.dumps(heading), **grids)
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror or error}") from error


def load(path: Path) -> Dataset:
    """The dataset in a prepared file.

    Raises DatasetError where it is none, or one of another encoding.
    """
    try:
        return _dataset(*_contents(path))
    except _FAULTS as error:
        raise DatasetError(
            f"{path} is no prepared data: expected a folder of recordings, or a file that "
            "`scripts/polyrhythmia prepare` has written"
        ) from error


def load_cache(path: Path, *, content: str, splits: Sequence[str]) -> Dataset | None:
    """What a cache has kept, or None where it is of other content, or lacks one of the splits."""
    try:
        heading, grids = _contents(path)
        if heading["content"] != content or not set(splits) <= set(heading["splits"]):
            return None
        return _dataset(heading, grids)
    except (DatasetError, *_FAULTS):
        return None


def _contents(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    with np.load(path) as arrays:
        heading = json.loads(str(arrays["heading"]))
        if heading["made_for"] != _MADE_FOR:
            raise DatasetError(
                f"{path} was prepared by another version of this program (format, encoding and "
                f"ticks {heading['made_for']}, expected {_MADE_FOR}): prepare it again"
            )
        return heading, {name: arrays[name] for name in STEP_FIELDS}


def _dataset(heading: Mapping[str, Any], grids: Mapping[str, NDArray[Any]]) -> Dataset:
    performances = []
    start = 0
    for name, split, genre, style, tempo_bpm, meter, steps in heading["files"]:
        performances.append(
            Performance(
                name=name,
                split=split,
                genre=genre,
                style=style,
                tempo_bpm=tempo_bpm,
                meter=Meter.parse(meter),
                **{field: grid[start : start + steps] for field, grid in grids.items()},
            )
        )
        start += steps
    pitches = heading["tally"].pop("unmapped_pitches")
    tally = NoteTally(
        **heading["tally"], unmapped_pitches=Counter({int(p): n for p, n in pitches.items()})
    )
    references = heading["references"]
    return Dataset(
        performances=tuple(performances),
        dropped_files=heading["dropped"],
        tally=tally,
        name=heading["name"],
        licence=heading["licence"],
        references=None if references is None else References.from_dict(references),
    )
