"""Which genre a phrase sounds like: a softmax regression that is trained on people.

It is small on purpose. It says whether the drummer plays what distinguishes a genre as clearly as
people do, so it is always read beside its accuracy on people it has not heard. It hears, per phrase
of two bars: how often each lane is struck on each step, how loud each lane is, how late each
sixteenth of the beat is, the polyphony and the gaps between onsets; not the tempo, which is given
to the drummer and would be recognised for nothing.

Every genre weighs the same in training, and a phrase is one guess.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.judging.generation.features import inter_onset, polyphony
from polyrhythmia_live.judging.generation.phrases import PHRASE_BEATS, Phrases, cut
from polyrhythmia_live.judging.generation.takes import BAR_STEPS, JudgedTake
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, TICKS_PER_STEP

LEAST_FILES = 2
LEAST_BARS = 64
"""What a genre needs in the training set to be told apart."""

SHRINKAGE = 0.01
"""Of the weights; held-out accuracy is the same within two points from 0.0001 to 0.03."""

ROUNDS = 200
LEARNING_RATE = 0.05
_MOMENTUM, _SCALE_MEMORY = 0.9, 0.999
"""Adam's usual settings."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StyleClassifier:
    """A trained classifier; `genres` are those it can tell apart."""

    genres: tuple[str, ...]
    centre: Floats
    spread: Floats
    weights: Floats

    def recognised(self, takes: Sequence[JudgedTake]) -> NDArray[np.int64]:
        """(takes, 2): how many phrases of each take are taken for its genre, and how many it has.

        No phrase of a genre that is not in `genres` is.
        """
        phrases = cut(takes)
        guesses = self._odds(phrases).argmax(1)
        wanted = _labels(takes, self.genres)[phrases.takes]
        counts = [
            np.bincount(phrases.takes, weight, minlength=len(takes))
            for weight in (guesses == wanted, np.ones(len(phrases)))
        ]
        return np.stack(counts, axis=1).astype(np.int64)

    def log_odds(self, takes: Sequence[JudgedTake], genres: Collection[str]) -> Floats:
        """(phrases,): how much likelier each phrase is one of these genres than any other, in nats.

        0 where these are none, or all, of those that it can tell apart.
        """
        phrases = cut(takes)
        wanted = np.array([genre in genres for genre in self.genres])
        if wanted.all() or not wanted.any():
            return np.zeros(len(phrases))
        odds = self._odds(phrases)
        these, others = (np.logaddexp.reduce(odds[:, kind], axis=1) for kind in (wanted, ~wanted))
        return np.asarray(these - others)

    def _odds(self, phrases: Phrases) -> Floats:
        return _standard(_features(phrases), self.centre, self.spread) @ self.weights


def recognition(classifier: StyleClassifier | None, take: JudgedTake) -> tuple[int, int]:
    """Phrases taken for their genre, of all; of a genre that is not told apart, none of none."""
    if classifier is None or take.genre not in classifier.genres:
        return 0, 0
    right, phrases = classifier.recognised([take])[0].tolist()
    return right, phrases


def train_classifier(takes: Sequence[JudgedTake]) -> StyleClassifier | None:
    """A classifier of the genres with enough of them; None for fewer than two. Deterministic."""
    genres = _distinct(takes)
    if len(genres) < 2:
        return None
    heard = [take for take in takes if take.genre in genres]
    phrases = cut(heard)
    labels = _labels(heard, genres)[phrases.takes]
    vectors = _features(phrases)
    centre, spread = vectors.mean(axis=0), vectors.std(axis=0) + 0.01
    standard = _standard(vectors, centre, spread)
    counts = np.bincount(labels, minlength=len(genres))
    importance = 1.0 / (counts[labels] * len(genres))
    fitted = _fitted(standard, np.eye(len(genres))[labels], importance)
    return StyleClassifier(genres, centre, spread, fitted)


def _distinct(takes: Sequence[JudgedTake]) -> tuple[str, ...]:
    names = dict.fromkeys(take.genre for take in takes)
    bars = {name: [take.bars for take in takes if take.genre == name] for name in names}
    return tuple(
        name for name in names if len(bars[name]) >= LEAST_FILES and sum(bars[name]) >= LEAST_BARS
    )


def _labels(takes: Sequence[JudgedTake], genres: tuple[str, ...]) -> NDArray[np.intp]:
    numbers = [genres.index(take.genre) if take.genre in genres else -1 for take in takes]
    return np.array(numbers, np.intp)


def _features(phrases: Phrases) -> Floats:
    count = len(phrases)
    struck = phrases.struck
    pattern = struck.mean(axis=1).reshape(count, BAR_STEPS * LANES)
    loudness = _mean(phrases.velocities / 127.0, struck, (1, 2))
    in_beats = (count, PHRASE_BEATS, STEPS_PER_BEAT, LANES)
    late = (phrases.microtimings_ticks / TICKS_PER_STEP).reshape(in_beats)
    lateness = _mean(late, struck.reshape(in_beats), (1, 3))
    gaps = np.nan_to_num(inter_onset(phrases))
    return np.concatenate([pattern, loudness, lateness, polyphony(phrases), gaps], axis=1)


def _mean(values: Floats, struck: NDArray[np.bool_], axes: tuple[int, ...]) -> Floats:
    """The mean over what is struck; 0 where nothing is."""
    return np.asarray((values * struck).sum(axis=axes) / np.maximum(struck.sum(axis=axes), 1))


def _standard(vectors: Floats, centre: Floats, spread: Floats) -> Floats:
    """Features of comparable size, and a constant."""
    ones = np.ones((len(vectors), 1))
    return np.concatenate([(vectors - centre) / spread, ones], axis=1)


def _fitted(vectors: Floats, wanted: Floats, importance: Floats) -> Floats:
    """Softmax regression by Adam on all phrases at once; the constant is not shrunk."""
    weights = np.zeros((vectors.shape[1], wanted.shape[1]))
    shrinkage = np.full((vectors.shape[1], 1), SHRINKAGE)
    shrinkage[-1] = 0.0
    momentum, scale = np.zeros_like(weights), np.zeros_like(weights)
    for number in range(1, ROUNDS + 1):
        odds = vectors @ weights
        said = np.exp(odds - odds.max(axis=1, keepdims=True))
        said /= said.sum(axis=1, keepdims=True)
        slope = vectors.T @ ((said - wanted) * importance[:, None]) + shrinkage * weights
        momentum += (1 - _MOMENTUM) * (slope - momentum)
        scale += (1 - _SCALE_MEMORY) * (slope**2 - scale)
        step = momentum / (1 - _MOMENTUM**number)
        weights -= LEARNING_RATE * step / (np.sqrt(scale / (1 - _SCALE_MEMORY**number)) + 1e-8)
    return weights
