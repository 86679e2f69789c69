"""A performance as a file: where the song stands, its controls, the drummer's state."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import DRUMMER_LEVELS, ControlState

SAVED_VERSION = 1


@dataclass(frozen=True, slots=True)
class SavedSong:
    """What `pack` was given; `drummer` are the arrays of the drummer's `keep`."""

    uncommitted: int
    controls: ControlState
    drummer: Mapping[str, NDArray[Any]]


def pack(uncommitted: int, controls: ControlState, drummer: Mapping[str, NDArray[Any]]) -> bytes:
    """A file's bytes. `uncommitted` is the first step that has not sounded yet."""
    song = {"version": SAVED_VERSION, "uncommitted": uncommitted, "controls": asdict(controls)}
    arrays: dict[str, Any] = dict(drummer)
    file = io.BytesIO()
    np.savez_compressed(file, song=np.array(json.dumps(song)), **arrays)
    return file.getvalue()


def unpack(saved: bytes, genres: Sequence[str]) -> SavedSong:
    """What `pack` gave, if its genres are known. Raises an exception of any kind if it is not."""
    with np.load(io.BytesIO(saved), allow_pickle=False) as arrays:
        drummer = dict(arrays)
    song = json.loads(str(drummer.pop("song")))
    if song["version"] != SAVED_VERSION:
        raise ValueError(f"it is of version {song['version']}, not {SAVED_VERSION}")
    return SavedSong(int(song["uncommitted"]), _controls(song["controls"], genres), drummer)


def _controls(saved: dict[str, Any], genres: Sequence[str]) -> ControlState:
    weights = tuple((str(name), float(weight)) for name, weight in saved["genre"])
    unknown = [name for name, _ in weights if name not in genres]
    if unknown or not weights:
        raise ValueError(f"its genres are {unknown or 'missing'}")
    controls = ControlState(
        weights, top_k=max(0, int(saved["top_k"])), top_p=min(1.0, max(0.01, saved["top_p"]))
    )
    for name in DRUMMER_LEVELS:
        controls = controls.with_level(name, float(saved[name]))
    return controls
