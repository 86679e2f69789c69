"""Whom the drummer is compared with: the people of a genre, held out from training if possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polyrhythmia_live.judging.generation.takes import METER, JudgedTake, recorded
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance

LEAST_BARS = 32
LEAST_FILES = 2
"""Fewer held-out bars or files say nothing of a genre: then the training set's are added."""


@dataclass(frozen=True, slots=True)
class People:
    """A genre's human takes; `mixed` if some are of the training set.

    `tempos_bpm` are the tempos of the takes.
    """

    genre: str
    takes: tuple[JudgedTake, ...]
    tempos_bpm: tuple[float, ...]
    mixed: bool

    @property
    def bars(self) -> int:
        return sum(take.bars for take in self.takes)


def people_of(dataset: Dataset, genre: str, split: str) -> People:
    """The people of a genre; without any take if the data has none."""
    held_out = _of(dataset, genre, split)
    bars = sum(take.bars for take in recorded(held_out))
    mixed = split == "train" or bars < LEAST_BARS or len(recorded(held_out)) < LEAST_FILES
    played = [*held_out, *_of(dataset, genre, "train")] if mixed and split != "train" else held_out
    tempos_bpm = {performance.name: performance.tempo_bpm for performance in played}
    takes = tuple(recorded(played))
    return People(genre, takes, tuple(tempos_bpm[take.source] for take in takes), mixed)


def _of(dataset: Dataset, genre: str, split: str) -> Sequence[Performance]:
    return [p for p in dataset.split(split, meter=METER) if p.genre == genre]
