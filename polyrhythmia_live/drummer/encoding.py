"""Hits as numbers: what the network reads before a step, and what it says about it.

Training and the live drummer call the same `features`, so what was learnt is what is played. A row
of features is computable from the past alone:

    columns    what                                                           range
    0..8       previous step: lane struck                                     0, 1
    9..17      previous step: velocity / 127                                  0..1
    18..26     previous step: microtiming / half a step                       -1..1
    27..35     same step of bar -1: lane struck                               0, 1
    36..44     same step of bar -2                                            0, 1
    45..53     same step of bar -3                                            0, 1
    54..62     same step of bar -4                                            0, 1
    63..71     the step after it in bar -1: lane struck                       0, 1
    72..80     same step of bar -1: velocity / 127                            0..1
    81..84     step in the beat, one-hot                                      0, 1
    85..88     sin, cos of the phase in the bar, and of twice that phase      -1..1
    89..92     sin, cos of the bar's place in four bars, and in eight         -1..1
    93..110    genre weights, in the order of `GENRES`; all 0 = unknown       0..1
    111        log2(tempo / 120 bpm)                                          about -2..2
    112        fill asked for                                                 0, 1

The past is an array of `HISTORY_STEPS` rows of (struck, velocity, microtiming) per lane, oldest
first; what lies before the song or further back is silence. Changing anything here invalidates
trained networks: raise `ENCODING_VERSION`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Hits
from polyrhythmia_live.rhythm.kit import DRUM_LANES
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, TICKS_PER_STEP, Meter

ENCODING_VERSION = 1

LANES = len(DRUM_LANES)
MASKS = 1 << LANES
"""Every set of lanes has its own outcome: bit i of a mask = lane i of `DRUM_LANES`."""
VELOCITY_BINS = 32
MICROTIMING_BINS = 33
ARTICULATIONS = max(len(lane.articulations) for lane in DRUM_LANES)

HISTORY_STEPS = 64
"""Four bars of 4/4."""
STEP_WIDTH = 3 * LANES
FEATURES = 9 * LANES + STEPS_PER_BEAT + 8 + len(GENRES) + 2

Floats = NDArray[np.float32]
Integers = NDArray[np.integer[Any]]

_PITCHES = {
    "kick": (36,),
    "snare": (38,),
    "rimshot": (40,),
    "cross-stick": (37,),
    "closed-hat": (42, 22),
    "pedal-hat": (44,),
    "open-hat": (46, 26),
    "low-tom": (43, 58),
    "mid-tom": (47, 45),
    "high-tom": (50, 48),
    "crash": (49, 52, 55, 57),
    "ride": (51, 59),
    "ride-bell": (53,),
}

PITCH_MAP: dict[int, tuple[int, int]] = {
    pitch: (lane, articulation)
    for lane, row in enumerate(DRUM_LANES)
    for articulation, name in enumerate(row.articulations)
    for pitch in _PITCHES[name]
}
"""Pitch -> (lane, articulation), for all 22 pitches of the Groove MIDI Dataset.

The dataset's drum module sends edges and rims as notes of their own (22 and 26 are hat edges, 58 a
tom rim); in General MIDI these pitches are undefined or something else, so they are read, never
sent.
"""


def mask_of(lanes: Iterable[int]) -> int:
    """The mask in which just these lanes are struck."""
    mask = 0
    for lane in lanes:
        mask |= 1 << lane
    return mask


MASK_LANES: Floats = ((np.arange(MASKS)[:, None] >> np.arange(LANES)) & 1).astype(np.float32)
"""(512, 9): row m is 1 where mask m strikes the lane."""
MASK_LANES.flags.writeable = False


def velocity_bin(velocity: Integers | int) -> NDArray[np.int64]:
    """The bin 0..31 of a velocity 1..127."""
    return (np.asarray(velocity, np.int64) - 1) // 4


def velocity_of_bin(index: Integers | int) -> NDArray[np.int64]:
    """The velocity 3, 7 .. 127 that stands for a bin; at most 2 from any velocity in it."""
    return 4 * np.asarray(index, np.int64) + 3


def microtiming_bin(microtiming_ticks: Integers | int) -> NDArray[np.int64]:
    """The bin 0..32 of a microtiming in ticks; bin 16 is centred on the grid."""
    late_ticks = np.asarray(microtiming_ticks, np.int64) - MICROTIMING_MIN_TICKS
    return late_ticks * MICROTIMING_BINS // TICKS_PER_STEP


def microtiming_of_bin(index: Integers | int) -> NDArray[np.int64]:
    """The microtiming in ticks at the centre of a bin: 0 for bin 16."""
    middle = (2 * np.asarray(index, np.int64) + 1) * TICKS_PER_STEP // (2 * MICROTIMING_BINS)
    return middle + MICROTIMING_MIN_TICKS


def empty_history() -> Floats:
    """The past of a song that has not begun."""
    return np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)


def encode_hits(hits: Hits) -> Floats:
    """One row of the past: struck, velocity and microtiming per lane."""
    velocities = np.zeros((1, LANES), np.int64)
    microtimings_ticks = np.zeros((1, LANES), np.int64)
    for hit in hits:
        velocities[0, hit.lane] = hit.velocity
        microtimings_ticks[0, hit.lane] = hit.microtiming_ticks
    row: Floats = encode_steps(velocities, microtimings_ticks)[0]
    return row


def encode_steps(velocities: Integers, microtimings_ticks: Integers) -> Floats:
    """Rows of the past, (n, 27), from (n, 9) velocities (0 = not struck) and microtimings."""
    struck = velocities > 0
    late = np.where(struck, microtimings_ticks / (TICKS_PER_STEP / 2), 0.0)
    return np.concatenate([struck, velocities / 127.0, late], axis=1).astype(np.float32)


def push(history: Floats, row: Floats) -> Floats:
    """The past one step later, as a new array; `row` is from `encode_hits`."""
    return np.concatenate([history[1:], row[None]])


def genre_vector(weights: dict[str, float]) -> Floats:
    """Genre weights as the network reads them; an empty dict is "unknown".

    Raises ValueError for a genre that is not in `GENRES`.
    """
    vector = np.zeros(len(GENRES), np.float32)
    for name, weight in weights.items():
        if name not in GENRES:
            raise ValueError(f"genre must be one of {', '.join(GENRES)}, got {name!r}")
        vector[GENRES.index(name)] = weight
    return vector


def _position(first_index: int, count: int, meter: Meter) -> Floats:
    steps = first_index + np.arange(count)
    bars, in_bar = np.divmod(steps, meter.bar_steps)
    beat = np.eye(STEPS_PER_BEAT)[in_bar % STEPS_PER_BEAT]
    turns = np.stack(
        [in_bar / meter.bar_steps, 2 * in_bar / meter.bar_steps, bars % 4 / 4, bars % 8 / 8], axis=1
    )
    waves = np.stack([np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)], axis=2)
    return np.concatenate([beat, waves.reshape(count, -1)], axis=1).astype(np.float32)


def features(
    past: Floats,
    *,
    first_index: int,
    meter: Meter,
    tempo_bpm: float,
    genre: Floats,
    fill: bool | NDArray[np.bool_] = False,
) -> Floats:
    """What the network reads before each of n consecutive steps, (n, FEATURES).

    `past` has HISTORY_STEPS + n - 1 rows: the history of the first step, then the steps up to the
    one before the last. Live, n is 1 and `past` is the history itself. `first_index` counts steps
    from the song's first bar line; `genre` is from `genre_vector`; `fill` may differ from step to
    step.
    """
    count = len(past) - HISTORY_STEPS + 1

    def ago(steps: int) -> Floats:
        if steps > HISTORY_STEPS:
            return np.zeros((count, STEP_WIDTH), np.float32)
        return past[HISTORY_STEPS - steps : HISTORY_STEPS - steps + count]

    bar = meter.bar_steps
    conditions = np.append(genre, np.log2(tempo_bpm / 120.0))
    columns = [
        ago(1),
        *(ago(bars * bar)[:, :LANES] for bars in (1, 2, 3, 4)),
        ago(max(bar - 1, 1))[:, :LANES],
        ago(bar)[:, LANES : 2 * LANES],
        _position(first_index, count, meter),
        np.broadcast_to(conditions, (count, len(conditions))),
        np.broadcast_to(fill, (count,))[:, None],
    ]
    return np.concatenate(columns, axis=1, dtype=np.float32)
