"""The groups of files that figures are given for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.columns import joined

BEATS, FILLS, ALL = "beats", "fills", "all"
UNKNOWN = "unknown"
"""The genre of files that do not say theirs."""

ScoresT = TypeVar("ScoresT")

Groups = Mapping[str, Sequence[int]]
"""Name -> the indices of its files; none is empty."""


def grouped(performances: Sequence[Performance]) -> Groups:
    """The genres, most steps first, then files that are beats, those that are fills, and all."""
    steps: Counter[str] = Counter()
    for performance in performances:
        steps[performance.genre] += performance.steps
    files = {
        genre or UNKNOWN: [i for i, p in enumerate(performances) if p.genre == genre]
        for genre, _ in steps.most_common()
    }
    files[BEATS] = [i for i, p in enumerate(performances) if not p.fill]
    files[FILLS] = [i for i, p in enumerate(performances) if p.fill]
    files[ALL] = list(range(len(performances)))
    return {name: members for name, members in files.items() if members}


def of_group(scores: Sequence[ScoresT], members: Sequence[int]) -> ScoresT:
    """The scores of a group's files together, from those of each file."""
    return joined([scores[index] for index in members])
