"""Fills against the groove, the drummer's beside people's.

The drummer is asked for a fill at each beat of every eighth bar. People's fills are the bars of
their takes that are like a fill (`training.data.labels`), and the files of the data set that are
nothing but fills, which have no groove to stand out from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drums.lanes import LANE, TOMS
from polyrhythmia_live.judging.generation.estimate import (
    Reading,
    Weights,
    estimate,
    ratio,
    resampled,
)
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, SOUNDING_HITS, JudgedTake
from polyrhythmia_live.judging.long.figures import LATER_BARS, SHARE_MARGIN
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.training.data.performance import Performance

BEATS = (1, 2, 3, 4)
FILLS_PER_TAKE = 6
FILL_TAKE_BARS = LATER_BARS * FILLS_PER_TAKE + 1
GROOVE_BARS = 4
"""So many bars, the one before the fill left out, are what is usual: it may lead to the fill."""

Struck = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill, what was played on the same steps of the bars before it, and the one after.

    `fill` is (steps, 9), `groove` (bars, steps, 9). `after` (9,) is the first step of the next bar,
    `ones` (bars, 9) those of the groove; all three are empty where a fill is all there is.
    """

    fill: Struck
    groove: Struck
    after: Struck
    ones: Struck


def fill_steps(beat: int) -> tuple[int, ...]:
    """Where a fill is asked for from this beat on, 1 to 4, of every eighth bar."""
    first = (LATER_BARS - 1) * BAR_STEPS + (beat - 1) * STEPS_PER_BEAT
    return tuple(first + number * LATER_BARS * BAR_STEPS for number in range(FILLS_PER_TAKE))


def asked_for(take: JudgedTake, beat: int) -> Iterator[Fill]:
    """The fills of a take in which they were asked for from this beat on."""
    for step in fill_steps(beat):
        yield _fill(take.struck, step // BAR_STEPS, step % BAR_STEPS)


def like_fills(performance: Performance) -> Iterator[Fill]:
    """The bars of a person's take that are like a fill, after some that are not."""
    struck = (performance.velocities > 0).reshape(-1, BAR_STEPS, LANES)
    like: Struck = performance.fill_like.reshape(-1, BAR_STEPS).max(axis=1)
    for bar in np.flatnonzero(like[:-1] & ~like[1:]):
        if bar > GROOVE_BARS and not like[bar - GROOVE_BARS - 1 : bar - 1].any():
            yield _fill(struck, int(bar), 0)


def only_fill(performance: Performance) -> Fill:
    """A file that is a fill, from its first beat to its last."""
    struck = np.asarray(performance.velocities > 0)
    beats = np.flatnonzero(struck.any(axis=1)) // STEPS_PER_BEAT
    first, end = (beats.min(), beats.max() + 1) if len(beats) else (0, 0)
    none = struck[:0]
    return Fill(struck[first * STEPS_PER_BEAT : end * STEPS_PER_BEAT], none[None], none, none)


def _fill(struck: Struck, bar: int, start: int) -> Fill:
    before = struck[bar - GROOVE_BARS - 1 : bar - 1]
    return Fill(struck[bar, start:], before[:, start:], struck[bar + 1, 0], before[:, 0])


Fills = Sequence[Fill]


def _per_bar(fills: Fills) -> tuple[float, float]:
    return sum(f.fill.sum() for f in fills), sum(len(f.fill) for f in fills) / BAR_STEPS


def _groove_per_bar(fills: Fills) -> tuple[float, float]:
    steps = sum(f.groove.shape[0] * f.groove.shape[1] for f in fills)
    return sum(f.groove.sum() for f in fills), steps / BAR_STEPS


def _toms_per_bar(fills: Fills) -> tuple[float, float]:
    return sum(f.fill[:, TOMS].sum() for f in fills), _per_bar(fills)[1]


def _groove_toms_per_bar(fills: Fills) -> tuple[float, float]:
    return sum(f.groove[..., TOMS].sum() for f in fills), _groove_per_bar(fills)[1]


def _snares_per_bar(fills: Fills) -> tuple[float, float]:
    return sum(f.fill[:, LANE["snare"]].sum() for f in fills), _per_bar(fills)[1]


def _silent(fills: Fills) -> tuple[float, float]:
    return sum(f.fill.sum() < SOUNDING_HITS for f in fills), len(fills)


def _crash_after(fills: Fills) -> tuple[float, float]:
    landed = [f.after[LANE["crash"]] for f in fills if f.after.size]
    return sum(landed), len(landed)


def _crash_on_other_ones(fills: Fills) -> tuple[float, float]:
    ones = [f.ones[:, LANE["crash"]] for f in fills if f.ones.size]
    return sum(one.sum() for one in ones), sum(map(len, ones))


FILL_FIGURES: Mapping[str, Callable[[Fills], tuple[float, float]]] = MappingProxyType(
    {
        "hits a bar": _per_bar,
        "of the groove": _groove_per_bar,
        "toms a bar": _toms_per_bar,
        "of the groove's": _groove_toms_per_bar,
        "snares a bar": _snares_per_bar,
        "silent": _silent,
        "crash after": _crash_after,
        "on other ones": _crash_on_other_ones,
    }
)


def fill_readings(by_take: Sequence[Fills], rng: np.random.Generator) -> dict[str, Reading]:
    """Every figure of the fills of several takes, one sequence of fills each."""
    weights: Weights = resampled(len(by_take), rng)
    readings = {}
    for name, count in FILL_FIGURES.items():
        counted = np.array([count(fills) for fills in by_take], np.float64).reshape(-1, 2)
        readings[name] = ratio(weights, counted[:, 0], counted[:, 1])
    return readings


@dataclass(frozen=True, slots=True)
class FillComparison:
    """Fills of one genre: the drummer's by the beat from which they were asked for, and people's.

    `human` are bars like a fill, `human_files` files that are fills.
    """

    generated: Mapping[int, Mapping[str, Reading]]
    human: Mapping[str, Reading]
    human_files: Mapping[str, Reading]

    @property
    def is_fuller(self) -> bool:
        """Whether a fill is fuller than the groove, wherever in the bar it begins."""
        return all(r["hits a bar"][0] >= r["of the groove"][0] for r in self.generated.values())

    @property
    def is_never_silent(self) -> bool:
        return all(reading["silent"][0] == 0.0 for reading in self.generated.values())

    @property
    def is_on_toms_and_snare(self) -> bool:
        """Whether fills are on toms and snare as much as people's are, within their interval."""
        ours = [r["toms a bar"][0] + r["snares a bar"][0] for r in self.generated.values()]
        people = estimate(self.human["toms a bar"] + self.human["snares a bar"])
        return not np.isfinite(people.low) or bool(np.mean(ours) >= people.low)

    @property
    def lands(self) -> bool:
        """Whether a crash follows as often as after people's fills, or nearly."""
        people = self.human["crash after"][0]
        crashes = [reading["crash after"][0] for reading in self.generated.values()]
        return not np.isfinite(people) or bool(np.mean(crashes) >= people - SHARE_MARGIN)


def compare_fills(
    asked: Mapping[int, Sequence[JudgedTake]],
    people: Sequence[Performance],
    rng: np.random.Generator,
) -> FillComparison:
    """The fills of one genre; `asked` are the takes by the beat at which fills were asked for."""
    beats = [performance for performance in people if not performance.fill]
    files = [performance for performance in people if performance.fill]
    return FillComparison(
        {
            beat: fill_readings([list(asked_for(take, beat)) for take in takes], rng)
            for beat, takes in asked.items()
        },
        fill_readings([list(like_fills(performance)) for performance in beats], rng),
        fill_readings([[only_fill(performance)] for performance in files], rng),
    )
