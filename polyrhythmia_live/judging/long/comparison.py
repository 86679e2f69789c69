"""One genre over many bars: the drummer's takes of each length beside people's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.judging.generation.classifier import StyleClassifier, recognition
from polyrhythmia_live.judging.generation.comparison import share
from polyrhythmia_live.judging.generation.estimate import ROUNDS, Reading, estimate, resampled
from polyrhythmia_live.judging.generation.originality import Repertoire, quoted
from polyrhythmia_live.judging.generation.people import LEAST_FILES, People
from polyrhythmia_live.judging.generation.takes import JudgedTake, recorded
from polyrhythmia_live.judging.long.figures import (
    DRIFT_BARS,
    FIGURES,
    QUARTERS,
    Figure,
    Wanted,
    passes,
    quarter,
)
from polyrhythmia_live.judging.long.fills import FillComparison, compare_fills
from polyrhythmia_live.judging.long.form import FormComparison, compare_form
from polyrhythmia_live.judging.long.programme import Played
from polyrhythmia_live.training.data.performance import Performance


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a genre: the drummer's by the length of its takes in bars, and people's.

    `added` if the training set's takes are among the people's: too few of those held out are long
    enough.
    """

    figure: Figure
    generated: Mapping[int, Reading]
    human: Reading
    added: bool

    def passes(self, bars: int) -> bool | None:
        """Whether the takes of a length do; None where nothing is asked, or nobody can tell."""
        return passes(self.figure, float(self.generated[bars][0]), estimate(self.human))


@dataclass(frozen=True, slots=True)
class LongComparison:
    """One genre's figures, by name, and its fills and form."""

    people: People
    rows: Mapping[str, Row]
    fills: FillComparison
    form: FormComparison

    @property
    def genre(self) -> str:
        return self.people.genre


@dataclass(frozen=True, slots=True)
class LongJudge:
    """What comparing needs to know of people; `train` are the training set's takes.

    `everyone` plays beats and fills, held out or not.
    """

    train: Sequence[JudgedTake]
    everyone: Sequence[Performance]
    known: Repertoire
    classifier: StyleClassifier | None
    seed: int
    figures: Sequence[Figure] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", (*FIGURES, *self._learnt()))

    def compare(self, people: People, played: Played) -> LongComparison:
        """One genre."""
        # Genres are resampled apart, or the interval of their mean would be too wide.
        rng = np.random.default_rng([self.seed, GENRES.index(people.genre)])
        weights = {bars: resampled(len(takes), rng) for bars, takes in played.takes.items()}
        rows = {}
        for figure in self.figures:
            takes, added = self._company(people, figure)
            if figure.of_strangers and added:
                human = np.full(1 + ROUNDS, np.nan)
            else:
                human = share(takes, figure.count, resampled(len(takes), rng))
            generated = {
                bars: share(takes, figure.count, weights[bars])
                for bars, takes in played.takes.items()
            }
            rows[figure.name] = Row(figure, generated, human, added)
        of_genre = [p for p in self.everyone if p.genre == people.genre]
        return LongComparison(
            people,
            rows,
            compare_fills(played.fills, of_genre, rng),
            compare_form(played.takes[min(played.takes)], recorded(of_genre)),
        )

    def _company(self, people: People, figure: Figure) -> tuple[list[JudgedTake], bool]:
        """Whose takes are long enough, and whether some are the training set's."""
        takes = [take for take in people.takes if take.bars >= figure.least_bars]
        if people.mixed or len(takes) >= LEAST_FILES:
            return takes, people.mixed
        more = (take for take in self.train if take.genre == people.genre)
        return [*takes, *(take for take in more if take.bars >= figure.least_bars)], True

    def _learnt(self) -> tuple[Figure, ...]:
        """The figures that need the training set."""
        return (
            Figure(
                "bars quoted",
                partial(quoted, known=self.known),
                wanted=Wanted.AT_MOST,
                margin=0.0,
                of_strangers=True,
            ),
            *(
                Figure(
                    f"style, {name} quarter",
                    partial(_recognised, self.classifier, number),
                    DRIFT_BARS,
                    wanted=Wanted.NO_LESS,  # plainer is no fault: see generation.marks
                    of_strangers=True,
                )
                for name, number in (("first", 0), ("last", QUARTERS - 1))
            ),
        )


def _recognised(
    classifier: StyleClassifier | None, number: int, take: JudgedTake
) -> tuple[int, int]:
    return recognition(classifier, quarter(take, number))
