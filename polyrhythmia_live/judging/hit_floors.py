"""What is known of a hit's velocity and microtiming without listening: tables by its place.

Each table gives the mean, the median and the histogram of the training hits that share a context
with the hit; where there are none, of those that share a shorter one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import MICROTIMING_BINS, VELOCITY_BINS, Integers
from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.judging.backoff import Backoff
from polyrhythmia_live.judging.hit_scores import HitScores, step_ms
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.training.data.features import bins_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.step_scores import mean

Values = NDArray[np.float64]
Context = tuple[int, ...]

LANE, POSITION, STYLE = range(3)
TABLES: Mapping[str, int] = MappingProxyType(
    {"everything alike": 0, "lane": 1, "lane, position": 2, "lane, position, style": 3}
)
"""Floor -> how many of lane, position and style it looks at."""
ON_THE_GRID = "on the grid"

UNKNOWN_STYLE = -1
_STYLES = {genre: index for index, genre in enumerate(GENRES)}


@dataclass(frozen=True, slots=True)
class DetailFigures:
    """How far estimates are off: in velocity units, or in ms and squared steps.

    `mae` is of the table's medians, `mae_of_means` and `mse` of its means; `mse` is in squared
    velocity units or in squared steps. `nll`, in nats per hit, is that of its histogram.
    """

    mae: float
    mae_of_means: float
    mse: float
    nll: float


@dataclass(frozen=True, slots=True)
class _Hits:
    """A row per hit of some performances; `unit` turns a difference into what is printed."""

    contexts: Integers
    values: Values
    bins: Integers
    unit: Values


def velocity_floors(
    train: Sequence[Performance], judged: Sequence[Performance]
) -> dict[str, DetailFigures]:
    """Floor -> its figures on the judged performances."""
    return _tables(_velocities(train), _velocities(judged), VELOCITY_BINS)


def microtiming_floors(
    train: Sequence[Performance], judged: Sequence[Performance]
) -> dict[str, DetailFigures]:
    """Floor -> its figures on the judged performances; the first plays exactly on the grid."""
    hits = _microtimings(judged)
    zero = np.zeros(len(hits.values))
    on_the_grid = _figures(hits, zero, zero, float("nan"))
    return {ON_THE_GRID: on_the_grid} | _tables(_microtimings(train), hits, MICROTIMING_BINS)


def detail_figures(scores: HitScores) -> tuple[DetailFigures, DetailFigures]:
    """A network's velocity and microtiming, in the floors' terms."""
    units = (np.ones_like(scores.step_ms), scores.step_ms)
    velocity, microtiming = (
        DetailFigures(
            mae=mean(np.abs(detail.median_error) * unit),
            mae_of_means=mean(np.abs(detail.mean_error) * unit),
            mse=mean(detail.mean_error**2),
            nll=mean(detail.nats),
        )
        for detail, unit in zip((scores.velocity, scores.microtiming), units, strict=True)
    )
    return velocity, microtiming


def _velocities(performances: Sequence[Performance]) -> _Hits:
    return _hits(performances, "velocity", lambda p: p.velocities, lambda _: 1.0)


def _microtimings(performances: Sequence[Performance]) -> _Hits:
    return _hits(
        performances, "microtiming", lambda p: p.microtimings_ticks / TICKS_PER_STEP, step_ms
    )


def _hits(
    performances: Sequence[Performance],
    detail: str,
    value: Callable[[Performance], NDArray[np.floating] | Integers],
    unit: Callable[[Performance], float],
) -> _Hits:
    contexts, values, bins, units = [], [], [], []
    for p in performances:
        steps, lanes = np.nonzero(p.velocities)
        style = np.full(len(steps), _STYLES.get(p.genre, UNKNOWN_STYLE))
        contexts.append(np.stack([lanes, steps % p.meter.bar_steps, style], axis=1))
        values.append(np.asarray(value(p), np.float64)[steps, lanes])
        bins.append(bins_of(p)[detail][steps, lanes])
        units.append(np.full(len(steps), unit(p)))
    return _Hits(*(np.concatenate(column) for column in (contexts, values, bins, units)))


def _tables(train: _Hits, judged: _Hits, bins: int) -> dict[str, DetailFigures]:
    medians, means = _averages(train, np.median), _averages(train, np.mean)
    counts = Backoff(bins)
    counts.learn(train.contexts, train.bins)
    figures = {}
    for name, parts in TABLES.items():
        contexts = judged.contexts[:, :parts]
        odds = counts.probabilities(contexts)
        nats = -np.log(odds[np.arange(len(odds)), judged.bins])
        figures[name] = _figures(
            judged, _looked_up(medians, contexts), _looked_up(means, contexts), mean(nats)
        )
    return figures


def _figures(judged: _Hits, medians: Values, means: Values, nll: float) -> DetailFigures:
    return DetailFigures(
        mae=mean(np.abs(medians - judged.values) * judged.unit),
        mae_of_means=mean(np.abs(means - judged.values) * judged.unit),
        mse=mean((means - judged.values) ** 2),
        nll=nll,
    )


def _averages(train: _Hits, average: Callable[[Values], np.floating]) -> dict[Context, float]:
    """The average of the hits of every context, from the empty one to the longest."""
    table: dict[Context, float] = {}
    for parts in range(train.contexts.shape[1] + 1):
        seen, inverse = np.unique(train.contexts[:, :parts], axis=0, return_inverse=True)
        order = np.argsort(inverse.ravel(), kind="stable")
        starts = np.searchsorted(inverse.ravel()[order], np.arange(1, len(seen)))
        groups = np.split(train.values[order], starts)
        table |= {
            tuple(context): float(average(values))
            for context, values in zip(seen.tolist(), groups, strict=True)
        }
    return table


def _looked_up(table: Mapping[Context, float], contexts: Integers) -> Values:
    """The entry of each context, or of the longest part of it that has one."""
    return np.array([_longest_known(table, row) for row in contexts.tolist()])


def _longest_known(table: Mapping[Context, float], context: list[int]) -> float:
    lengths = range(len(context), -1, -1)
    return next(table[key] for n in lengths if (key := tuple(context[:n])) in table)
