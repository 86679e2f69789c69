"""What the drummer has in its ears before the first step, and after a change of genre.

What was played weighs far more with the network than the genre it is asked for: after some bars of
rock it goes on with rock, and out of silence it takes long to find a groove. So a change of genre
changes what it believes to have heard: a typical phrase of that genre, of the network's own
playing. The phrase is never sounded.
"""

from __future__ import annotations

from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE, Meter

Primer = tuple[Hits, ...]
"""Whole bars of 4/4, step by step."""

PRIMER_BAR_STEPS = STEPS_PER_WHOLE_NOTE


def looped(primer: Primer, meter: Meter, end_index: int, steps: int) -> list[Hits]:
    """The last `steps` steps before the step `end_index`, had the primer been looped until then.

    Its bars are cut, or begun again, to the length of the meter's.
    """
    bars = len(primer) // PRIMER_BAR_STEPS
    return [
        primer[
            meter.bar_of(index) % bars * PRIMER_BAR_STEPS
            + meter.step_in_bar(index) % PRIMER_BAR_STEPS
        ]
        for index in range(end_index - steps, end_index)
    ]
