"""What was read: the performances, and what was left out of them and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.references import References

_NAMES_SHOWN = 5


@dataclass(slots=True)
class NoteTally:
    """What reading came across.

    `notes` were read as drums: `unmapped` of them have no lane, `collided` were the softer of two
    in one cell. `other_channels` are notes of other instruments; `files_without_channel` do not say
    by channel which notes are drums. `files_of_unknown_style` are played by no genre.
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

    def add(self, other: NoteTally) -> None:
        """What another came across as well."""
        self.notes += other.notes
        self.collided += other.collided
        self.unmapped_pitches.update(other.unmapped_pitches)
        self.other_channels += other.other_channels
        self.files_without_channel += other.files_without_channel
        self.files_of_unknown_style += other.files_of_unknown_style


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file: learnt from, or left out and why (`reason`, "" = learnt from).

    `tally` is of this file alone. `told` is what was passed over in it or taken for granted, in
    words for people.
    """

    name: str
    reason: str
    tally: NoteTally
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The performances that could be read, and what was left out (file -> why).

    `dropped_files` and `tally` are about everything that was read, also where `performances` are
    only some splits of it. `references` are what the labels were made by, None without a train
    split. `verdicts` say it file by file, and only where the files themselves were read.
    """

    performances: tuple[Performance, ...]
    dropped_files: dict[str, str]
    tally: NoteTally
    name: str = "Groove MIDI Dataset"
    licence: str = "CC BY 4.0"
    references: References | None = None
    verdicts: tuple[Verdict, ...] = ()

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
            "files": len({p.file for p in files}),
            "bars": sum(p.bars for p in files),
        }

    def summary(self) -> str:
        """What was read and what was dropped, for people."""
        tally = self.tally
        number = len({p.file for p in self.performances})
        lines = [
            f"{number} files, {sum(p.bars for p in self.performances)} bars, "
            f"{tally.notes} notes: {tally.collided} gave way to a louder one in the same "
            f"cell, {tally.unmapped} have a pitch without a lane"
        ]
        if tally.unmapped:
            pitches = (f"{pitch} ({n})" for pitch, n in tally.unmapped_pitches.most_common())
            lines.append(f"pitches without a lane: {', '.join(pitches)}")
        if tally.other_channels:
            lines.append(f"{tally.other_channels} notes of other instruments left out")
        if tally.files_without_channel:
            lines.append(
                f"{tally.files_without_channel} files without channel 10: drums by name or playing"
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
