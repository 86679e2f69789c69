"""How strong each place of a bar is, by its meter."""

from __future__ import annotations

from functools import cache

from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE, Meter


@cache
def metrical_profile(meter: Meter) -> tuple[int, ...]:
    """How strong each step of a bar is: 1 for the weakest, one more for each level of the meter.

    Sixteenths, eighths .. up to the meter's unit are halves of each other. Units are grouped in
    threes where the meter is compound (6/8, 9/8, 12/8), else in twos, the last group of an odd
    number having three (7/8 is 2+2+3, 5/4 is 2+3); then groups are grouped, up to the bar. 4/4 is
    5 1 2 1 3 1 2 1 4 1 2 1 3 1 2 1.
    """
    profile = [1] * meter.bar_steps
    unit_steps = STEPS_PER_WHOLE_NOTE // meter.denominator
    spacing = 2
    while spacing <= unit_steps:
        _strengthen(profile, range(0, meter.bar_steps, spacing))
        spacing *= 2
    starts = list(range(0, meter.bar_steps, unit_steps))
    compound = meter.denominator >= 8 and meter.numerator % 3 == 0
    while len(starts) > 1:
        starts = starts[::3] if compound else starts[: max(len(starts) - 1, 1) : 2]
        _strengthen(profile, starts)
        compound = False
    return tuple(profile)


def _strengthen(profile: list[int], steps: list[int] | range) -> None:
    for step in steps:
        profile[step] += 1
