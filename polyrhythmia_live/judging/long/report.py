"""What was heard over many bars, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from polyrhythmia_live.judging.generation.estimate import Estimate, estimate
from polyrhythmia_live.judging.generation.report import text, without_nan
from polyrhythmia_live.judging.long.comparison import LongComparison, Row
from polyrhythmia_live.judging.long.figures import QUARTERS
from polyrhythmia_live.judging.long.programme import LongProgramme


@dataclass(frozen=True, slots=True)
class LongJudgement:
    """What was heard of a network over many bars, genre by genre."""

    model: str
    split: str
    programme: LongProgramme
    comparisons: tuple[LongComparison, ...]
    not_played: tuple[str, ...]
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Everything, for JSON: an estimate is its value and the ends of its 95 % interval.

        None stands for what could not be computed.
        """
        figures = {
            "model": self.model,
            "split": self.split,
            "programme": asdict(self.programme),
            "seconds": self.seconds,
            "genres": {c.genre: _genre(c) for c in self.comparisons},
            "not_played": self.not_played,
        }
        known: dict[str, Any] = without_nan(figures)
        return known

    def table(self) -> str:
        """Everything, for a reader; 100 columns."""
        sections = (self._heading(), *map(self._genre, self.comparisons), self._end())
        return "\n\n".join("\n".join(section) for section in sections)

    @property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted(self.programme.programmes))

    def _heading(self) -> Iterator[str]:
        asked = self.programme.programmes
        takes = " and ".join(f"{asked[bars].takes} takes of {bars} bars" for bars in self._lengths)
        yield f"{self.model}: {takes} per genre, default settings, seed {self.programme.seed}"
        yield f"beside people's beats of the {self.split} split"
        yield "[low high]: 95 % interval, bootstrap over files and takes"
        yield f"drift: from the first of {QUARTERS} quarters of a take to the last, mean over takes"
        yield "*: the training set's takes are added, too few held out are long enough"
        if self.not_played:
            yield f"too few people play {', '.join(self.not_played)}: left out"

    def _genre(self, comparison: LongComparison) -> Iterator[str]:
        people = comparison.people
        yield f"{people.genre.upper()}, {len(people.takes)} files, {people.bars} bars" + (
            ", some of the training set" if people.mixed else ""
        )
        yield _columns("", *(f"drummer, {bars} bars" for bars in self._lengths), "people")
        for name, row in comparison.rows.items():
            generated = (_text(estimate(row.generated[bars]), row) for bars in self._lengths)
            human = _text(estimate(row.human), row) + ("*" if row.added else "")
            verdicts = "  ".join(_verdict(row.passes(bars)) for bars in self._lengths)
            yield f"{_columns(name, *generated, human)}{verdicts}".rstrip()

    def _end(self) -> Iterator[str]:
        yield f"took {self.seconds / 60:.1f} minutes"


def _columns(name: str, *cells: str) -> str:
    return f"{name:<28}" + "".join(f"{cell:<20}" for cell in cells)


def _text(found: Estimate, row: Row) -> str:
    return text(found) if row.figure.digits > 1 else _rough(found)


def _rough(found: Estimate) -> str:
    if not np.isfinite(found.value):
        return "-"
    return f"{found.value:.1f} [{found.low:.1f} {found.high:.1f}]"


def _verdict(passed: bool | None) -> str:
    return "    " if passed is None else "pass" if passed else "FAIL"


def _genre(comparison: LongComparison) -> dict[str, Any]:
    return {
        "files": len(comparison.people.takes),
        "bars": comparison.people.bars,
        "mixed": comparison.people.mixed,
        "figures": {name: _row(row) for name, row in comparison.rows.items()},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "generated": {str(bars): asdict(estimate(r)) for bars, r in row.generated.items()},
        "human": asdict(estimate(row.human)),
        "added": row.added,
        "passed": {str(bars): row.passes(bars) for bars in row.generated},
    }
