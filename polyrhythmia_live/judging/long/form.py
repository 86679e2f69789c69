"""Form: what is played at each place of eight bars, counted from where a take begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drums.lanes import LANE, TOMS
from polyrhythmia_live.judging.generation.takes import JudgedTake
from polyrhythmia_live.judging.long.figures import LATER_BARS

PerBar = NDArray[np.float64]


def _crash_on_one(take: JudgedTake) -> PerBar:
    return take.struck[:, 0, LANE["crash"]].astype(np.float64)


def _toms(take: JudgedTake) -> PerBar:
    return np.asarray(take.struck[:, :, TOMS].sum(axis=(1, 2)), np.float64)


FORM_FIGURES: Mapping[str, Callable[[JudgedTake], PerBar]] = MappingProxyType(
    {"crash on one": _crash_on_one, "toms a bar": _toms}
)


@dataclass(frozen=True, slots=True)
class FormComparison:
    """A figure's mean in bars 1 to 8, (8,), of the drummer and of people."""

    generated: Mapping[str, PerBar]
    human: Mapping[str, PerBar]


def compare_form(takes: Sequence[JudgedTake], people: Sequence[JudgedTake]) -> FormComparison:
    """The form of the drummer's takes and of people's; NaN for a bar that nobody has."""
    return FormComparison(_by_place(takes), _by_place(people))


def _by_place(takes: Sequence[JudgedTake]) -> dict[str, PerBar]:
    places = np.concatenate(
        [np.empty(0, np.intp), *(np.arange(t.bars) % LATER_BARS for t in takes)]
    )
    found = {}
    for name, per_bar in FORM_FIGURES.items():
        values = np.concatenate([np.empty(0), *map(per_bar, takes)])
        with np.errstate(invalid="ignore"):
            sums = np.bincount(places, values, LATER_BARS)
            found[name] = sums / np.bincount(places, minlength=LATER_BARS)
    return found
