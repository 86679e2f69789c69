"""What phrases are compared by: each feature is a vector per phrase, and NaN where it has none.

density         hits per step of each lane, (9,)
polyphony       shares of steps with 0, 1 .. 9 hits, (10,)
inter-onset     shares of the gaps between struck steps: 1, 2 .. 7 steps, 8 or more, (8,)
syncopation     after Longuet-Higgins and Lee, per beat: `measures.syncopation`, (1,)
swing           where an off-beat eighth stands in its beat: .5 straight, .67 triplets, (1,)
velocity        shares of the hits in eight ranges of 16 velocities, (8,)
bar-to-bar F1   hits in common of the two bars, (1,)

Swing is heard on the time-keeping lanes (hats and ride), in beats where a lane strikes just one of
the last two sixteenths: that stroke is the off-beat eighth, and where it stands is its step plus
its microtiming. With both struck the lane plays sixteenths, which says nothing of the eighths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.judging.generation.phrases import PHRASE_BARS, PHRASE_BEATS, Phrases
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, METER
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, TICKS_PER_STEP
from polyrhythmia_live.training.data import measures

Vectors = NDArray[np.float64]
"""(phrases, size of the feature)"""

GAPS = 8
VELOCITY_RANGES = 8
_TIMEKEEPERS = [
    index
    for index, lane in enumerate(DRUM_LANES)
    if lane.name in ("closed-hat", "open-hat", "ride")
]


def density(phrases: Phrases) -> Vectors:
    return np.asarray(phrases.struck.mean(axis=(1, 2)))


def polyphony(phrases: Phrases) -> Vectors:
    hits = phrases.struck.sum(axis=3)[..., None]
    return np.asarray((hits == np.arange(LANES + 1)).mean(axis=(1, 2)))


def inter_onset(phrases: Phrases) -> Vectors:
    onsets = phrases.struck.any(axis=3).reshape(len(phrases), PHRASE_BARS * BAR_STEPS)
    phrase, step = np.nonzero(onsets)
    follows = phrase[1:] == phrase[:-1]
    gaps = np.minimum(np.diff(step), GAPS)[follows] - 1
    counts = np.zeros((len(phrases), GAPS))
    np.add.at(counts, (phrase[1:][follows], gaps), 1)
    return _shares(counts)


def swing(phrases: Phrases) -> Vectors:
    beats = (len(phrases), PHRASE_BEATS, STEPS_PER_BEAT, len(_TIMEKEEPERS))
    struck = phrases.struck[..., _TIMEKEEPERS].reshape(beats)
    late = phrases.microtimings_ticks[..., _TIMEKEEPERS].reshape(beats) / TICKS_PER_STEP
    places = (np.arange(STEPS_PER_BEAT)[:, None] + late) / STEPS_PER_BEAT
    offbeat = struck & (struck[:, :, 2] ^ struck[:, :, 3])[:, :, None]
    offbeat[:, :, :2] = False
    strokes = offbeat.sum(axis=(1, 2, 3))
    with np.errstate(invalid="ignore"):
        return np.asarray((places * offbeat).sum(axis=(1, 2, 3)) / strokes)[:, None]


def velocity(phrases: Phrases) -> Vectors:
    ranges = 128 // VELOCITY_RANGES
    edges = np.arange(VELOCITY_RANGES)
    counts = [
        ((phrases.velocities // ranges == edge) & phrases.struck).sum(axis=(1, 2, 3))
        for edge in edges
    ]
    return _shares(np.stack(counts, axis=1))


def bar_to_bar(phrases: Phrases) -> Vectors:
    first, second = phrases.struck[:, 0], phrases.struck[:, 1]
    shared = (first & second).sum(axis=(1, 2))
    hits = first.sum(axis=(1, 2)) + second.sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * shared / hits)[:, None]


def syncopation(phrases: Phrases) -> Vectors:
    # The measure lets the next bar answer; after a phrase that is its last bar again.
    repeated = np.concatenate([phrases.velocities, phrases.velocities[:, -1:]], axis=1)
    per_bar = measures.syncopation(repeated.reshape(-1, LANES), METER)
    per_phrase = per_bar.reshape(len(phrases), PHRASE_BARS + 1)[:, :PHRASE_BARS]
    return np.asarray(per_phrase.mean(axis=1, keepdims=True))


def _shares(counts: Vectors) -> Vectors:
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


FEATURES: Mapping[str, Callable[[Phrases], Vectors]] = MappingProxyType(
    {
        "density": density,
        "polyphony": polyphony,
        "inter-onset": inter_onset,
        "syncopation": syncopation,
        "swing": swing,
        "velocity": velocity,
        "bar-to-bar F1": bar_to_bar,
    }
)
