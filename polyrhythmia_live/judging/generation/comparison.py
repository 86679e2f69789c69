"""One genre: the drummer beside people, in every figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.judging.generation import counts
from polyrhythmia_live.judging.generation.classifier import StyleClassifier, recognition
from polyrhythmia_live.judging.generation.estimate import (
    ROUNDS,
    Reading,
    Weights,
    ratio,
    resampled,
)
from polyrhythmia_live.judging.generation.features import FEATURES, Vectors
from polyrhythmia_live.judging.generation.originality import Repertoire, quoted
from polyrhythmia_live.judging.generation.overlap import Likeness, Sample, likeness, sample
from polyrhythmia_live.judging.generation.people import People
from polyrhythmia_live.judging.generation.phrases import Phrases, cut
from polyrhythmia_live.judging.generation.programme import DEFAULT_DENSITY, Played
from polyrhythmia_live.judging.generation.takes import JudgedTake

SPLITS = 8
"""How many ways to halve the files of the human set; their mean is the ceiling."""
LEAST_FILES_TO_HALVE = 4

Count = Callable[[JudgedTake], tuple[float, float]]
"""Of one take: a part and its whole."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same figure of the drummer and of people."""

    generated: Reading
    human: Reading


@dataclass(frozen=True, slots=True)
class Overlap:
    """How like people the drummer is in one feature, and how like each other people are.

    `halves` is the overlap area of one half of the human files with the other, `train` that of
    the human set with the training set's takes: what a perfect imitator of its data would get.
    NaN where there are too few files, and `train` also where the human set holds some of it.
    """

    drummer: Likeness
    halves: float
    train: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One genre's figures; a human one is NaN where it would be about the training set itself.

    `density` is realised / requested hits per step, by the setting of the control.
    """

    people: People
    overlap: Mapping[str, Overlap]
    repetition: Pair
    nearly_silent: Pair
    impossible: Pair
    quoted: Pair
    recognised: Pair
    density: Mapping[float, Reading]

    @property
    def genre(self) -> str:
        return self.people.genre


@dataclass(frozen=True, slots=True)
class Judge:
    """What comparing needs to know of the training set."""

    train: Sequence[JudgedTake]
    known: Repertoire
    classifier: StyleClassifier | None
    seed: int

    def compare(
        self, people: People, played: Played, due_hits_per_step: Mapping[float, float]
    ) -> Comparison:
        """One genre. `due_hits_per_step` is what was asked for at each density."""
        # Genres are resampled apart, or the interval of their mean would be too wide.
        rng = np.random.default_rng([self.seed, GENRES.index(people.genre)])
        takes = played[DEFAULT_DENSITY]
        by_file = resampled(len(people.takes), rng)
        by_take = resampled(len(takes), rng)

        def pair(count: Count, *, of_held_out: bool = False) -> Pair:
            if of_held_out and people.mixed:
                human = np.full(1 + ROUNDS, np.nan)
            else:
                human = share(people.takes, count, by_file)
            return Pair(share(takes, count, by_take), human)

        return Comparison(
            people=people,
            overlap=self._overlaps(people, takes, (by_file, by_take), rng),
            repetition=pair(counts.repetition),
            nearly_silent=pair(counts.nearly_silent),
            impossible=pair(counts.impossible),
            quoted=pair(lambda take: quoted(take, self.known), of_held_out=True),
            recognised=pair(partial(recognition, self.classifier), of_held_out=True),
            density={
                density: share(of_density, counts.hits, resampled(len(of_density), rng))
                / due_hits_per_step[density]
                for density, of_density in played.items()
            },
        )

    def _overlaps(
        self,
        people: People,
        takes: Sequence[JudgedTake],
        weights: tuple[Weights, Weights],
        rng: np.random.Generator,
    ) -> dict[str, Overlap]:
        human, drummer = cut(people.takes), cut(takes)
        train = cut([take for take in self.train if take.genre == people.genre])
        overlaps = {}
        for name, feature in FEATURES.items():
            ours = sample(feature(human), human.takes, weights[0])
            others = sample(feature(drummer), drummer.takes, weights[1])
            known = np.nan if people.mixed else _alike(ours, _once(feature(train), train), rng)
            overlaps[name] = Overlap(likeness(ours, others, rng), _halves(ours, rng), known)
        return overlaps


def share(takes: Sequence[JudgedTake], count: Count, weights: Weights) -> Reading:
    """The parts of all takes together, of their wholes."""
    counted = np.array([count(take) for take in takes], np.float64).reshape(-1, 2)
    return ratio(weights, counted[:, 0], counted[:, 1])


def _once(vectors: Vectors, phrases: Phrases) -> Sample:
    recordings = int(phrases.takes.max(initial=-1)) + 1
    return sample(vectors, phrases.takes, np.ones((1, recordings)))


def _alike(people: Sample, others: Sample, rng: np.random.Generator) -> float:
    """The overlap area alone, without an interval."""
    plain = Sample(people.vectors, people.recordings, people.weights[:1])
    return float(likeness(plain, others, rng).overlap[0])


def _halves(people: Sample, rng: np.random.Generator) -> float:
    """The overlap area of half the recordings with the others, on average over `SPLITS` ways."""
    recordings = np.unique(people.recordings)
    if len(recordings) < LEAST_FILES_TO_HALVE:
        return np.nan
    areas = []
    for _ in range(SPLITS):
        half = rng.permutation(recordings)[: len(recordings) // 2]
        chosen = np.isin(people.recordings, half)
        one, other = (
            Sample(people.vectors[part], people.recordings[part], people.weights[:1])
            for part in (chosen, ~chosen)
        )
        areas.append(_alike(one, other, rng))
    return float(np.mean(areas))
