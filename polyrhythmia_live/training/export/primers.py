"""Which phrases of the network's own playing the live drummer keeps in its ears.

See `drummer.lstm.primer` for why it needs some. They are the network's and not a human's, so that
no part of a recording is handed on. People only say what is typical: how near a phrase is to
theirs, and how often each lane is struck at each step, on average over a genre (its *profile*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance

METER = Meter(4, 4)
PHRASE_BARS = 2
PHRASE_STEPS = PHRASE_BARS * METER.bar_steps

PHRASES_PER_GENRE = 12
LEAST_LANES = 3
"""A phrase on the snare alone is no groove."""

NEARNESS_WEIGHT = 8.0
CHARACTER_WEIGHT = 0.35
STEADINESS_WEIGHT = 0.3
DENSITY_WEIGHT = 0.5
"""What makes a phrase good, see `Taste`, against each other."""

_DOUBT = 0.02
"""Added to every rate, so that what a few recordings never did is not held to be impossible."""

Phrases = NDArray[np.float64]
"""(phrases, PHRASE_STEPS * LANES): 1 where a lane is struck."""
Profile = NDArray[np.float64]
"""(PHRASE_STEPS * LANES,): the mean of phrases."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was played in one go, in 4/4 and from a bar line on; `source` says by whom."""

    source: str
    steps: Sequence[Hits]


@dataclass(frozen=True, slots=True)
class Taste:
    """What is typical of a genre: its own phrases, everyone's profile, and a phrase's due hits."""

    usual: Phrases
    common: Profile
    due_hits: float

    def worth(self, phrases: Phrases) -> NDArray[np.float64]:
        """How good each phrase of a run is by itself; -inf for what is no groove.

        A good phrase is what the genre does and others do not (or jazz would be what it shares with
        rock), like the rest of its run, and as dense as its genre.
        """
        hits = np.maximum(phrases.sum(axis=1), 1)
        lanes = phrases.reshape(len(phrases), PHRASE_STEPS, LANES).any(axis=1).sum(axis=1)
        worth = (
            CHARACTER_WEIGHT * self._character(phrases)
            + STEADINESS_WEIGHT * _steadiness(phrases, hits)
            - DENSITY_WEIGHT * np.abs(np.log(hits / self.due_hits))
        )
        return np.where(lanes < LEAST_LANES, -np.inf, worth)

    def apart(self, phrases: Phrases) -> NDArray[np.float64]:
        """How far each phrase is from each of the genre's, (phrases, usual).

        The distance counts what is struck in just one of the two, as a share of the hits due.
        """
        hits, usual_hits = phrases.sum(axis=1), self.usual.sum(axis=1)
        differing = hits[:, None] + usual_hits - 2 * phrases @ self.usual.T
        return np.asarray(differing / self.due_hits)

    def _character(self, phrases: Phrases) -> NDArray[np.float64]:
        """How much likelier the genre is to play it than everyone, in nats per step."""
        profiles = (_profile(self.usual), self.common)
        own, common = ((rates + _DOUBT) / (1 + 2 * _DOUBT) for rates in profiles)
        struck, rested = np.log(own / common), np.log((1 - own) / (1 - common))
        return np.asarray((phrases @ struck + (1 - phrases) @ rested) / PHRASE_STEPS)


def select_primers(
    runs: Mapping[str, Sequence[Run]],
    hits_per_step: Mapping[str, float],
    train: Sequence[Performance] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Each genre's best phrases, at most one of a run, as a model's card has them.

    `hits_per_step` is the genres' density. `train` is the training data; a genre that has no
    beats in 4/4 there is what its runs are. A genre has no phrase where all are on fewer than
    `LEAST_LANES` lanes.
    """
    cut = {
        genre: [_cut(_struck(run.steps)) for run in of_genre] for genre, of_genre in runs.items()
    }
    usual = {genre: _stacked(_recorded(train, genre) or cut[genre]) for genre in runs}
    heard = {style for performance in train for style in performance.styles}
    others = [phrases for style in heard - runs.keys() for phrases in _recorded(train, style)]
    common = _profile(_stacked([*usual.values(), *others]))
    chosen = {}
    for genre, of_genre in runs.items():
        due_hits = max(1.0, hits_per_step[genre] * PHRASE_STEPS)  # data may have no hit of a genre
        taste = Taste(usual[genre], common, due_hits)
        chosen[genre] = [_entry(of_genre[run], phrase) for run, phrase in _best(cut[genre], taste)]
    return chosen


def _best(runs: Sequence[Phrases], taste: Taste) -> list[tuple[int, int]]:
    """The run and the number in it of each phrase chosen.

    One by one, each where what people play is still far from all chosen: the most typical twelve
    would all be the same, and so would all that is played after them.
    """
    places = [(run, phrase) for run, of_run in enumerate(runs) for phrase in range(len(of_run))]
    run_of = np.array([run for run, _ in places], np.int64)
    phrases = _stacked(runs)
    worth = np.concatenate([np.empty(0), *map(taste.worth, runs)])
    apart = taste.apart(phrases)
    nearest = taste.apart(np.zeros((1, PHRASE_STEPS * LANES)))[0]
    chosen: list[tuple[int, int]] = []
    while len(chosen) < PHRASES_PER_GENRE and np.isfinite(worth).any():
        nearer = np.maximum(nearest - apart, 0.0).mean(axis=1)
        best = int(np.argmax(worth + NEARNESS_WEIGHT * nearer))
        chosen.append(places[best])
        nearest = np.minimum(nearest, apart[best])
        worth[run_of == run_of[best]] = -np.inf
    return chosen


def _steadiness(phrases: Phrases, hits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of its hits that a phrase has in common with the others of its run."""
    shared = 2 * phrases @ phrases.T / (hits[:, None] + hits)
    return np.asarray((shared.sum(axis=1) - shared.diagonal()) / max(len(phrases) - 1, 1))


def _recorded(train: Sequence[Performance], genre: str) -> list[Phrases]:
    beats = (p for p in train if genre in p.styles and p.meter == METER and not p.fill)
    cut = (_cut(performance.velocities > 0) for performance in beats)
    return [phrases for phrases in cut if len(phrases)]


def _struck(steps: Sequence[Hits]) -> NDArray[np.bool_]:
    """(steps, lanes): where a lane is struck."""
    struck = np.zeros((len(steps), LANES), np.bool_)
    for step, hits in enumerate(steps):
        struck[step, [hit.lane for hit in hits]] = True
    return struck


def _cut(struck: NDArray[np.bool_]) -> Phrases:
    """Whole phrases, without what is left over at the end."""
    count = len(struck) // PHRASE_STEPS
    return struck[: count * PHRASE_STEPS].reshape(count, PHRASE_STEPS * LANES).astype(np.float64)


def _stacked(pieces: Sequence[Phrases]) -> Phrases:
    return np.concatenate([np.empty((0, PHRASE_STEPS * LANES)), *pieces])


def _profile(phrases: Phrases) -> Profile:
    return np.asarray(phrases.sum(axis=0) / max(len(phrases), 1))


def _entry(run: Run, phrase: int) -> dict[str, Any]:
    """Hits as [step, lane, velocity, microtiming in ticks, articulation]."""
    first = phrase * PHRASE_STEPS
    hits = [
        [step, hit.lane, hit.velocity, hit.microtiming_ticks, hit.articulation]
        for step, struck in enumerate(run.steps[first : first + PHRASE_STEPS])
        for hit in struck
    ]
    return {"source": run.source, "bar": phrase * PHRASE_BARS + 1, "hits": hits}
