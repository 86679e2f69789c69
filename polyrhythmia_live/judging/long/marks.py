"""The marks over many bars: each figure's mean over genres, and in how many genres it passes.

What passes is what the figure wants (`figures.Wanted`). Means are over the genres that have both
figures, each genre counting the same; what must be at most people's has no margin there, because
over all genres there are enough people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from polyrhythmia_live.judging.generation.estimate import Estimate, estimate, mean
from polyrhythmia_live.judging.long.comparison import LongComparison, Row
from polyrhythmia_live.judging.long.figures import Figure, Wanted, passes


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
    asked = replace(figure, margin=0.0) if figure.wanted is Wanted.AT_MOST else figure
    human = estimate(mean([row.human for row in known]))
    generated = {bars: estimate(mean([row.generated[bars] for row in known])) for bars in lengths}
    return LongMark(
        figure,
        generated,
        human,
        {bars: passes(asked, generated[bars].value, human) for bars in lengths},
        {bars: sum(row.passes(bars) is True for row in known) for bars in lengths},
        len(known),
    )
