"""A human take on the drummer's grid: what training hears."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.encoding import (
    HISTORY_STEPS,
    LANES,
    STEP_WIDTH,
    Floats,
    encode_steps,
    features,
    genre_vector,
    microtiming_bin,
    velocity_bin,
)
from polyrhythmia_live.rhythm.meter import Meter

Grid = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Performance:
    """One file: who played what, and its grids of shape (steps, 9).

    `velocities` is 0 where a lane is not struck; the other two grids mean nothing there.
    `name` is the path within the dataset; `fills` says of each step whether it is part of a fill.
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

    def bins(self) -> dict[str, NDArray[np.int64]]:
        """What the details should be, (steps, 9) each; meaningful where a lane is struck."""
        return {
            "velocity": velocity_bin(np.maximum(self.velocities, 1)),
            "microtiming": microtiming_bin(self.microtimings_ticks),
            "articulation": self.articulations.astype(np.int64),
        }

    def features(self, *, genre_known: bool = True) -> Floats:
        """What the network reads before each step, (steps, FEATURES)."""
        before = np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)
        played = encode_steps(self.velocities, self.microtimings_ticks)
        return features(
            np.concatenate([before, played[:-1]]),
            first_index=0,
            meter=self.meter,
            tempo_bpm=self.tempo_bpm,
            genre=genre_vector({self.genre: 1.0} if genre_known else {}),
            fill=self.fills,
        )


@dataclass(slots=True)
class NoteTally:
    """How many notes were read, had no lane, or were the softer of two in one cell."""

    notes: int = 0
    unmapped: int = 0
    collided: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """The performances that could be read, and what was left out (file -> why)."""

    performances: tuple[Performance, ...]
    dropped_files: dict[str, str]
    tally: NoteTally

    def split(self, name: str, *, meter: Meter | None = None) -> tuple[Performance, ...]:
        """The performances of one official split, of one meter if given."""
        return tuple(p for p in self.performances if p.split == name and meter in (None, p.meter))

    def provenance(self, split: str) -> dict[str, Any]:
        """What a network trained on a split was trained on, for its card."""
        files = self.split(split)
        return {
            "name": "Groove MIDI Dataset",
            "licence": "CC BY 4.0",
            "split": split,
            "files": len(files),
            "bars": sum(p.bars for p in files),
        }

    def summary(self) -> str:
        """What was read and what was dropped, for people."""
        lines = [
            f"{len(self.performances)} files, {sum(p.bars for p in self.performances)} bars, "
            f"{self.tally.notes} notes: {self.tally.collided} gave way to a louder one in the same "
            f"cell, {self.tally.unmapped} have a pitch without a lane"
        ]
        for reason, count in sorted(Counter(self.dropped_files.values()).items()):
            lines.append(f"{count} files left out: {reason}")
        return "\n".join(lines)
