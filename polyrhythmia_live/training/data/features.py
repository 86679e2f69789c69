"""What a network reads of a performance before each step, and what it should answer.

It reads what it would read live if a performer had asked for just this performance: the history,
the place in the bar, and what is asked for. The functions that run live compute all of it (see
`drummer.lstm.encoding`).

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    STEP_WIDTH,
    Asked,
    Floats,
    encode_steps,
    features,
    microtiming_bin,
    velocity_bin,
)
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.training.data.performance import Performance

BEFOREHAND = frozenset({"genre", "sub-style"})
"""What is known of a performance before it begins, besides its tempo and the dataset's fills."""
LABELS = frozenset({"density", "syncopation", "intensity", "fill-like"})
"""What is measured on the bars themselves, see `labels`."""


def features_of(performance: Performance, known: Collection[str] = BEFOREHAND) -> Floats:
    """What the network reads before each step, (steps, FEATURES); `known` as in `asked_of`."""
    return features(
        past_of(performance)[:-1],
        first_index=0,
        meter=performance.meter,
        asked=asked_of(performance, known),
    )


def past_of(performance: Performance) -> Floats:
    """The history of the first step, and then every step: (HISTORY_STEPS + steps, 27)."""
    before = np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)
    played = encode_steps(performance.velocities, performance.microtimings_ticks)
    return np.concatenate([before, played])


def asked_of(performance: Performance, known: Collection[str] = BEFOREHAND) -> Asked:
    """What a performer would have asked for, to get this performance.

    `known` are some of `BEFOREHAND` and `LABELS`. Labels are measured on the very steps that they
    ask for, so a network that predicts must not be told them.
    """
    names = performance.styles
    told = names[: "genre" in known] + names[1:] * ("sub-style" in known)
    styles = np.zeros(len(STYLES), np.float32)
    styles[[STYLES.index(name) for name in told]] = 1.0
    fills = performance.fills
    if "fill-like" in known:
        fills = fills | performance.fill_like
    by_bar: NDArray[np.bool_] = fills.reshape(performance.bars, -1).max(axis=1)
    silent = np.zeros(1, np.bool_)
    # The live drummer asks `brain.phrase.Phrase` for these two: a test holds both to one meaning.
    soon = np.append(by_bar[1:], silent) & ~by_bar
    after = np.append(silent, by_bar[:-1]) & ~by_bar
    bar_steps = performance.meter.bar_steps
    return Asked(
        styles=styles,
        tempo_bpm=performance.tempo_bpm,
        fill=fills,
        fill_soon=np.repeat(soon, bar_steps),
        after_fill=np.repeat(after, bar_steps),
        density=performance.density_ranks if "density" in known else np.nan,
        syncopation=performance.syncopation_ranks if "syncopation" in known else np.nan,
        intensity=performance.intensity_ranks if "intensity" in known else np.nan,
    )


def bins_of(performance: Performance) -> dict[str, NDArray[np.int64]]:
    """What the details should be, (steps, 9) each; meaningful where a lane is struck."""
    return {
        "velocity": velocity_bin(np.maximum(performance.velocities, 1)),
        "microtiming": microtiming_bin(performance.microtimings_ticks),
        "articulation": performance.articulations.astype(np.int64),
    }
