"""Whether each level does what its name says, over its whole travel and in every genre.

Nine settings of each level, evenly over a knob's travel, all others as they stand by default, with
the same seeds and people's median tempo of the genre; a morph leads to the next genre of the list.
What is measured is what sounds, swing and all. A level keeps its promise in a genre where the
figure that it names rises (or falls, for temperature) with every setting: Spearman's rank
correlation over the settings. Beside that: where the knob is dead, what else it changes, what goes
first when density falls, and whether fast tempos thin out.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.drummer.card import DEFAULT_MODEL
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.engine import unattended
from polyrhythmia_live.judging.generation import counts
from polyrhythmia_live.judging.generation.classifier import StyleClassifier, train_classifier
from polyrhythmia_live.judging.generation.takes import METER, JudgedTake, generated, recorded
from polyrhythmia_live.judging.long import figures
from polyrhythmia_live.judging.long.figures import LOUD_VELOCITY, part
from polyrhythmia_live.judging.long.profile import Profile, likeness, mean_bar
from polyrhythmia_live.judging.recital import Recital, Request
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import EIGHTHS, SIXTEENTHS, swung
from polyrhythmia_live.training.data import measures
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset

GENRES = ("rock", "funk", "jazz", "hiphop", "bossa", "samba", "pop", "dance")
SETTINGS = 9
MARK = 0.95
DEAD_SHARE = 0.05
"""Where a figure moves by less than this share of its range, the knob is dead."""
TEMPOS_BPM = (60, 90, 120, 180, 240)
SPARSE_DENSITY = 0.25
LEAST_BACKBEAT = 0.3
"""Of a genre with less there is no backbeat to keep."""
SKIPPED_BARS = 2
"""The first bars are still the opening phrase's, whatever the knob says."""
FILL_BARS = 4
"""A fill of a whole bar is asked for in each last one of so many, where fills are measured."""
TOWARDS = dict(zip(GENRES, (*GENRES[1:], GENRES[0]), strict=True))

Takes = Sequence[JudgedTake]


def _share(count: Callable[[JudgedTake], tuple[float, float]], takes: Takes) -> float:
    counted = np.array([count(take) for take in takes], np.float64).sum(axis=0)
    return float(counted[0] / counted[1]) if counted[1] else 0.0


def hits(takes: Takes) -> float:
    return float(sum(take.struck.sum() for take in takes) / sum(take.bars for take in takes))


def loudness(takes: Takes) -> float:
    return _share(figures.loudness, takes)


def syncopation(takes: Takes) -> float:
    lines = [take.velocities.reshape(-1, take.velocities.shape[2]) for take in takes]
    return float(np.mean([measures.syncopation(line, METER).mean() for line in lines]))


def repetition(takes: Takes) -> float:
    return _share(counts.repetition, takes)


def backbeat(takes: Takes) -> float:
    return _share(figures.loud_snare, takes)


def looseness(takes: Takes) -> float:
    """The standard deviation of the hits' microtiming, in thousandths of a quarter."""
    late = np.concatenate([take.microtimings_ticks[take.struck] for take in takes])
    return float(late.std() / PPQN * 1000) if len(late) else 0.0


def fill_hits(takes: Takes) -> float:
    """Hits in a bar of fill."""
    fills = [bar for take in takes for bar in take.struck[FILL_BARS - 1 :: FILL_BARS]]
    return float(np.mean([bar.sum() for bar in fills]))


def swing(takes: Takes) -> float:
    """Where the second of two sixteenths is, as a share of the pair."""
    return _place_in_pair(takes, SIXTEENTHS)


def power(takes: Takes) -> float:
    return hits(takes) * loudness(takes)


def swing8(takes: Takes) -> float:
    """The same of eighths."""
    return _place_in_pair(takes, EIGHTHS)


def _place_in_pair(takes: Takes, pair_steps: int) -> float:
    def lateness_ticks(first: int) -> float:
        places = [(take.microtimings_ticks, take.struck) for take in takes]
        late = [late[:, first::pair_steps][hit[:, first::pair_steps]] for late, hit in places]
        return float(np.concatenate(late).mean())

    pair_ticks = pair_steps * TICKS_PER_STEP
    return 0.5 + (lateness_ticks(pair_steps // 2) - lateness_ticks(0)) / pair_ticks


@dataclass(frozen=True, slots=True)
class Styles:
    """What people of the styles play: their mean bars, and an ear that tells them apart."""

    profiles: Mapping[str, Profile]
    ear: StyleClassifier | None

    @classmethod
    def of(cls, everyone: Sequence[Performance]) -> Styles:
        people = {
            genre: [
                replace(take, genre=genre)
                for take in recorded(p for p in everyone if genre in p.styles)
            ]
            for genre in GENRES
        }
        profiles = {genre: mean_bar(takes) for genre, takes in people.items()}
        return cls(profiles, train_classifier([it for takes in people.values() for it in takes]))

    def trueness(self, takes: Takes) -> float:
        """How much likelier a phrase is its own style's than any other's, in nats."""
        if self.ear is None or takes[0].genre not in self.ear.genres:
            raise click.ClickException(f"too few recordings to tell {takes[0].genre} from others")
        return float(self.ear.log_odds(takes, {takes[0].genre}).mean())

    def leaning(self, takes: Takes) -> float:
        """How much more like the next style than like its own it is."""
        heard, own = mean_bar(takes), takes[0].genre
        return likeness(heard, self.profiles[TOWARDS[own]]) - likeness(heard, self.profiles[own])


@dataclass(frozen=True, slots=True)
class Promise:
    """What the name of a level says: which figure it moves, and which way (1 up, -1 down)."""

    figure: Callable[[Takes], float]
    name: str
    way: int = 1


def promises(styles: Styles) -> dict[str, Promise]:
    return {
        "density": Promise(hits, "hits a bar"),
        "intensity": Promise(loudness, "mean velocity"),
        "complexity": Promise(syncopation, "syncopation"),
        "stability": Promise(repetition, "F1 next bar"),
        "temperature": Promise(repetition, "F1 next bar", -1),
        "guidance": Promise(styles.trueness, "nats for its own style"),
        "humanise": Promise(looseness, "timing, 1/1000 beat"),
        "energy": Promise(power, "hits a bar x mean velocity"),
        "fullness": Promise(fill_hits, "hits in a bar of fill"),
        "swing": Promise(swing, "place of the second sixteenth"),
        "swing8": Promise(swing8, "place of the second eighth"),
        "morph": Promise(styles.leaning, "next style r less own"),
    }


SIDE_EFFECTS: Mapping[str, Callable[[Takes], float]] = {
    "hits": hits,
    "F1": repetition,
    "backbeat": backbeat,
}

NAMES = tuple(promises(Styles({}, None)))

OPTIONS = [
    click.Option(
        ["--data"],
        required=True,
        type=click.Path(exists=True, path_type=Path),
        help="Groove MIDI Dataset, or a prepared file: what people of each style play.",
    ),
    click.Option(["--model"], default=DEFAULT_MODEL, help=f"[{DEFAULT_MODEL}]"),
    click.Option(["--level", "levels"], multiple=True, type=click.Choice(NAMES), help="Only it."),
    click.Option(["--takes"], type=click.IntRange(1), default=2, help="Of each setting [2]."),
    click.Option(
        ["--bars"],
        type=click.IntRange(SKIPPED_BARS + 2),
        default=12,
        help=f"Of each take; the first {SKIPPED_BARS} do not count [12].",
    ),
]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; the same question is played once."""

    controls: ControlState
    tempo_bpm: float
    filled: bool = False


Answers = Mapping[Question, Takes]


def measure(
    data: Path,
    model: str = DEFAULT_MODEL,
    levels: Sequence[str] = (),
    takes: int = 2,
    bars: int = 12,
) -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    began = time.monotonic()
    played = read_dataset(data, ["train", "validation"]).split
    everyone = [p for name in ("train", "validation") for p in played(name, meter=METER)]
    people = {genre: [p for p in everyone if genre in p.styles] for genre in GENRES}
    bpm = {genre: float(np.median([p.tempo_bpm for p in of])) for genre, of in people.items()}
    promised = promises(Styles.of(everyone))
    swept = {
        name: [
            [Question(state, bpm[genre], name == "fullness") for state in _settings(name, genre)]
            for genre in GENRES
        ]
        for name in promised
        if name in (levels or NAMES)
    }
    paced = [[Question(_plain(genre), tempo) for tempo in TEMPOS_BPM] for genre in GENRES]
    asked = itertools.chain(*swept.values(), () if levels else paced)
    answers = _answers(model, dict.fromkeys(itertools.chain(*asked)), takes, bars)
    found: dict[str, Any] = {
        "takes": takes,
        "bars": bars,
        "levels": {name: _level(promised[name], of, answers) for name, of in swept.items()},
    }
    if "density" in swept:
        found["ornaments"] = _ornaments(swept["density"], answers)
    if not levels:
        found["tempo"] = {
            "people": _people_by_tempo([p for of in people.values() for p in of]),
            "drummer": {
                genre: [hits(answers[question]) for question in of]
                for genre, of in zip(GENRES, paced, strict=True)
            },
        }
    found["seconds"] = time.monotonic() - began
    return found, "\n".join(_table(found, promised))


def _plain(genre: str) -> ControlState:
    return ControlState(((genre, 1.0),))


def _settings(name: str, genre: str) -> list[ControlState]:
    places = np.linspace(0.0, 1.0, SETTINGS).tolist()
    values = [LEVELS[name].from_unit(place) for place in places]
    if name == "morph":
        return [_plain(genre).with_towards(TOWARDS[genre]).with_morph(value) for value in values]
    return [_plain(genre).with_level(name, value) for value in values]


def _answers(model: str, asked: Iterable[Question], takes: int, bars: int) -> Answers:
    """Every question answered with the same seeds, on all cores."""
    requests = [
        Request(question.controls, question.tempo_bpm, bars, seed, _fills(question, bars))
        for question in asked
        for seed in range(1, takes + 1)
    ]
    answers: dict[Question, list[JudgedTake]] = {}
    played = Recital(model, walk=unattended).play(requests, _told)
    for request, steps in zip(requests, played, strict=True):
        take = _swung(generated(str(request.seed), request.controls.genre[0][0], steps), request)
        question = Question(request.controls, request.tempo_bpm, bool(request.fills))
        answers.setdefault(question, []).append(part(take, slice(SKIPPED_BARS, None)))
    return answers


def _fills(question: Question, bars: int) -> tuple[int, ...]:
    first = SKIPPED_BARS + FILL_BARS - 1
    return tuple(METER.bar_steps * bar for bar in range(first, bars, FILL_BARS) if question.filled)


def _swung(take: JudgedTake, request: Request) -> JudgedTake:
    """The take as it sounds."""
    grid_swing, meters = request.controls.grid_swing, MeterMap.of(METER)
    lines = np.arange(METER.bar_steps)[:, None] * TICKS_PER_STEP
    straight = lines + take.microtimings_ticks.astype(np.int64)
    sounding = np.vectorize(lambda tick: round(swung(int(tick), grid_swing, meters)))(straight)
    return replace(take, microtimings_ticks=(sounding - lines).astype(np.int16))


def _told(doing: str, done: int, in_all: int) -> None:
    if done % 100 == 0:
        click.echo(f"{doing} {done} of {in_all} ...", err=True)


def _level(
    promise: Promise, swept: Sequence[Sequence[Question]], answers: Answers
) -> dict[str, Any]:
    """One level: its curve over the settings, genre by genre, and what else changes."""
    curves = np.array([[promise.figure(answers[one]) for one in of] for of in swept])
    rho = {
        genre: promise.way * _spearman(curve)
        for genre, curve in zip(GENRES, curves.tolist(), strict=True)
    }
    sides = {
        name: [float(np.mean([figure(answers[of[i]]) for of in swept])) for i in range(SETTINGS)]
        for name, figure in SIDE_EFFECTS.items()
        if figure is not promise.figure
    }
    mean = curves.mean(axis=0)
    return {
        "figure": promise.name,
        "mean": mean.tolist(),
        "genres": dict(zip(GENRES, curves.tolist(), strict=True)),
        "rho": rho,
        "dead": _dead(mean),
        "side effects": sides,
        "met": min(rho.values()) >= MARK,
    }


def _spearman(values: Sequence[float]) -> float:
    """The rank correlation of values with their order, -1 to 1; 0 where all are the same."""
    numbers = np.asarray(values)
    ranks = (numbers[:, None] > numbers).sum(1) + (numbers[:, None] >= numbers).sum(1)
    if np.ptp(ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])


def _dead(mean: NDArray[np.float64]) -> tuple[float, float] | None:
    """The longest part of the travel over which the figure stays where it is, if there is one."""
    ends = [
        (first, last)
        for first, last in itertools.combinations(range(SETTINGS), 2)
        if np.ptp(mean[first : last + 1]) <= DEAD_SHARE * np.ptp(mean)
    ]
    if not ends:
        return None
    first, last = max(ends, key=lambda pair: pair[1] - pair[0])
    return first / (SETTINGS - 1), last / (SETTINGS - 1)


def _ornaments(swept: Sequence[Sequence[Question]], answers: Answers) -> dict[str, Any]:
    """At a quarter of the density knob: what is kept of the middle's backbeat and ghosts."""
    kept = {}
    for genre, of in zip(GENRES, swept, strict=True):
        sparse, middle = (
            answers[next(q for q in of if q.controls.density == density)]
            for density in (SPARSE_DENSITY, LEVELS["density"].default)
        )
        if backbeat(middle) >= LEAST_BACKBEAT:
            ghosts = _ghosts(sparse) / _ghosts(middle) if _ghosts(middle) else 0.0
            kept[genre] = {"backbeat": backbeat(sparse) / backbeat(middle), "ghosts": ghosts}
    met = all(of["backbeat"] > of["ghosts"] for of in kept.values())
    return {"kept": kept, "met": met}


def _ghosts(takes: Takes) -> float:
    """Soft snares a bar."""
    snares = [take.velocities[..., LANE["snare"]] for take in takes]
    soft = sum(int(((snare > 0) & (snare < LOUD_VELOCITY)).sum()) for snare in snares)
    return soft / sum(take.bars for take in takes)


def _people_by_tempo(people: Sequence[Performance]) -> list[float]:
    """People's hits a bar at the nearest of the tempos; each bar counts the same."""
    nearest = [int(np.abs(np.array(TEMPOS_BPM) - p.tempo_bpm).argmin()) for p in people]
    found = []
    for number in range(len(TEMPOS_BPM)):
        takes = recorded(p for p, at in zip(people, nearest, strict=True) if at == number)
        found.append(hits(takes) if takes else np.nan)
    return [float(value) for value in found]


def _table(found: Mapping[str, Any], promised: Mapping[str, Promise]) -> Iterator[str]:
    yield (
        f"{SETTINGS} settings x {len(GENRES)} genres, {found['takes']} takes of {found['bars']} "
        f"bars each, the first {SKIPPED_BARS} left out; took {found['seconds'] / 60:.1f} minutes"
    )
    yield f"rho: Spearman over the settings, genre by genre; goal {MARK} in each"
    for name, level in found["levels"].items():
        way = "rises" if promised[name].way > 0 else "falls"
        yield ""
        yield f"{name}: {level['figure']} {way} ... {'met' if level['met'] else 'MISSED'}"
        yield f"  {'mean over genres':<20}" + "".join(f"{value:8.2f}" for value in level["mean"])
        for side, curve in level["side effects"].items():
            yield f"  {side:<20}" + "".join(f"{value:8.2f}" for value in curve)
        ranked = sorted(level["rho"].items(), key=lambda item: item[1])
        yield "  rho: " + "  ".join(f"{genre} {rho:.2f}" for genre, rho in ranked)
        if level["dead"] is not None:
            first, last = level["dead"]
            yield f"  dead from {first:.0%} to {last:.0%} of its travel"
    if "ornaments" in found:
        yield ""
        verdict = "met" if found["ornaments"]["met"] else "MISSED"
        yield f"density {SPARSE_DENSITY:.0%}, kept of the middle's: the backbeat more ... {verdict}"
        for genre, kept in found["ornaments"]["kept"].items():
            yield f"  {genre:<20}backbeat {kept['backbeat']:.2f}  ghosts {kept['ghosts']:.2f}"
    if "tempo" in found:
        yield ""
        yield f"{'hits a bar at bpm':<22}" + "".join(f"{bpm:8}" for bpm in TEMPOS_BPM)
        for genre, curve in found["tempo"]["drummer"].items():
            yield f"  {genre:<20}" + "".join(f"{value:8.1f}" for value in curve)
        people = "".join(f"{value:8.1f}" for value in found["tempo"]["people"])
        yield f"  {'people of all these':<20}{people}"
