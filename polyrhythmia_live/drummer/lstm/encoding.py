"""Hits as numbers: what the network reads before a step, and what it says about it.

Training and the live drummer call the same functions, so what was learnt is what is played. A row
of `features` is computable from the past alone:

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
    81, 82     mean velocity / 127 and microtiming of the last bar's hits     -1..1
    83..86     step in the beat, one-hot                                      0, 1
    87..90     sin, cos of the phase in the bar, and of twice that phase      -1..1
    91..94     sin, cos of the bar's place in four bars, and in eight         -1..1
    95..128    style weights, in the order of `STYLES`; all 0 = unknown       0..1
    129        log2(tempo / 120 bpm)                                          about -2..2
    130..132   in a fill; one begins within a bar; one ended within a bar     0, 1
    133..138   density, syncopation, intensity: known or not, rank - 0.5      0, 1; -.5..5

and a `Recollection` is what was played at the same step of all the bars that are remembered.

The past is an array of `HISTORY_STEPS` rows of (struck, velocity, microtiming) per lane, oldest
first; what lies before the song or further back is silence. Changing anything here invalidates
trained networks: raise `ENCODING_VERSION`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.styles import STYLES, styles_of
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Hits
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, TICKS_PER_STEP, Meter

ENCODING_VERSION = 2

LANES = len(DRUM_LANES)
MASKS = 1 << LANES
"""Every set of lanes has its own outcome: bit i of a mask = lane i of `DRUM_LANES`."""
VELOCITY_BINS = 32
MICROTIMING_BINS = 33
ARTICULATIONS = max(len(lane.articulations) for lane in DRUM_LANES)

MEMORY_BARS = 24
"""How many bars back the same step is remembered."""
HISTORY_STEPS = 16 * MEMORY_BARS
"""As many bars of 4/4; of longer bars, fewer."""
STEP_WIDTH = 3 * LANES
SUCCESSORS = 4
"""How many steps that followed a remembered one are remembered with it."""
RECALLED_WIDTH = STEP_WIDTH + SUCCESSORS * LANES
RANKS = 3
LISTENERS = 2
"""How many steps an exported network takes at once: one told the genre, one not. Its weights are
then read from memory once for both, and reading them is most of what a step costs."""
_FIRST_STYLE = 9 * LANES + 2 + STEPS_PER_BEAT + 8
STYLE_COLUMNS = slice(_FIRST_STYLE, _FIRST_STYLE + len(STYLES))
FEATURES = STYLE_COLUMNS.stop + 1 + 3 + 2 * RANKS

Floats = NDArray[np.float32]
Integers = NDArray[np.integer[Any]]
Bools = bool | NDArray[np.bool_]
Ranks = float | Floats


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


def style_vector(weights: Mapping[str, float]) -> Floats:
    """Style weights as the network reads them; an empty mapping is "unknown".

    A sub-style brings its genre along. Raises ValueError for a name that is not in `STYLES`.
    """
    vector = np.zeros(len(STYLES), np.float32)
    for name, weight in weights.items():
        if name not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {name!r}")
        for part in styles_of(name):
            vector[STYLES.index(part)] += weight
    return vector


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the drummer at each of n steps; a single value holds for all of them.

    `styles` (34,) is from `style_vector`. `fill` is true inside a fill, `fill_soon` in the bar
    before one, `after_fill` in the bar after one. The ranks are shares 0..1 of the genre's recorded
    bars that have less of it: density is hits, syncopation Longuet-Higgins and Lee's, intensity
    the mean velocity; NaN leaves it to the drummer.
    """

    styles: Floats
    tempo_bpm: float
    fill: Bools = False
    fill_soon: Bools = False
    after_fill: Bools = False
    density: Ranks = math.nan
    syncopation: Ranks = math.nan
    intensity: Ranks = math.nan

    def columns(self, count: int) -> Floats:
        """Columns 95.. of `count` rows of features."""
        steady = np.append(self.styles, np.log2(self.tempo_bpm / 120.0))
        parts = [np.broadcast_to(steady, (count, len(steady)))]
        parts += [
            np.broadcast_to(flag, (count,))[:, None]
            for flag in (self.fill, self.fill_soon, self.after_fill)
        ]
        for rank in (self.density, self.syncopation, self.intensity):
            values = np.broadcast_to(rank, (count,))[:, None]
            known = np.isfinite(values)
            parts += [known, np.where(known, values - 0.5, 0.0)]
        return np.concatenate(parts, axis=1, dtype=np.float32)


def _position(first_index: int, count: int, meter: Meter) -> Floats:
    steps = first_index + np.arange(count)
    bars, in_bar = np.divmod(steps, meter.bar_steps)
    beat = np.eye(STEPS_PER_BEAT)[in_bar % STEPS_PER_BEAT]
    turns = np.stack(
        [in_bar / meter.bar_steps, 2 * in_bar / meter.bar_steps, bars % 4 / 4, bars % 8 / 8], axis=1
    )
    waves = np.stack([np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)], axis=2)
    return np.concatenate([beat, waves.reshape(count, -1)], axis=1).astype(np.float32)


def _ago(past: Floats, steps: int, count: int) -> Floats:
    """The rows `steps` before each of the last `count` steps; silence from beyond the past."""
    if steps > HISTORY_STEPS:
        return np.zeros((count, past.shape[1]), np.float32)
    return past[HISTORY_STEPS - steps : HISTORY_STEPS - steps + count]


def _level(past: Floats, bar_steps: int, count: int) -> Floats:
    """Mean velocity and microtiming of the hits of the last bar before each step, (n, 2)."""
    strikes = past.reshape(len(past), 3, LANES).sum(axis=2)
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(strikes, axis=0, dtype=np.float64)])
    ends = HISTORY_STEPS + np.arange(count)
    hits, *totals = (sums[ends] - sums[ends - min(bar_steps, HISTORY_STEPS)]).T
    return np.stack([total / np.maximum(hits, 1) for total in totals], axis=1).astype(np.float32)


def features(past: Floats, *, first_index: int, meter: Meter, asked: Asked) -> Floats:
    """What the network reads before each of n consecutive steps, (n, FEATURES).

    `past` has HISTORY_STEPS + n - 1 rows: the history of the first step, then the steps up to the
    one before the last. Live, n is 1 and `past` is the history itself. `first_index` counts steps
    from the song's first bar line.
    """
    count = len(past) - HISTORY_STEPS + 1
    bar = meter.bar_steps
    columns = [
        _ago(past, 1, count),
        *(_ago(past, bars * bar, count)[:, :LANES] for bars in (1, 2, 3, 4)),
        _ago(past, max(bar - 1, 1), count)[:, :LANES],
        _ago(past, bar, count)[:, LANES : 2 * LANES],
        _level(past, bar, count),
        _position(first_index, count, meter),
        asked.columns(count),
    ]
    return np.concatenate(columns, axis=1, dtype=np.float32)


def with_successors(past: Floats) -> Floats:
    """Rows of the past, and with each the lanes struck in the steps after it: what is recalled.

    (n, RECALLED_WIDTH); nothing follows the last ones yet.
    """
    ahead = np.concatenate([past[:, :LANES], np.zeros((SUCCESSORS, LANES), np.float32)])
    followers = [ahead[n : n + len(past)] for n in range(1, 1 + SUCCESSORS)]
    return np.concatenate([past, *followers], axis=1)


def recalled(past: Floats, meter: Meter) -> Floats:
    """What was played at the same step of bars -1, -2 .., (MEMORY_BARS, RECALLED_WIDTH).

    `past` is a history; what lies beyond it is silence.
    """
    rows = np.zeros((MEMORY_BARS, RECALLED_WIDTH), np.float32)
    places = same_places(meter)
    rows[: len(places)] = with_successors(past)[places]
    return rows


def same_places(meter: Meter) -> NDArray[np.int64]:
    """The rows of a history that are the coming step's place in bars -1, -2 .. of `meter`."""
    bars = np.arange(1, 1 + min(MEMORY_BARS, HISTORY_STEPS // meter.bar_steps))
    return HISTORY_STEPS - bars * meter.bar_steps
