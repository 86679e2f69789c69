"""The LSTM drummer's state: a small value, kept for every step of a take, and on disk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import HISTORY_STEPS, STEP_WIDTH, Floats
from polyrhythmia_live.drummer.lstm.past import Past, fixed
from polyrhythmia_live.drummer.lstm.sampling import WINDOW_STEPS, WINDOW_WIDTH
from polyrhythmia_live.drummer.lstm.theme import Theme
from polyrhythmia_live.rhythm.bar import Hit, Hits


@dataclass(frozen=True, slots=True, eq=False)
class DrummerState:
    """All that the next step depends on, beside what is asked of it; arrays are read-only.

    `network` is the network's own state, `nameless` that of the same network left in the dark about
    the genre. `past` ends before the last step, which the network gave `key` and whose hits are
    `pending`, so that what really sounded can take their place. `theme` is what the take keeps to,
    without the pending hits. `window` is what `sampling` remembers for the density, `owed_hits` how
    many hits fewer were played than were asked for. `serial` counts steps played. `groove_bars`
    says which of the last bars were all groove, neither a fill nor what it led into: bit n is the
    bar n bars ago. `step_in_bar` is where the next step stands unless the song is relocated, and
    None while nothing is pending. `genre` is the heaviest so far, "" before the first step.
    `likelihood` is what the network gave the pending hits, None where it did not draw them.
    """

    network: Floats
    nameless: Floats
    past: Past
    theme: Theme
    key: Floats
    pending: Hits
    window: Floats
    owed_hits: float
    serial: int
    groove_bars: int
    step_in_bar: int | None
    genre: str
    seed: int
    likelihood: float | None = None


def to_arrays(state: DrummerState) -> dict[str, NDArray[Any]]:
    """A state as plain arrays, for a file."""
    pending = [[h.lane, h.velocity, h.microtiming_ticks, h.articulation] for h in state.pending]
    step_in_bar = -1 if state.step_in_bar is None else state.step_in_bar
    counts = [state.serial, step_in_bar, state.past.heard_steps, state.groove_bars]
    return {
        "network": state.network,
        "nameless": state.nameless,
        "past": state.past.rows(),
        **state.theme.arrays(),
        "key": state.key,
        "window": state.window,
        "pending": np.array(pending, np.int64).reshape(-1, 4),
        "counts": np.array(counts, np.int64),
        "owed_hits": np.array(state.owed_hits, np.float64),
        "genre": np.array(state.genre),
        "seed": np.array(state.seed, np.uint64),
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]], state_size: int, key_size: int) -> DrummerState:
    """The state that `to_arrays` gave. Raises ValueError or KeyError for anything else."""
    shapes = {
        "network": (state_size,),
        "nameless": (state_size,),
        "past": (HISTORY_STEPS, STEP_WIDTH + key_size),
        "key": (key_size,),
        "window": (WINDOW_STEPS, WINDOW_WIDTH),
    }
    found = {name: np.array(arrays[name], np.float32) for name in shapes}
    for name, array in found.items():
        if array.shape != shapes[name] or np.isnan(array).any():
            raise ValueError(f"expected {shapes[name]} numbers for {name}, got {array.shape}")
    serial, step_in_bar, heard_steps, groove_bars = map(int, arrays["counts"])
    past = Past.of(found.pop("past"), heard_steps)
    owed_hits = float(arrays["owed_hits"])
    if not math.isfinite(owed_hits):
        raise ValueError(f"expected a number of hits, got {owed_hits}")
    return DrummerState(
        **{name: fixed(array) for name, array in found.items()},
        past=past,
        theme=Theme.of(arrays),
        pending=tuple(Hit(*map(int, row)) for row in arrays["pending"]),
        owed_hits=owed_hits,
        serial=serial,
        groove_bars=groove_bars,
        step_in_bar=None if step_in_bar < 0 else step_in_bar,
        genre=str(arrays["genre"]),
        seed=int(arrays["seed"]),
        likelihood=None,
    )
