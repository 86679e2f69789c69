"""A judgement for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from polyrhythmia_live.judging.generation import vacuous
from polyrhythmia_live.judging.generation.comparison import Comparison, Pair
from polyrhythmia_live.judging.generation.estimate import Estimate, Reading, estimate, mean
from polyrhythmia_live.judging.generation.features import FEATURES
from polyrhythmia_live.judging.generation.marks import Mark, marks, means
from polyrhythmia_live.judging.generation.programme import DENSITIES, Programme
from polyrhythmia_live.judging.generation.takes import BAR_STEPS

PAIRS = ("repetition", "quoted", "recognised", "nearly_silent", "impossible")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was heard of a network, genre by genre.

    `source_figures` are (density_L1, K_L1) of each genre's takes, and of "silence".
    """

    model: str
    split: str
    programme: Programme
    comparisons: tuple[Comparison, ...]
    source_figures: dict[str, tuple[float, float]]
    not_played: tuple[str, ...]

    def figures(self) -> dict[str, Any]:
        """Everything, for JSON: an estimate is its value and the ends of its 95 % interval.

        None stands for what could not be computed.
        """
        figures = {
            "model": self.model,
            "split": self.split,
            **asdict(self.programme),
            "marks": [asdict(mark) for mark in marks(self.comparisons)],
            "genres": {c.genre: _genre(c) for c in self.comparisons},
            "source_figures": self.source_figures,
            "not_played": self.not_played,
        }
        known: dict[str, Any] = without_nan(figures)
        return known

    def table(self) -> str:
        """Everything, for a reader; 100 columns."""
        sections = (
            self._heading(),
            self._marks(),
            self._features(),
            self._genres(),
            self._overlaps(),
            self._source(),
        )
        return "\n\n".join("\n".join(section) for section in sections)

    def _heading(self) -> Iterator[str]:
        asked = self.programme
        yield (
            f"{self.model}: {asked.takes} takes of {asked.bars} bars per genre, default settings, "
            f"seed {asked.seed}"
        )
        yield f"beside people's beats of the {self.split} split, in phrases of two bars"
        yield "[low high]: 95 % interval, bootstrap over files and takes"
        if any(c.people.mixed for c in self.comparisons):
            yield "*: too few people held out, the training set's are added; not among the marks"
        if self.not_played:
            yield f"nobody plays {', '.join(self.not_played)}: left out"

    def _marks(self) -> Iterator[str]:
        judged = [c.genre for c in self.comparisons if not c.people.mixed]
        yield f"MARKS, means over genres: {', '.join(judged) or 'none has people held out'}"
        yield "and, for the density, all genres that were played"
        yield f"{'':<26}{'drummer':<20}{'people':<20}{'wanted':<24}"
        for mark in marks(self.comparisons):
            yield _mark_line(mark)

    def _features(self) -> Iterator[str]:
        yield "OVERLAP AREA AND KL of distances among people and of people to the drummer (mgeval)"
        yield "ceilings: people to people, half of the files to the others, and to the training set"
        head = f"{'':<16}{'area':<20}{'KL, nats':<20}{'halves':>8}{'train':>8}"
        yield f"{head}{'area, all genres':>20}"
        judged = [c for c in self.comparisons if not c.people.mixed]
        for name in FEATURES:
            found = [c.overlap[name] for c in judged]
            everywhere = [c.overlap[name].drummer.overlap for c in self.comparisons]
            yield (
                f"{name:<16}{_interval(mean([o.drummer.overlap for o in found])):<20}"
                f"{_interval(mean([o.drummer.kl for o in found])):<20}"
                f"{number(_mean([o.halves for o in found])):>8}"
                f"{number(_mean([o.train for o in found])):>8}"
                f"{number(float(mean(everywhere)[0])):>20}"
            )

    def _genres(self) -> Iterator[str]:
        yield "EACH GENRE, drummer / people"
        settings = "".join(f"{f'{density:.0%}':>6}" for density in DENSITIES)
        yield (
            f"{'':<15}{'files':>5}{'bars':>6}  {'bar-to-bar':<12}{'quoted':<12}{'recognised':<12}"
            f"{'silent bars':<15}{settings}"
        )
        for c in self.comparisons:
            density = "".join(f"{float(c.density[d][0]):>6.2f}" for d in DENSITIES)
            yield (
                f"{_starred(c):<15}{len(c.people.takes):>5}{c.people.bars:>6}  "
                f"{_pair(c.repetition):<12}{_pair(c.quoted):<12}{_pair(c.recognised):<12}"
                f"{_pair(c.nearly_silent, 3):<15}{density}"
            )
        silent = means([c.nearly_silent for c in self.comparisons])
        yield f"{'mean':<64}{_pair(silent, 3)}"
        yield "bar-to-bar: F1 of adjacent bars. quoted: share of bars that stand in the training"
        yield "set, all-silent bars left out. recognised: accuracy of a style classifier trained on"
        yield "people. silent bars: under two hits. 25% ..: realised / requested density there."
        yield f"Impossible for two hands and two feet: {self._impossible()}"

    def _impossible(self) -> str:
        steps = self.programme.takes * self.programme.bars * BAR_STEPS
        drummer = sum(float(c.impossible.generated[0]) * steps for c in self.comparisons)
        people = sum(
            float(c.impossible.human[0]) * c.people.bars * BAR_STEPS for c in self.comparisons
        )
        played = sum(c.people.bars * BAR_STEPS for c in self.comparisons)
        steps *= len(self.comparisons)
        return f"{drummer:.0f} of {steps} steps, people {people:.0f} of {played}"

    def _overlaps(self) -> Iterator[str]:
        yield "OVERLAP AREA OF EACH GENRE (a genre of one file has none)"
        heads = (*FEATURES, "mean")
        yield f"{'':<15}" + "".join(f"  {head}" for head in heads)
        for c in self.comparisons:
            areas = [float(c.overlap[name].drummer.overlap[0]) for name in FEATURES]
            row = zip(heads, (*areas, _mean(areas)), strict=True)
            yield f"{_starred(c):<15}" + "".join(f"  {number(a):>{len(h)}}" for h, a in row)

    def _source(self) -> Iterator[str]:
        found = {name: pair for name, pair in self.source_figures.items() if name != "silence"}
        worst = [max(pair[figure] for pair in found.values()) for figure in (0, 1)]
        average = [_mean([pair[figure] for pair in found.values()]) for figure in (0, 1)]
        silence = self.source_figures["silence"]
        limits = (vacuous.DENSITY_L1_MARK, vacuous.K_L1_MARK)
        passes = all(figure < limit for figure, limit in zip(silence, limits, strict=True))
        yield "THE SOURCE PROJECT'S FIGURES" + (
            ": silence passes them, so they say little" if passes else ""
        )
        yield f"{'':<28}{'mean':>8}{'worst':>8}{'silence':>9}{'asked for':>14}"
        for name, figure in (("density_L1", 0), ("K_L1", 1)):
            yield (
                f"{name:<28}{average[figure]:>8.3f}{worst[figure]:>8.3f}"
                f"{silence[figure]:>9.3f}{f'below {limits[figure]}':>14}"
            )


def _mark_line(mark: Mark) -> str:
    people = "-" if mark.human is None else text(mark.human)
    verdict = "pass" if mark.passed else "FAIL"
    return f"{mark.name:<26}{text(mark.generated):<20}{people:<20}{mark.wanted:<24}{verdict}"


def _genre(comparison: Comparison) -> dict[str, Any]:
    return {
        "files": len(comparison.people.takes),
        "bars": comparison.people.bars,
        "mixed": comparison.people.mixed,
        "overlap": {
            name: {
                "area": asdict(estimate(found.drummer.overlap)),
                "kl": asdict(estimate(found.drummer.kl)),
                "halves": found.halves,
                "train": found.train,
            }
            for name, found in comparison.overlap.items()
        },
        **{
            name: {
                "generated": asdict(estimate(getattr(comparison, name).generated)),
                "human": asdict(estimate(getattr(comparison, name).human)),
            }
            for name in PAIRS
        },
        "density": {
            str(density): asdict(estimate(realised))
            for density, realised in comparison.density.items()
        },
    }


def without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.mean(known)) if known else math.nan


def _starred(comparison: Comparison) -> str:
    return comparison.genre + ("*" if comparison.people.mixed else "")


def number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def text(found: Estimate) -> str:
    if not math.isfinite(found.value):
        return "-"
    return f"{found.value:.3f} [{number(found.low)} {number(found.high)}]"


def _interval(reading: Reading) -> str:
    return text(estimate(reading))


def _pair(pair: Pair, digits: int = 2) -> str:
    return " / ".join(number(float(r[0]), digits) for r in (pair.generated, pair.human))
