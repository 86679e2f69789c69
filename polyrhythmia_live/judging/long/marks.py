"""The marks over many bars: each figure's mean over genres, and in how many genres it passes.

A figure passes where it lies within people's interval, or no further from people than its margin.
Means are over the genres that have both figures, each genre counting the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from polyrhythmia_live.judging.generation.estimate import Estimate, estimate, mean
from polyrhythmia_live.judging.long.comparison import LongComparison, Row
from polyrhythmia_live.judging.long.figures import Figure, passes


@dataclass(frozen=True, slots=True)
class LongMark:
    """One figure's means, by the length of takes in bars where it is the drummer's.

    `passed` is None where nothing is asked. In `genres` of the `judged` genres it passes.
    """

    figure: Figure
    generated: Mapping[int, Estimate]
    human: Estimate
    passed: Mapping[int, bool | None]
    genres: Mapping[int, int]
    judged: int


def long_marks(comparisons: Sequence[LongComparison], lengths: Sequence[int]) -> list[LongMark]:
    """A mark for each figure."""
    names = comparisons[0].rows if comparisons else {}
    return [_mark([c.rows[name] for c in comparisons], lengths) for name in names]


def _mark(rows: Sequence[Row], lengths: Sequence[int]) -> LongMark:
    figure = rows[0].figure
    known = [
        row
        for row in rows
        if np.isfinite([row.human[0], *(row.generated[bars][0] for bars in lengths)]).all()
    ]
    human = estimate(mean([row.human for row in known]))
    generated = {bars: estimate(mean([row.generated[bars] for row in known])) for bars in lengths}
    return LongMark(
        figure,
        generated,
        human,
        {bars: passes(figure, generated[bars].value, human) for bars in lengths},
        {bars: sum(row.passes(bars) is True for row in known) for bars in lengths},
        len(known),
    )
