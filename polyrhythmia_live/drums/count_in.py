"""The bars before the first one: somebody counts."""

from __future__ import annotations

from polyrhythmia_live.drums.groove import parse_groove
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT, STEPS_PER_WHOLE_NOTE, Meter


def count_in(meter: Meter, bars: int) -> tuple[Hits, ...]:
    """Steps of a side stick on every count, the first of a bar louder.

    A machine that has no side stick plays its snare. Counts are quarters; in eighths and smaller
    they are the meter's own notes, or three of them where these come in threes (6/8).
    """
    count_steps = _count_steps(meter)
    row = "".join(
        "X" if step == 0 else "x" if step % count_steps == 0 else "."
        for step in range(meter.bar_steps)
    )
    return parse_groove({"cross-stick": row}, meter).steps * bars


def _count_steps(meter: Meter) -> int:
    note_steps = STEPS_PER_WHOLE_NOTE // meter.denominator
    if note_steps >= STEPS_PER_BEAT:
        return STEPS_PER_BEAT
    return 3 * note_steps if meter.numerator % 3 == 0 and meter.numerator > 3 else note_steps
