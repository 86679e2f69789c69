"""What each bar is like, beside what has been played before: the live knobs' training examples.

No one labelled the recordings by how dense, syncopated or loud a bar is; it is measured. Each
measure becomes the bar's rank among the bars of its genre (see `references`), the same for all its
steps.

Fills are the other label. The dataset's fills are files of their own, a thousand bars in all; far
more are played within its beats and not marked. `fill_like` finds them by two signs: much on toms
and crash, or unlike the bars before. A bar is like a fill where one of the two is among the
greatest twentieth of its genre. Only bars within long beats are looked at: not the first few, which
nothing comes before, not the last, which is an ending, and none that is sparser than half of what
is usual, which is a break.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.training.data import measures
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.measures import PerBar
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.references import References, tables_of

HITS_PER_STEP = "hits_per_step"
SYNCOPATION = "syncopation"
INTENSITY = "intensity"
FILL_SHARE = "fill_share"
UNUSUALNESS = "unusualness"
MEASURES = (HITS_PER_STEP, SYNCOPATION, INTENSITY, FILL_SHARE, UNUSUALNESS)

LONG_BEAT_BARS = 8
"""A shorter beat has no usual that a fill would stand out from."""
FILL_RANK = 0.95
"""What ranks above it is like a fill."""
BREAK_RATIO = 0.5
"""A bar with fewer hits than this share of the mean bar is a break."""


def measure(performance: Performance) -> dict[str, PerBar]:
    """Every measure of every bar; NaN where it says nothing, as for fills within a fill."""
    bar_steps = performance.meter.bar_steps
    velocities = performance.velocities
    density = measures.hits_per_step(velocities, bar_steps)
    in_beat = _in_long_beat(performance, density)
    return {
        HITS_PER_STEP: density,
        SYNCOPATION: measures.syncopation(velocities, performance.meter),
        INTENSITY: measures.intensity(velocities, bar_steps),
        FILL_SHARE: np.where(in_beat, measures.fill_share(velocities, bar_steps), np.nan),
        UNUSUALNESS: np.where(in_beat, measures.unusualness(velocities, bar_steps), np.nan),
    }


def references_of(train: Sequence[Performance]) -> References:
    """What is usual among these performances, which should be the training split's."""
    found: dict[str, dict[str, list[PerBar]]] = {name: {} for name in MEASURES}
    for performance in train:
        for name, values in measure(performance).items():
            found[name].setdefault(performance.genre, []).append(values)
    return References(
        {
            name: tables_of({genre: np.concatenate(values) for genre, values in genres.items()})
            for name, genres in found.items()
        }
    )


def labelled(dataset: Dataset) -> Dataset:
    """A dataset with labels, by references of its train split; without one, ranks are unknown."""
    train = dataset.split("train")
    if not train:
        return dataset
    references = references_of(train)
    performances = label(dataset.performances, references)
    return replace(dataset, performances=performances, references=references)


def label(performances: Sequence[Performance], references: References) -> tuple[Performance, ...]:
    """The performances with their labels, by the references of this or of another dataset."""
    return tuple(_labelled(performance, references) for performance in performances)


def _labelled(performance: Performance, references: References) -> Performance:
    ranks = {
        name: references.rank(name, performance.genre, values)
        for name, values in measure(performance).items()
    }
    like_a_fill = (ranks[FILL_SHARE] > FILL_RANK) | (ranks[UNUSUALNESS] > FILL_RANK)
    per_bar = performance.meter.bar_steps
    return replace(
        performance,
        density_ranks=np.repeat(ranks[HITS_PER_STEP], per_bar).astype(np.float32),
        syncopation_ranks=np.repeat(ranks[SYNCOPATION], per_bar).astype(np.float32),
        intensity_ranks=np.repeat(ranks[INTENSITY], per_bar).astype(np.float32),
        fill_like=np.repeat(like_a_fill, per_bar),
    )


def _in_long_beat(performance: Performance, density: PerBar) -> NDArray[np.bool_]:
    """(bars,): where a fill would stand out."""
    here = np.arange(performance.bars)
    marked: NDArray[np.bool_] = performance.fills.reshape(performance.bars, -1).max(axis=1)
    usual = density[~marked].mean() if (~marked).any() else 0.0
    return (
        ~marked
        & (performance.bars >= LONG_BEAT_BARS)
        & (here >= measures.LEAST_MEMORY_BARS)
        & (here < performance.bars - 1)
        & (density >= BREAK_RATIO * usual)
    )
