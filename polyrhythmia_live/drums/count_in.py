"""The bars before the first one: somebody counts."""

from __future__ import annotations

from polyrhythmia_live.drums.groove import parse_groove
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter


def count_in(meter: Meter, bars: int) -> tuple[Hits, ...]:
    """Steps of a side stick on every count, the first of a bar louder.

    A machine that has no side stick plays its snare.
    """
    row = "".join(
        "X" if step == 0 else "x" if step in meter.count_steps else "."
        for step in range(meter.bar_steps)
    )
    return parse_groove({"cross-stick": row}, meter).steps * bars
