"""What was heard over many bars, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from polyrhythmia_live.judging.generation.estimate import Estimate, Reading, estimate
from polyrhythmia_live.judging.generation.report import number, text, without_nan
from polyrhythmia_live.judging.long.comparison import LongComparison, Row
from polyrhythmia_live.judging.long.figures import QUARTERS, Figure
from polyrhythmia_live.judging.long.fills import FILL_FIGURES, FillComparison
from polyrhythmia_live.judging.long.form import FORM_FIGURES
from polyrhythmia_live.judging.long.marks import LongMark, long_marks
from polyrhythmia_live.judging.long.openings import MEASURES, Openings
from polyrhythmia_live.judging.long.programme import LongProgramme


@dataclass(frozen=True, slots=True)
class LongJudgement:
    """What was heard of a network over many bars, genre by genre."""

    model: str
    split: str
    programme: LongProgramme
    comparisons: tuple[LongComparison, ...]
    openings: tuple[Openings, ...]
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
            "marks": {mark.figure.name: _mark(mark) for mark in self._marks},
            "genres": {c.genre: _genre(c) for c in self.comparisons},
            "openings": {found.style: _opening(found) for found in self.openings},
            "not_played": self.not_played,
        }
        known: dict[str, Any] = without_nan(figures)
        return known

    def table(self) -> str:
        """Everything, for a reader; 100 columns."""
        sections = (
            self._heading(),
            self._means(),
            *map(self._genre, self.comparisons),
            self._fills(),
            self._form(),
            self._openings(),
            self._end(),
        )
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

    @property
    def _marks(self) -> list[LongMark]:
        return long_marks(self.comparisons, self._lengths)

    def _means(self) -> Iterator[str]:
        yield "MARKS, means over genres, and in how many genres the figure passes"
        yield self._heads()
        for mark in self._marks:
            generated = (_text(mark.generated[bars], mark.figure) for bars in self._lengths)
            verdicts = " ".join(_counted_verdict(mark, bars) for bars in self._lengths)
            human = _text(mark.human, mark.figure)
            yield f"{_columns(mark.figure.name, *generated, human)}{verdicts}".rstrip()

    def _genre(self, comparison: LongComparison) -> Iterator[str]:
        people = comparison.people
        yield f"{people.genre.upper()}, {len(people.takes)} files, {people.bars} bars" + (
            ", some of the training set" if people.mixed else ""
        )
        yield self._heads()
        for name, row in comparison.rows.items():
            figure = row.figure
            generated = (_text(estimate(row.generated[bars]), figure) for bars in self._lengths)
            human = _text(estimate(row.human), figure) + ("*" if row.added else "")
            verdicts = "  ".join(_verdict(row.passes(bars)) for bars in self._lengths)
            yield f"{_columns(name, *generated, human)}{verdicts}".rstrip()

    def _fills(self) -> Iterator[str]:
        yield "FILLS asked for at a beat of every eighth bar (groove: the bars before, same steps)"
        yield "people's: bars of their takes that are like a fill, and files that are nothing else"
        heads = ("hits", "groove", "toms", "groove", "snares", "silent", "crash", "other")
        yield f"{'a bar':<28}" + "".join(f"{head:>8}" for head in heads)
        yield f"{'':<28}" + f"{'after':>56}{'ones':>8}"
        for c in self.comparisons:
            for beat, readings in c.fills.generated.items():
                name = c.genre if beat == 1 else ""
                yield f"{name:<15}{f'from beat {beat}':<13}{_line(readings)}"
            yield f"{'':<15}{'people':<13}{_line(c.fills.human)}"
            yield f"{'':<15}{'fill files':<13}{_line(c.fills.human_files)}"
            yield f"{'':<15}{_fill_verdict(c.fills)}"

    def _form(self) -> Iterator[str]:
        yield "FORM, by bar 1 .. 8, drummer / people"
        for name in FORM_FIGURES:
            yield name
            for c in self.comparisons:
                places = zip(c.form.generated[name], c.form.human[name], strict=True)
                cells = "".join(f"{f'{ours:.2f}/{theirs:.2f}':>10}" for ours, theirs in places)
                yield f"{c.genre:<13}{cells}"

    def _openings(self) -> Iterator[str]:
        yield "OPENING PHRASES, each by itself"
        yield "plain: no measure further out than 90 % of people's typical phrases"
        heads = ("like", "odds", "2 and 4", "hits")
        blocks = "".join(f"  {' '.join(f'{head:>7}' for head in heads)}" for _ in range(2))
        yield f"{'':<15}{'plain':>8}{blocks}"
        yield f"{'':<23}  {'the worst phrase':<31}  people's, median"
        for found in self.openings:
            plain = f"{int(found.plain.sum())}/{len(found.plain)}"
            rows = (found.phrases[found.worst], np.median(found.typical, axis=0))
            cells = "".join("  " + " ".join(f"{value:7.2f}" for value in row) for row in rows)
            yield f"{found.style:<15}{plain:>8}{cells}"
        plain_ones = sum(int(found.plain.sum()) for found in self.openings)
        yield f"{plain_ones} of {sum(len(found.plain) for found in self.openings)} are plain"

    def _heads(self) -> str:
        return _columns(
            "the drummer's takes of", *(f"{bars} bars" for bars in self._lengths), "people"
        )

    def _end(self) -> Iterator[str]:
        yield f"took {self.seconds / 60:.1f} minutes"


def _columns(name: str, *cells: str) -> str:
    return f"{name:<25}" + "".join(f"{cell:<18}" for cell in cells)


def _text(found: Estimate, figure: Figure) -> str:
    return text(found) if figure.digits > 1 else _rough(found)


def _rough(found: Estimate) -> str:
    if not np.isfinite(found.value):
        return "-"
    return f"{found.value:.1f} [{found.low:.1f} {found.high:.1f}]"


def _line(readings: Mapping[str, Reading]) -> str:
    return "".join(f"{number(float(readings[name][0])):>8}" for name in FILL_FIGURES)


def _fill_verdict(fills: FillComparison) -> str:
    said = {
        "thinner": not fills.is_fuller,
        "silent": not fills.is_never_silent,
        "few toms and snares": not fills.is_on_toms_and_snare,
        "no landing": not fills.lands,
    }
    failed = [name for name, missed in said.items() if missed]
    return f"FAIL: {', '.join(failed)}" if failed else "pass"


def _counted_verdict(mark: LongMark, bars: int) -> str:
    if mark.passed[bars] is None:
        return " " * 10
    return f"{_verdict(mark.passed[bars])} {f'{mark.genres[bars]}/{mark.judged}':<5}"


def _verdict(passed: bool | None) -> str:
    return "    " if passed is None else "pass" if passed else "FAIL"


def _mark(mark: LongMark) -> dict[str, Any]:
    lengths = {
        str(bars): {
            "generated": asdict(found),
            "passed": mark.passed[bars],
            "genres_passed": mark.genres[bars],
        }
        for bars, found in mark.generated.items()
    }
    return {"lengths": lengths, "human": asdict(mark.human), "genres": mark.judged}


def _genre(comparison: LongComparison) -> dict[str, Any]:
    return {
        "files": len(comparison.people.takes),
        "bars": comparison.people.bars,
        "mixed": comparison.people.mixed,
        "figures": {name: _row(row) for name, row in comparison.rows.items()},
        "fills": {
            "generated": {
                str(beat): _estimates(readings)
                for beat, readings in comparison.fills.generated.items()
            },
            "human": _estimates(comparison.fills.human),
            "human_files": _estimates(comparison.fills.human_files),
            "fuller": comparison.fills.is_fuller,
            "never_silent": comparison.fills.is_never_silent,
            "on_toms_and_snare": comparison.fills.is_on_toms_and_snare,
            "lands": comparison.fills.lands,
        },
        "form": {
            name: {
                "generated": comparison.form.generated[name].tolist(),
                "human": comparison.form.human[name].tolist(),
            }
            for name in FORM_FIGURES
        },
    }


def _estimates(readings: Mapping[str, Reading]) -> dict[str, Any]:
    return {name: asdict(estimate(reading)) for name, reading in readings.items()}


def _opening(found: Openings) -> dict[str, Any]:
    return {
        "measures": MEASURES,
        "phrases": found.phrases.tolist(),
        "plain": found.plain.tolist(),
        "people": np.median(found.typical, axis=0).tolist(),
        "people_plain": found.typical_plain,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "generated": {str(bars): asdict(estimate(r)) for bars, r in row.generated.items()},
        "human": asdict(estimate(row.human)),
        "added": row.added,
        "passed": {str(bars): row.passes(bars) for bars in row.generated},
    }
