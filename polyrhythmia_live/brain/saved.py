"""A performance as a file: where the song stands, its controls, the drummer's state.

The file is a zip: the drummer's arrays (NumPy's .npz), and `song.json` with everything else. `play`
reads the controls in `song.json` before a performance, without loading NumPy.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from typing import Any

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.bar import Bar, Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

SAVED_VERSION = 6
_SONG = "song.json"


@dataclass(frozen=True, slots=True)
class SavedSong:
    """What `Horizon.save` gives; `drummer` are the arrays of the drummer's `keep`.

    `uncommitted` is the first step that has not sounded yet. `entry` is where the set list is: the
    n-th song, the n-th section, and the step on which that began. `locks` are patterns of a bar
    that are held, by their lanes' names. `bars` are the last ones that were played, the latest
    last, and `kept` is the bar that is repeated until it is released.
    """

    uncommitted: int
    controls: ControlState
    drummer: Mapping[str, Any]
    entry: tuple[int, int, int] | None = None
    locks: Mapping[str, tuple[Hits, ...]] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
    kept: Bar | None = None

    @property
    def let_go(self) -> SavedSong:
        """The same for another evening: nothing is held that nobody would remember to release."""
        return replace(self, locks={}, kept=None)


def pack(song: SavedSong, run: str, network: str, meters: MeterMap) -> bytes:
    """A file's bytes. `run` names this run of the daemon, `network` is the card's digest."""
    header = {
        "version": SAVED_VERSION,
        "run": run,
        "network": network,
        "meters": str(meters),
        "uncommitted": song.uncommitted,
        "controls": asdict(song.controls),
        "entry": song.entry,
        "locks": {lane: [[astuple(hit) for hit in hits] for hits in pattern]
                  for lane, pattern in song.locks.items()},
        "bars": [_written(bar) for bar in song.bars],
        "kept": None if song.kept is None else _written(song.kept),
    }  # fmt: skip
    import numpy as np

    file = io.BytesIO()
    arrays: dict[str, Any] = dict(song.drummer)
    np.savez_compressed(file, **arrays)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(_SONG, json.dumps(header))
    return file.getvalue()


def unpack(
    saved: bytes, network: str, genres: Sequence[str], meters: MeterMap
) -> tuple[str, SavedSong]:
    """The run and the song in a packed file.

    Raises an exception of any kind for anything else, and for a song of another network or in
    another meter: a damaged file can fail anywhere between zip and music.
    """
    import numpy as np

    header = _header(saved, network, meters)
    controls = _controls(header["controls"], genres)
    bars = tuple(_read(bar) for bar in header.get("bars", ()))
    kept = None if header.get("kept") is None else _read(header["kept"])
    with np.load(io.BytesIO(saved), allow_pickle=False) as arrays:
        drummer = {name: array for name, array in arrays.items() if name != _SONG}
    number, section, line = map(int, header["entry"] or (0, 0, 0))
    song = SavedSong(
        int(header["uncommitted"]),
        controls,
        drummer,
        entry=(number, section, line) if header["entry"] else None,
        locks=_locks(header["locks"]),
        bars=bars,
        kept=kept,
    )
    return str(header["run"]), song


def unpack_controls(
    saved: bytes, network: str, genres: Sequence[str], meters: MeterMap
) -> ControlState:
    """The controls in a packed file, read without NumPy. Raises as `unpack` does."""
    return _controls(_header(saved, network, meters)["controls"], genres)


def name_of(saved: bytes, network: str, meters: MeterMap) -> str:
    """The name that a file was packed with in place of a run. Raises as `unpack` does."""
    return str(_header(saved, network, meters)["run"])


def _header(saved: bytes, network: str, meters: MeterMap) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        header: dict[str, Any] = json.loads(archive.read(_SONG))
    if header["version"] != SAVED_VERSION:
        raise ValueError(f"it is of version {header['version']}, not {SAVED_VERSION}")
    if header["network"] != network:
        raise ValueError("it belongs to another trained network")
    if header["meters"] != str(meters):
        raise ValueError(f"it is in {header['meters']}, not in {meters}")
    return header


def trouble(error: Exception) -> str:
    """Why the drummer could not go on from a saved state: one line for the performer."""
    reason = str(error) or type(error).__name__
    return f"expected the saved state of a performance: {reason}; starting afresh"


def _written(bar: Bar) -> dict[str, Any]:
    steps = [[list(astuple(hit)) for hit in hits] for hits in bar.steps]
    return {"meter": str(bar.meter), "steps": steps}


def _read(saved: dict[str, Any]) -> Bar:
    steps: list[Hits] = []
    for hits in saved["steps"]:
        steps.append(tuple(Hit(*map(int, hit)) for hit in hits))
    return Bar(Meter.parse(saved["meter"]), tuple(steps))


def _controls(saved: dict[str, Any], genres: Sequence[str]) -> ControlState:
    weights = tuple((str(name), float(weight)) for name, weight in saved["genre"])
    unknown = [name for name, _ in weights if name not in genres]
    if unknown or not weights:
        raise ValueError(f"its genres are {unknown or 'missing'}")
    controls = ControlState(
        weights, top_k=max(0, int(saved["top_k"])), top_p=min(1.0, max(0.01, saved["top_p"]))
    )
    for name in DRUMMER_LEVELS:
        controls = controls.with_level(name, float(saved.get(name, LEVELS[name].default)))
    return controls


def _locks(saved: dict[str, Any]) -> dict[str, tuple[Hits, ...]]:
    return {
        _lane(lane): tuple(tuple(Hit(*map(int, hit)) for hit in hits) for hits in pattern)
        for lane, pattern in saved.items()
    }


def _lane(name: str) -> str:
    if name not in LANE:
        raise ValueError(f"it has a lane {name!r}")
    return name
