"""Fills where they belong: between the bars of a beat.

The dataset's fills are files of their own, from silence to silence. A drummer who has only heard
those does not know what to do when a fill is asked for in the middle of a song. So in training a
share of them takes the place of bars of a beat of the same genre, at about the same tempo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.training.data.performance import STEP_FIELDS, Performance

BARS_BEFORE = 8
BARS_AFTER = 4
TEMPO_RATIO = 1.25
"""How much faster or slower a beat may be than the fill."""


def in_context(
    performances: Sequence[Performance], share: float, rng: np.random.Generator
) -> list[Performance]:
    """The performances, with `share` of the fills put into a beat, if there is one that fits."""
    beats = [p for p in performances if not p.fill]
    spliced = []
    for performance in performances:
        if performance.fill and rng.random() < share:
            fitting = [beat for beat in beats if _fits(beat, performance)]
            if fitting:
                beat = fitting[int(rng.integers(len(fitting)))]
                spliced.append(_splice(performance, beat, rng))
                continue
        spliced.append(performance)
    return spliced


def _fits(beat: Performance, fill: Performance) -> bool:
    ratio = beat.tempo_bpm / fill.tempo_bpm
    return (
        beat.genre == fill.genre
        and beat.meter == fill.meter
        and 1 / TEMPO_RATIO <= ratio <= TEMPO_RATIO
        and beat.bars > fill.bars
    )


def _splice(fill: Performance, beat: Performance, rng: np.random.Generator) -> Performance:
    """A few bars of the beat, the fill instead of the next ones, and how the beat goes on.

    The fill is moved to the beat's tempo, as its steps are.
    """
    bar = beat.meter.bar_steps
    at = bar * int(rng.integers(1, beat.bars - fill.bars + 1))
    start = max(0, at - bar * int(rng.integers(1, BARS_BEFORE + 1)))
    resumed = at + fill.steps
    stop = min(beat.steps, resumed + bar * BARS_AFTER)

    def joined(field: str) -> NDArray[Any]:
        of_beat, of_fill = getattr(beat, field), getattr(fill, field)
        return np.concatenate([of_beat[start:at], of_fill, of_beat[resumed:stop]])

    fields: dict[str, Any] = {name: joined(name) for name in STEP_FIELDS}
    return replace(beat, name=f"{beat.name} + {fill.name}", **fields)
