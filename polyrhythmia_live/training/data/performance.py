"""A human take on the drummer's grid: what training hears."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    STEP_WIDTH,
    Asked,
    Floats,
    encode_steps,
    features,
    microtiming_bin,
    velocity_bin,
)
from polyrhythmia_live.drummer.styles import STYLES, styles_of
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.references import References

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

BEFOREHAND = frozenset({"genre", "sub-style"})
"""What is known of a performance before it begins, besides its tempo and the dataset's fills."""
LABELS = frozenset({"density", "syncopation", "intensity", "fill-like"})
"""What is measured on the bars themselves, see `labels`."""

_NAMES_SHOWN = 5


def _unlabelled() -> Floats:
    return np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Performance:
    """One file: who played what, and its grids of shape (steps, 9).

    `velocities` is 0 where a lane is not struck; the other two grids mean nothing there.
    `name` is the path within the dataset; `fills` says of each step whether it is part of a fill.
    `genre` is "" where it is not known, and `style` what the source calls it.

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

    def bins(self) -> dict[str, NDArray[np.int64]]:
        """What the details should be, (steps, 9) each; meaningful where a lane is struck."""
        return {
            "velocity": velocity_bin(np.maximum(self.velocities, 1)),
            "microtiming": microtiming_bin(self.microtimings_ticks),
            "articulation": self.articulations.astype(np.int64),
        }

    def asked(self, known: Collection[str] = BEFOREHAND) -> Asked:
        """What a performer would have asked for, to get this.

        `known` are some of `BEFOREHAND` and `LABELS`. Labels are measured on the very steps that
        they ask for, so a network that predicts must not be told them.
        """
        names = self.styles[: "genre" in known] + self.styles[1:] * ("sub-style" in known)
        styles = np.zeros(len(STYLES), np.float32)
        styles[[STYLES.index(name) for name in names]] = 1.0
        fills = self.fills | self.fill_like if "fill-like" in known else self.fills
        by_bar: NDArray[np.bool_] = fills.reshape(self.bars, -1).max(axis=1)
        silent = np.zeros(1, np.bool_)
        soon = np.append(by_bar[1:], silent) & ~by_bar
        after = np.append(silent, by_bar[:-1]) & ~by_bar
        return Asked(
            styles=styles,
            tempo_bpm=self.tempo_bpm,
            fill=fills,
            fill_soon=np.repeat(soon, self.meter.bar_steps),
            after_fill=np.repeat(after, self.meter.bar_steps),
            density=self.density_ranks if "density" in known else np.nan,
            syncopation=self.syncopation_ranks if "syncopation" in known else np.nan,
            intensity=self.intensity_ranks if "intensity" in known else np.nan,
        )

    def features(self, known: Collection[str] = BEFOREHAND) -> Floats:
        """What the network reads before each step, (steps, FEATURES); see `asked`."""
        return features(self.past()[:-1], first_index=0, meter=self.meter, asked=self.asked(known))

    def past(self) -> Floats:
        """The history of the first step, and then every step: (HISTORY_STEPS + steps, 27)."""
        before = np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)
        return np.concatenate([before, encode_steps(self.velocities, self.microtimings_ticks)])

    def taken(self, steps: slice | NDArray[np.int64], **changed: Any) -> Performance:
        """Some of the steps in the order given, with their labels; `changed` as in `replace`."""
        return replace(
            self, **{name: getattr(self, name)[steps] for name in STEP_FIELDS}, **changed
        )


@dataclass(slots=True)
class NoteTally:
    """What reading came across.

    `notes` were read as drums: `unmapped` of them have no lane, `collided` were the softer of two
    in one cell. `other_channels` were left alone beside a drum channel; `files_without_channel` had
    none, so that all their notes were read. `files_of_unknown_style` are played by no genre.
    """

    notes: int = 0
    collided: int = 0
    unmapped_pitches: Counter[int] = field(default_factory=Counter)
    other_channels: int = 0
    files_without_channel: int = 0
    files_of_unknown_style: int = 0

    @property
    def unmapped(self) -> int:
        return self.unmapped_pitches.total()


@dataclass(frozen=True, slots=True)
class Dataset:
    """The performances that could be read, and what was left out (file -> why).

    `dropped_files` and `tally` are about everything that was read, also where `performances` are
    only some splits of it. `references` are what the labels were made by, None without a train
    split.
    """

    performances: tuple[Performance, ...]
    dropped_files: dict[str, str]
    tally: NoteTally
    name: str = "Groove MIDI Dataset"
    licence: str = "CC BY 4.0"
    references: References | None = None

    def split(self, name: str, *, meter: Meter | None = None) -> tuple[Performance, ...]:
        """The performances of one split, of one meter if given."""
        return tuple(p for p in self.performances if p.split == name and meter in (None, p.meter))

    def only(self, splits: Sequence[str]) -> Dataset:
        """Without the performances of other splits.

        Raises DatasetError where nothing remains.
        """
        kept = tuple(p for p in self.performances if p.split in splits)
        if not kept:
            there = ", ".join(sorted({p.split for p in self.performances}))
            raise DatasetError(
                f"{self.name} has no files of the split {' or '.join(splits)}: found {there}"
            )
        return replace(self, performances=kept)

    def provenance(self, split: str) -> dict[str, Any]:
        """What a network trained on a split was trained on, for its card."""
        files = self.split(split)
        return {
            "name": self.name,
            "licence": self.licence,
            "split": split,
            "files": len(files),
            "bars": sum(p.bars for p in files),
        }

    def summary(self) -> str:
        """What was read and what was dropped, for people."""
        tally = self.tally
        lines = [
            f"{len(self.performances)} files, {sum(p.bars for p in self.performances)} bars, "
            f"{tally.notes} notes: {tally.collided} gave way to a louder one in the same "
            f"cell, {tally.unmapped} have a pitch without a lane"
        ]
        if tally.unmapped:
            pitches = (f"{pitch} ({n})" for pitch, n in tally.unmapped_pitches.most_common())
            lines.append(f"pitches without a lane: {', '.join(pitches)}")
        if tally.other_channels:
            lines.append(f"{tally.other_channels} notes of other channels than 10 left out")
        if tally.files_without_channel:
            lines.append(
                f"{tally.files_without_channel} files without channel 10: all their notes were read"
            )
        if tally.files_of_unknown_style:
            lines.append(f"{tally.files_of_unknown_style} files of unknown style")
        for reason in sorted(set(self.dropped_files.values())):
            files = sorted(name for name, why in self.dropped_files.items() if why == reason)
            lines.append(f"{len(files)} files left out: {reason} ({_some(files)})")
        return "\n".join(lines)


def _some(names: Sequence[str]) -> str:
    """The first few."""
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
