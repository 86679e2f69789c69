"""A human take on the drummer's grid: what training hears."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES, Floats
from polyrhythmia_live.drummer.styles import styles_of
from polyrhythmia_live.rhythm.meter import Meter

Grid = NDArray[np.int16]

STEP_FIELDS = (
    "fills",
    "velocities",
    "microtimings_ticks",
    "articulations",
    "density_ranks",
    "syncopation_ranks",
    "intensity_ranks",
    "fill_like",
)
"""The fields of a performance that have a row per step."""

_PART = re.compile(r"#\d+$")


def part_named(file: str, number: int) -> str:
    """The name of a file's part, counted from 1: "take.mid", "take.mid#2"."""
    return file if number == 1 else f"{file}#{number}"


def _unlabelled() -> Floats:
    return np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Performance:
    """One file or a part of one: who played what, and its grids of shape (steps, 9).

    `velocities` is 0 where a lane is not struck; the other two grids mean nothing there.
    `name` is the path within the dataset, with a number for a file's second part and on (`file`);
    `fills` says of each step whether it is part of a fill. `genre` is "" where it is not known, and
    `style` what the source calls it.

    The rest are labels, (steps,), the same for all steps of a bar, see `labels`: where the
    bar ranks among the genre's, 0..1, NaN = not known; and whether it is like a fill within a beat.

    Raises ValueError where the fields differ in length.
    """

    name: str
    split: str
    genre: str
    style: str
    tempo_bpm: float
    meter: Meter
    fills: NDArray[np.bool_]
    velocities: Grid
    microtimings_ticks: Grid
    articulations: Grid
    density_ranks: Floats = field(default_factory=_unlabelled)
    syncopation_ranks: Floats = field(default_factory=_unlabelled)
    intensity_ranks: Floats = field(default_factory=_unlabelled)
    fill_like: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    def __post_init__(self) -> None:
        for name in ("density_ranks", "syncopation_ranks", "intensity_ranks"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.full(self.steps, np.nan, np.float32))
        if not len(self.fill_like):
            object.__setattr__(self, "fill_like", np.zeros(self.steps, np.bool_))
        lengths = {name: len(getattr(self, name)) for name in STEP_FIELDS}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"all fields of a performance need a row per step, got {lengths}")

    @property
    def file(self) -> str:
        """The file that this is, or is a part of: its path within the dataset."""
        return _PART.sub("", self.name)

    @property
    def styles(self) -> tuple[str, ...]:
        """The genre and, if it has one, the sub-style; empty where not known."""
        return styles_of(self.style)

    @property
    def steps(self) -> int:
        return len(self.velocities)

    @property
    def fill(self) -> bool:
        """Whether this is just a fill, as half of the dataset's files are."""
        return bool(self.fills.all())

    @property
    def bars(self) -> int:
        return self.steps // self.meter.bar_steps

    @property
    def masks(self) -> NDArray[np.int64]:
        """The lane mask of each step, 0..511."""
        return (self.velocities > 0) @ (1 << np.arange(LANES))

    def taken(self, steps: slice | NDArray[np.int64], **changed: Any) -> Performance:
        """Some of the steps in the order given, with their labels; `changed` as in `replace`."""
        return replace(
            self, **{name: getattr(self, name)[steps] for name in STEP_FIELDS}, **changed
        )
