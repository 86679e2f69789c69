"""Each opening phrase judged by itself: whether it is plainly of its style, whichever is drawn.

A take begins after a phrase of two bars that the network has in its ears (`drummer.lstm.primer`),
and what follows is like it. So each is held against people's phrases of the style, in what a
listener tells a style by: how like their mean bar it is, what a classifier says, whether the snare
is loud on two and four, and how dense it is.

A phrase is *plain* where no measure lies further out than in people's own typical phrases, the
nearer half of them to their mean bar: the limits cut off as much of each measure's tail as leaves
nine in ten of the typical ones inside all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.styles import GENRES, PARENTS
from polyrhythmia_live.judging.generation.classifier import StyleClassifier, train_classifier
from polyrhythmia_live.judging.generation.phrases import PHRASE_BARS
from polyrhythmia_live.judging.generation.takes import JudgedTake, generated, recorded
from polyrhythmia_live.judging.long.figures import loud_snare, part
from polyrhythmia_live.judging.long.profile import Profile, likeness, mean_bar
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.training.data.performance import Performance

TYPICAL_SHARE = 0.5
PLAIN_SHARE = 0.9
"""So many of people's typical phrases are plainly of their style."""
LEAST_PHRASES = 8
"""Of fewer, nobody can say what is typical."""

LIKENESS, LOG_ODDS, BACKBEAT, HITS = range(4)
MEASURES = ("likeness to people's mean bar", "log-odds", "loud snare on 2, 4", "hits a bar")
_SIDES = ((-1,), (-1,), (-1, 1), (-1, 1))
"""On which sides a measure can be too far out: nothing is too like, or too plainly, the style."""

Measured = NDArray[np.float64]
"""(phrases, MEASURES)"""


@dataclass(frozen=True, slots=True)
class Openings:
    """A style's opening phrases and people's typical ones: a row of measures for each.

    `plain` says which of the opening phrases are, `typical_plain` how many of people's.
    """

    style: str
    phrases: Measured
    typical: Measured
    plain: NDArray[np.bool_]
    typical_plain: float

    @property
    def worst(self) -> int:
        """The number of the phrase that is least like people's, counted from 0."""
        return int(self.phrases[:, LIKENESS].argmin())


def judge_openings(
    primers: Mapping[str, Sequence[Steps]],
    people: Sequence[Performance],
    genres: Collection[str] = GENRES,
) -> list[Openings]:
    """Every style of these genres that has opening phrases and enough people.

    People are told apart by a classifier that has not heard them: there are two, each trained on
    half of every style's files. An opening phrase is told by both.
    """
    own_name = {p.name: p.styles[-1] for p in people if p.styles}
    takes = [take for take in recorded(people) if take.source in own_name]
    halves = _halves(takes, own_name)
    classifiers = [
        train_classifier([replace(take, genre=own_name[take.source]) for take in half])
        for half in reversed(halves)
    ]
    judged = []
    for style, of_style in primers.items():
        names = {p.name for p in people if style in p.styles}
        heard = [
            [phrase for t in half if t.source in names for phrase in _cut(t)] for half in halves
        ]
        if PARENTS.get(style, style) not in genres or not of_style:
            continue
        if sum(map(len, heard)) < LEAST_PHRASES:
            continue
        typical = _Style(
            mean_bar([take for take in takes if take.source in names]),
            {own_name[name] for name in names if name in own_name},
        )
        opening = [generated(style, style, steps) for steps in of_style]
        told = zip(heard, classifiers, strict=True)
        judged.append(
            _judged(
                style,
                np.mean([typical.measure(opening, each) for each in classifiers], axis=0),
                np.concatenate([typical.measure(half, each) for half, each in told]),
            )
        )
    return judged


def _halves(
    takes: Sequence[JudgedTake], own_name: Mapping[str, str]
) -> tuple[list[JudgedTake], list[JudgedTake]]:
    """Every other take of each style."""
    halves: tuple[list[JudgedTake], list[JudgedTake]] = ([], [])
    counted: Counter[str] = Counter()
    for take in takes:
        name = own_name[take.source]
        halves[counted[name] % 2].append(take)
        counted[name] += 1
    return halves


@dataclass(frozen=True, slots=True)
class _Style:
    """What is known of a style: its mean bar, and what a classifier calls it and its parts."""

    mean_bar: Profile
    labels: Collection[str]

    def measure(
        self, phrases: Sequence[JudgedTake], classifier: StyleClassifier | None
    ) -> Measured:
        like = [likeness(mean_bar([phrase]), self.mean_bar) for phrase in phrases]
        backbeat = [np.divide(*loud_snare(phrase)) for phrase in phrases]
        hits = [phrase.struck.sum() / phrase.bars for phrase in phrases]
        log_odds = np.zeros(len(phrases))
        if classifier is not None:
            log_odds = classifier.log_odds(phrases, self.labels)
        return np.stack([like, log_odds, backbeat, hits], axis=1)


def _judged(style: str, phrases: Measured, heard: Measured) -> Openings:
    like = heard[:, LIKENESS]
    typical = heard[like >= np.quantile(like, 1 - TYPICAL_SHARE)]
    tails = np.linspace(1 - PLAIN_SHARE, 0.0, 101)
    # The largest tail whose limits hold enough of people's phrases; with none cut off, all do.
    tail = next(t for t in tails if _inside(typical, typical, t).mean() >= PLAIN_SHARE)
    return Openings(
        style,
        phrases,
        typical,
        _inside(phrases, typical, tail),
        float(_inside(typical, typical, tail).mean()),
    )


def _inside(phrases: Measured, typical: Measured, tail: float) -> NDArray[np.bool_]:
    inside = np.ones(len(phrases), np.bool_)
    for measure, sides in enumerate(_SIDES):
        for side in sides:
            limit = np.quantile(side * typical[:, measure], 1 - tail)
            inside &= side * phrases[:, measure] <= limit
    return inside


def _cut(take: JudgedTake) -> list[JudgedTake]:
    """Its phrases; of the first, people have not come in yet."""
    starts = range(PHRASE_BARS, take.bars - PHRASE_BARS + 1, PHRASE_BARS)
    phrases = (part(take, slice(start, start + PHRASE_BARS)) for start in starts)
    return [phrase for phrase in phrases if phrase.struck.any()]
