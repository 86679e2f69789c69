"""What a bar is like, in a few numbers that a musician knows, without a numerical library.

density      hits
polyphony    drums that are struck together, on average, where any is: 1 or more
syncopation  after Longuet-Higgins and Lee, per beat: `training.data.measures` says how
swing        where an off-beat eighth of hats or ride stands in its beat: .5 straight, .67 triplets
groove       how far hits are off the grid on average, in milliseconds

A figure that a bar has not is None: a silent bar swings neither way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from polyrhythmia_live.drums.lanes import LANE, TOMS
from polyrhythmia_live.rhythm.meter import PPQN, STEPS_PER_BEAT, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.metrical import metrical_profile

LINES = (
    (LANE["kick"],),
    (LANE["snare"], *TOMS),
    (LANE["closed-hat"], LANE["open-hat"], LANE["crash"], LANE["ride"]),
)
"""Low, mid and high: what is heard as one line each."""

TIMEKEEPERS = (LANE["closed-hat"], LANE["open-hat"], LANE["ride"])

Struck = tuple[int, int, int]
"""Step in the bar, lane, microtiming_ticks."""


@dataclass(frozen=True, slots=True)
class BarFigures:
    """See the module."""

    density: float
    polyphony: float | None
    syncopation: float
    swing: float | None
    groove: float | None


def bar_figures(hits: Sequence[Struck], meter: Meter, tempo_bpm: float) -> BarFigures:
    """The figures of a bar, by itself: its last onsets are answered by its own beginning."""
    steps = {step for step, _, _ in hits}
    off_ticks = [abs(off) for _, _, off in hits]
    ms_per_tick = 60_000 / tempo_bpm / PPQN
    return BarFigures(
        density=len(hits),
        polyphony=len({(step, lane) for step, lane, _ in hits}) / len(steps) if steps else None,
        syncopation=_syncopation(hits, meter),
        swing=_swing(hits),
        groove=mean(off_ticks) * ms_per_tick if off_ticks else None,
    )


def _syncopation(hits: Sequence[Struck], meter: Meter) -> float:
    profile, bar_steps = metrical_profile(meter), meter.bar_steps
    missed = 0
    for lanes in LINES:
        struck = {step for step, lane, _ in hits if lane in lanes}
        strongest_silent = 0
        for step in reversed(range(2 * bar_steps)):
            strength = profile[step % bar_steps]
            if step % bar_steps in struck:
                if step < bar_steps:
                    missed += max(strongest_silent - strength, 0)
                strongest_silent = 0
            else:
                strongest_silent = max(strongest_silent, strength)
    return missed * STEPS_PER_BEAT / bar_steps


def _swing(hits: Sequence[Struck]) -> float | None:
    """Beats where a lane strikes just one of the last two sixteenths say something of eighths."""
    places = []
    for lane in TIMEKEEPERS:
        off = {step: ticks for step, its, ticks in hits if its == lane}
        for third in {step // STEPS_PER_BEAT * STEPS_PER_BEAT + 2 for step in off}:
            pair = [step for step in (third, third + 1) if step in off]
            if len(pair) == 1:
                (step,) = pair
                place = step % STEPS_PER_BEAT + off[step] / TICKS_PER_STEP
                places.append(place / STEPS_PER_BEAT)
    return mean(places) if places else None
