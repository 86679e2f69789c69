"""What the source project's protocol found, beside what that project published."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from polyrhythmia_live.judging.grouping import ALL
from polyrhythmia_live.judging.tables import MISSING, number, plain, text_table

TARGETS = 16
"""Targets per bar; the last one is the last input once more."""

PUBLISHED_ACCURACY = 0.5559
PUBLISHED_PERPLEXITY = 4.8042
"""Of the source's final network on the test split."""

LEGEND = """\
16: as published, 16 targets a bar, of which the last is the last input repeated: we count it as
foretold with probability 1 and right, in every row. 15: the same without it; the published figures
are converted under the same assumption. all: all 16 steps, a bar's first one (which the source
never asks for) included. The odds are of the full vector of 9 lanes."""

DIFFERENCES = """\
What differs: ours hears the whole file so far, is told style, tempo and fills, and spreads its odds
over all 512 vectors; the source's starts each bar deaf and has 128 tokens, one of them for all it
does not know (5.6 % of the test split). Ours is exp of the mean; the published 4.80 is a mean over
batches of exp, which is never below that. The published figures are of the test split."""


@dataclass(frozen=True, slots=True)
class Bar16Figures:
    """`honest_*` over 15 targets a bar, `all_*` over all 16 steps; `*_nll` in nats per step."""

    bars: int
    honest_accuracy: float
    honest_nll: float
    all_accuracy: float
    all_nll: float

    @property
    def accuracy(self) -> float:
        """Over 16 targets, of which the last is free."""
        return (self.honest_accuracy * (TARGETS - 1) + 1) / TARGETS

    @property
    def perplexity(self) -> float:
        """Over 16 targets, of which the last is free."""
        return math.exp(self.honest_nll * (TARGETS - 1) / TARGETS)


def published() -> Bar16Figures:
    """The source's network in our terms, if it always repeats its free target surely."""
    unknown = math.nan
    return Bar16Figures(
        bars=0,
        honest_accuracy=(PUBLISHED_ACCURACY * TARGETS - 1) / (TARGETS - 1),
        honest_nll=math.log(PUBLISHED_PERPLEXITY) * TARGETS / (TARGETS - 1),
        all_accuracy=unknown,
        all_nll=unknown,
    )


@dataclass(frozen=True, slots=True)
class Bar16Report:
    """A network's figures by genre, for beats, fills and in all, and the floors' in all."""

    model: str
    split: str
    bars: int
    train_bars: int
    groups: Mapping[str, Bar16Figures]
    floors: Mapping[str, Bar16Figures]

    def figures(self) -> dict[str, Any]:
        """Everything as values that JSON has; None for what is missing or infinite."""
        values: dict[str, Any] = plain(
            {
                **asdict(self),
                "groups": {name: _values(figures) for name, figures in self.groups.items()},
                "floors": {name: _values(figures) for name, figures in self.floors.items()},
                "published": _values(published()),
            }
        )
        return {"protocol": "bar16", **values}

    def table(self) -> str:
        """Everything in lines of 100 columns at the most."""
        headings = ["", "bars", "acc 16", "ppl 16", "acc 15", "ppl 15", "acc all", "ppl all"]
        rows = [_row("published (test split)", published()), _row(self.model, self.groups[ALL])]
        rows += [_row(name, figures) for name, figures in self.floors.items()]
        styles = [_row(name, figures) for name, figures in self.groups.items()]
        counted = (
            f"floors counted from {self.train_bars} bars of the train split"
            if self.floors
            else "floors: missing, because --data holds no training split apart from this one"
        )
        return "\n".join(
            [
                f"{self.model} on {self.split}, the source's protocol: {self.bars} bars of all "
                "files, fills and odd metres included",
                "",
                text_table(headings, rows),
                counted,
                "",
                text_table(headings, styles),
                LEGEND,
                DIFFERENCES,
            ]
        )


def _values(figures: Bar16Figures) -> dict[str, float]:
    """The fields, and what follows from them."""
    return {
        **asdict(figures),
        "accuracy": figures.accuracy,
        "perplexity": figures.perplexity,
        "honest_perplexity": math.exp(figures.honest_nll),
        "all_perplexity": math.exp(figures.all_nll),
    }


def _row(name: str, figures: Bar16Figures) -> list[str]:
    return [
        name,
        str(figures.bars) if figures.bars else MISSING,
        number(figures.accuracy, 4),
        number(figures.perplexity, 2),
        number(figures.honest_accuracy, 4),
        number(math.exp(figures.honest_nll), 2),
        number(figures.all_accuracy, 4),
        number(math.exp(figures.all_nll), 2),
    ]
