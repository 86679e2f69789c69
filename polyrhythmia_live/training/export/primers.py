"""Which phrases of the network's own playing the live drummer keeps in its ears.

See `drummer.lstm.primer` for why it needs some. They are the network's and not a human's, so that
no part of a recording is handed on: a phrase with a bar that stands in the training data is left
out. People only say what is typical: how near a phrase is to theirs, how often each lane is struck
at each step, on average over a genre (its *profile*), and what else makes its sound (its
*portrait*: loud and soft snares, cross-stick, hats by hand and foot).

Whichever phrase is drawn states the groove of the whole take, so each has to be plainly of its
genre: as near to the genre's portrait as people's own phrases are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm import strokes
from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.drummer.lstm.primer import Primer
from polyrhythmia_live.drums.lanes import LANE, TOMS, places
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Grid, Performance

METER = Meter(4, 4)
PHRASE_BARS = 2
PHRASE_STEPS = PHRASE_BARS * METER.bar_steps

PHRASES_PER_GENRE = 12
HEARD_PHRASES = 24
"""How many of people's a genre's runs begin after, one each."""
LEAST_LANES = 3
"""A phrase on the snare alone is no groove."""

NEARNESS_WEIGHT = 8.0
CHARACTER_WEIGHT = 0.1
STEADINESS_WEIGHT = 0.3
DENSITY_WEIGHT = 0.5
LEVEL_WEIGHT = 2.0
"""What makes a phrase good, see `Taste`, against each other."""
PLAINNESS_WEIGHT = 10.0
"""What a phrase loses that is less like its genre than three in four of people's."""
PLAIN_QUANTILE = 0.25
SIGNATURE = 0.6
"""A sound that people have at a place of the bar so often signs the genre."""

_DOUBT = 0.02
"""Added to every rate, so that what a few recordings never did is not held to be impossible."""
_SILENT = 1e-9
LOUD = 50
"""The velocity from which on a snare is a backbeat and not a ghost."""
TIMEKEEPERS = (LANE["closed-hat"], LANE["open-hat"], LANE["ride"])
"""What keeps time is a sound of its own: some play it on the hat and others on the ride."""
SOUNDS = 11
_CROSS_STICK = places()["cross-stick"][1]
_PEDAL = places()["pedal-hat"][1]

Floats = NDArray[np.float64]
Profile = NDArray[np.float64]
"""(PHRASE_STEPS * LANES,): the mean of phrases."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """n phrases of two bars, from a bar line on.

    `struck` (n, PHRASE_STEPS * LANES) is 1 where a lane is struck, `portrait` (n, sounds * steps of
    a bar) how often each sound is at each step of its bars; `levels` (n,) are mean velocities / 127
    of the hits, 0 for silence.
    """

    struck: Floats
    portrait: Floats
    levels: Floats

    def __len__(self) -> int:
        return len(self.struck)

    @classmethod
    def cut(cls, velocities: Grid, articulations: Grid) -> Phrases:
        """Whole phrases of grids (steps, 9), without what is left over at the end."""
        count = len(velocities) // PHRASE_STEPS
        shape = (count, PHRASE_BARS, METER.bar_steps, LANES)
        loud = velocities[: count * PHRASE_STEPS].reshape(shape)
        ways = articulations[: count * PHRASE_STEPS].reshape(shape)
        struck = loud > 0
        hits = struck.sum(axis=(1, 2, 3))
        return cls(
            struck.reshape(count, PHRASE_STEPS * LANES).astype(np.float64),
            _sounds(loud, ways).mean(axis=1).reshape(count, METER.bar_steps * SOUNDS),
            loud.sum(axis=(1, 2, 3)) / np.maximum(127.0 * hits, 1.0),
        )

    @classmethod
    def all_of(cls, pieces: Sequence[Phrases]) -> Phrases:
        """The phrases of several players, one after the other."""
        none = cls.cut(*(np.zeros((0, LANES), np.int16),) * 2)
        parts = [none, *pieces]
        return cls(
            np.concatenate([part.struck for part in parts]),
            np.concatenate([part.portrait for part in parts]),
            np.concatenate([part.levels for part in parts]),
        )


def _sounds(velocities: Grid, articulations: Grid) -> Floats:
    """(..., sounds): what is heard of a kit, more finely than by lanes where that makes a style."""
    struck = velocities > 0
    snare, hat = LANE["snare"], LANE["closed-hat"]
    stick = struck[..., snare] & (articulations[..., snare] == _CROSS_STICK)
    drum = struck[..., snare] & ~stick
    foot = struck[..., hat] & (articulations[..., hat] == _PEDAL)
    loud = velocities[..., snare] >= LOUD
    sounds = [
        struck[..., LANE["kick"]], drum & loud, drum & ~loud, stick,
        struck[..., hat] & ~foot, foot, struck[..., LANE["open-hat"]],
        struck[..., list(TOMS)].any(axis=-1), struck[..., LANE["crash"]], struck[..., LANE["ride"]],
        struck[..., list(TIMEKEEPERS)].any(axis=-1),
    ]  # fmt: skip
    return np.stack(sounds, axis=-1).astype(np.float64)


def _timekeeping(phrases: Phrases) -> Floats:
    """(n, steps of a bar): how often a hat or a ride is at each step."""
    return phrases.portrait.reshape(len(phrases), METER.bar_steps, SOUNDS)[..., -1]


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

    def worth(self, phrases: Phrases) -> Floats:
        """How good each phrase of a run is by itself; -inf for what is no groove.

        A good phrase is what the genre does and others do not (or jazz would be what it shares with
        rock), like the rest of its run, and as dense and as loud as its genre.
        """
        struck = phrases.struck
        hits = np.maximum(struck.sum(axis=1), 1)
        lanes = struck.reshape(len(struck), PHRASE_STEPS, LANES).any(axis=1).sum(axis=1)
        lacking = np.maximum(0.0, self._plain() - self.likeness(phrases))
        lacking += self._unsigned(phrases) + self._untimed(phrases)
        worth = (
            CHARACTER_WEIGHT * self._character(struck)
            + STEADINESS_WEIGHT * _steadiness(struck, hits)
            - PLAINNESS_WEIGHT * lacking
            - DENSITY_WEIGHT * np.abs(np.log(hits / self.due_hits))
            - LEVEL_WEIGHT * np.abs(phrases.levels - _mean(self.usual.levels))
        )
        return np.where(lanes < LEAST_LANES, -np.inf, worth)

    def likeness(self, phrases: Phrases) -> Floats:
        """The correlation of each phrase's portrait with the genre's, -1..1."""
        if not len(self.usual):
            return np.zeros(len(phrases))
        usual = self.usual.portrait.mean(axis=0)
        theirs = usual - usual.mean()
        own = phrases.portrait - phrases.portrait.mean(axis=1, keepdims=True)
        norms = np.linalg.norm(own, axis=1) * np.linalg.norm(theirs)
        return np.asarray(own @ theirs / np.maximum(norms, _SILENT))

    def _unsigned(self, phrases: Phrases) -> Floats:
        """How much of what most of the genre's phrases do is missing: the backbeat, above all."""
        usual = self.usual.portrait.mean(axis=0) if len(self.usual) else np.zeros(0)
        signature = np.flatnonzero(usual >= SIGNATURE)
        if not len(signature):
            return np.zeros(len(phrases))
        missing = np.maximum(0.0, 0.5 - phrases.portrait[:, signature])
        return np.asarray(missing.mean(axis=1))

    def _untimed(self, phrases: Phrases) -> Floats:
        """How much less than half as often as in the genre something keeps time."""
        if not len(self.usual):
            return np.zeros(len(phrases))
        usual, found = (_timekeeping(it).mean(axis=1) for it in (self.usual, phrases))
        return np.asarray(np.maximum(0.0, 0.5 - found / max(_mean(usual), _SILENT)))

    def _plain(self) -> float:
        """How like their genre three in four of its own phrases are."""
        if not len(self.usual):
            return 0.0
        return float(np.quantile(self.likeness(self.usual), PLAIN_QUANTILE, method="lower"))

    def apart(self, struck: Floats) -> Floats:
        """How far each phrase is from each of the genre's, (phrases, usual).

        The distance counts what is struck in just one of the two, as a share of the hits due.
        """
        theirs = self.usual.struck
        differing = struck.sum(axis=1)[:, None] + theirs.sum(axis=1) - 2 * struck @ theirs.T
        return np.asarray(differing / self.due_hits)

    def _character(self, struck: Floats) -> Floats:
        """How much likelier the genre is to play it than everyone, in nats per step."""
        profiles = (_profile(self.usual.struck), self.common)
        own, common = ((rates + _DOUBT) / (1 + 2 * _DOUBT) for rates in profiles)
        ours, rested = np.log(own / common), np.log((1 - own) / (1 - common))
        return np.asarray((struck @ ours + (1 - struck) @ rested) / PHRASE_STEPS)


def select_primers(
    runs: Mapping[str, Sequence[Run]],
    hits_per_step: Mapping[str, float],
    train: Sequence[Performance] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Each genre's best phrases, at most one of a run, as a model's card has them.

    `hits_per_step` is the genres' density. `train` is the training data; a genre that has no
    beats in 4/4 there is what its runs are. A genre has no phrase where all are on fewer than
    `LEAST_LANES` lanes, or quoted.
    """
    grids = {genre: [_grids(run.steps) for run in of_genre] for genre, of_genre in runs.items()}
    cut = {genre: [Phrases.cut(*grid) for grid in of_genre] for genre, of_genre in grids.items()}
    tastes = _tastes(cut, hits_per_step, train)
    known = _bars_of(train)
    chosen = {}
    for genre, of_genre in runs.items():
        worth = [
            np.where(_quoted(velocities, known), -np.inf, tastes[genre].worth(phrases))
            for (velocities, _), phrases in zip(grids[genre], cut[genre], strict=True)
        ]
        best = _best(cut[genre], worth, tastes[genre], PHRASES_PER_GENRE)
        chosen[genre] = [_entry(of_genre[run], phrase) for run, phrase in best]
    return chosen


def typical_phrases(
    train: Sequence[Performance], hits_per_step: Mapping[str, float], lean_ms: float
) -> dict[str, tuple[Primer, ...]]:
    """The most typical phrases that people played, by genre, at most one of a recording.

    They are what the network hears before its runs, and are not handed on. `lean_ms` is how late
    the recordings are as a whole, and is taken out.
    """
    beats = {genre: _beats(train, genre) for genre in hits_per_step}
    cut = {
        genre: [Phrases.cut(p.velocities, p.articulations) for p in of_genre]
        for genre, of_genre in beats.items()
    }
    tastes = _tastes(cut, hits_per_step, train)
    found = {}
    for genre, of_genre in beats.items():
        worth = [
            np.where(_fill_like(performance, len(phrases)), -np.inf, tastes[genre].worth(phrases))
            for performance, phrases in zip(of_genre, cut[genre], strict=True)
        ]
        best = _best(cut[genre], worth, tastes[genre], HEARD_PHRASES)
        found[genre] = tuple(_heard(of_genre[take], phrase, lean_ms) for take, phrase in best)
    return {genre: phrases for genre, phrases in found.items() if phrases}


def _tastes(
    cut: Mapping[str, Sequence[Phrases]],
    hits_per_step: Mapping[str, float],
    train: Sequence[Performance],
) -> dict[str, Taste]:
    usual = {genre: Phrases.all_of(_recorded(train, genre) or cut[genre]) for genre in cut}
    heard = {style for performance in train for style in performance.styles}
    others = [phrases for style in heard - cut.keys() for phrases in _recorded(train, style)]
    common = _profile(Phrases.all_of([*usual.values(), *others]).struck)
    # The data may have no hit of a genre.
    due_hits = {genre: max(1.0, hits_per_step[genre] * PHRASE_STEPS) for genre in cut}
    return {genre: Taste(usual[genre], common, due_hits[genre]) for genre in cut}


def _best(
    runs: Sequence[Phrases], worths: Sequence[Floats], taste: Taste, most: int
) -> list[tuple[int, int]]:
    """The run and the number in it of each phrase chosen, so many at the most.

    One by one, each where what people play is still far from all chosen: the most typical twelve
    would all be the same, and so would all that is played after them.
    """
    places = [(run, phrase) for run, of_run in enumerate(runs) for phrase in range(len(of_run))]
    run_of = np.array([run for run, _ in places], np.int64)
    worth = np.concatenate([np.empty(0), *worths])
    apart = taste.apart(Phrases.all_of(runs).struck)
    nearest = taste.apart(np.zeros((1, PHRASE_STEPS * LANES)))[0]
    chosen: list[tuple[int, int]] = []
    while len(chosen) < most and np.isfinite(worth).any():
        nearer = np.maximum(nearest - apart, 0.0).mean(axis=1)
        best = int(np.argmax(worth + NEARNESS_WEIGHT * nearer))
        chosen.append(places[best])
        nearest = np.minimum(nearest, apart[best])
        worth[run_of == run_of[best]] = -np.inf
    return chosen


def _steadiness(struck: Floats, hits: Floats) -> Floats:
    """The share of its hits that a phrase has in common with the others of its run."""
    shared = 2 * struck @ struck.T / (hits[:, None] + hits)
    return np.asarray((shared.sum(axis=1) - shared.diagonal()) / max(len(struck) - 1, 1))


def _beats(train: Sequence[Performance], genre: str) -> list[Performance]:
    return [p for p in train if genre in p.styles and p.meter == METER and not p.fill]


def _recorded(train: Sequence[Performance], genre: str) -> list[Phrases]:
    cut = (Phrases.cut(p.velocities, p.articulations) for p in _beats(train, genre))
    return [phrases for phrases in cut if len(phrases)]


def _grids(steps: Sequence[Hits]) -> tuple[Grid, Grid]:
    """Velocities and articulations of hits, (steps, 9)."""
    velocities, articulations = np.zeros((2, len(steps), LANES), np.int16)
    for step, hits in enumerate(steps):
        for hit in hits:
            velocities[step, hit.lane] = hit.velocity
            articulations[step, hit.lane] = hit.articulation
    return velocities, articulations


def _bars(velocities: Grid) -> list[bytes]:
    """The bars of a take by what is struck in them."""
    bars = len(velocities) // METER.bar_steps
    struck = velocities[: bars * METER.bar_steps].reshape(bars, METER.bar_steps * LANES) > 0
    return [bar.tobytes() for bar in struck]


def _bars_of(train: Sequence[Performance]) -> frozenset[bytes]:
    return frozenset(bar for p in train if p.meter == METER for bar in _bars(p.velocities))


def _quoted(velocities: Grid, known: frozenset[bytes]) -> NDArray[np.bool_]:
    """Which of a run's phrases have a bar that somebody played."""
    bars = np.array([bar in known for bar in _bars(velocities)], np.bool_)
    return _by_phrase(bars)


def _fill_like(performance: Performance, phrases: int) -> NDArray[np.bool_]:
    """Which of a recording's phrases have a fill in them."""
    steps = performance.fill_like[: phrases * PHRASE_STEPS].astype(np.bool_)
    if not len(steps):
        return np.zeros(phrases, np.bool_)
    return np.asarray(steps.reshape(phrases, PHRASE_STEPS).any(axis=1))


def _by_phrase(bars: NDArray[np.bool_]) -> NDArray[np.bool_]:
    phrases = len(bars) // PHRASE_BARS
    return np.asarray(bars[: phrases * PHRASE_BARS].reshape(phrases, PHRASE_BARS).any(axis=1))


def _profile(struck: Floats) -> Profile:
    return np.asarray(struck.sum(axis=0) / max(len(struck), 1))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _heard(performance: Performance, phrase: int, lean_ms: float) -> Primer:
    """A phrase of a recording as it would have sounded in time."""
    lean_ticks = strokes.lean_ticks(lean_ms, performance.tempo_bpm)
    played = (
        tuple(
            Hit(
                lane,
                int(performance.velocities[step, lane]),
                int(performance.microtimings_ticks[step, lane]),
                int(performance.articulations[step, lane]),
            )
            for lane in np.flatnonzero(performance.velocities[step]).tolist()
        )
        for step in range(phrase * PHRASE_STEPS, (phrase + 1) * PHRASE_STEPS)
    )
    return tuple(strokes.as_recorded(hits, -lean_ticks) for hits in played)


def _entry(run: Run, phrase: int) -> dict[str, Any]:
    """Hits as [step, lane, velocity, microtiming in ticks, articulation]."""
    first = phrase * PHRASE_STEPS
    hits = [
        [step, hit.lane, hit.velocity, hit.microtiming_ticks, hit.articulation]
        for step, struck in enumerate(run.steps[first : first + PHRASE_STEPS])
        for hit in struck
    ]
    return {"source": run.source, "bar": phrase * PHRASE_BARS + 1, "hits": hits}
