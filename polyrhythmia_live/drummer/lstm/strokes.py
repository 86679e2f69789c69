"""How the hits of a drawn lane mask are struck: velocity, microtiming, articulation.

Hits of one step are early or late together, as hands on one clock are; independent ones would be
flams. That the clock drifts from step to step is the network's doing, which hears how late it was:
nothing is added for it.

The recorded drummers were early by some milliseconds on average, their *lean*. That is their
recording's, not a feel, and it would add to an output's latency: `strike` takes it out of what
sounds, `as_recorded` puts it back into what the network hears of it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.lstm import sampling
from polyrhythmia_live.drummer.lstm.encoding import (
    LANES,
    MASK_LANES,
    MICROTIMING_BINS,
    VELOCITY_BINS,
    Floats,
    microtiming_of_bin,
    velocity_of_bin,
)
from polyrhythmia_live.drums.limbs import CLOSED_HAT, HAT_BY_FOOT
from polyrhythmia_live.rhythm.bar import (
    MICROTIMING_MAX_TICKS,
    MICROTIMING_MIN_TICKS,
    Hit,
    Hits,
)
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP

KIT_TIMING_CORRELATION = 0.29
"""How far hits on one step are early or late together, as measured: see docs/measured.md."""

INTENSITY_TILT = 3.0
"""Nats between the softest and the loudest hit, at the ends of the knob.

The network is told the intensity too, but holds on to the level of what was just played."""

Details = tuple[Floats, Floats, Floats]
"""Logits (9, bins) of velocity, microtiming and articulation, as a network gives them."""

_VELOCITY_WIDTH = int(velocity_of_bin(1) - velocity_of_bin(0))
_NORMAL = NormalDist()
_LOUDNESS = np.linspace(-0.5, 0.5, VELOCITY_BINS)


def strike(
    mask: int,
    details: Details,
    controls: ControlState,
    lean_ticks: int,
    lift_nats: float,
    chance: np.random.Generator,
) -> Hits:
    """The hits of a mask, in lane order; an unstruck lane's details do not matter.

    Above temperature 1 the notes get wilder but not the hands; below it both get steadier.
    `lift_nats` is added between the softest and the loudest velocity.
    """
    heat = min(1.0, controls.temperature)
    loudness, lateness_odds, ways = (logits / heat for logits in details)
    harder_nats = INTENSITY_TILT * (2.0 * controls.intensity - 1.0) + lift_nats
    velocities = sampling.probabilities(loudness + harder_nats * _LOUDNESS)
    microtimings, articulations = map(sampling.probabilities, (lateness_odds, ways))
    uniforms = chance.random((2, LANES))
    lateness = chance.standard_normal(1 + LANES)
    hits = []
    for lane in np.flatnonzero(MASK_LANES[mask]).tolist():
        articulation = sampling.draw(articulations[lane], uniforms[1, lane])
        if lane == CLOSED_HAT and sampling.hat_by_foot(mask):
            articulation = HAT_BY_FOOT
        late_ticks = _microtiming(microtimings[lane], lateness[0], lateness[1 + lane])
        hits.append(
            Hit(
                lane,
                _velocity(velocities[lane], uniforms[0, lane]),
                _within_step(round(controls.humanise * (late_ticks - lean_ticks))),
                articulation,
            )
        )
    return tuple(hits)


def as_recorded(hits: Hits, lean_ticks: int) -> Hits:
    """Hits that sounded, as the recorded drummers would have played them."""
    return tuple(
        replace(hit, microtiming_ticks=_within_step(hit.microtiming_ticks + lean_ticks))
        for hit in hits
    )


def lean_ticks(lean_ms: float, tempo_bpm: float) -> int:
    """How late the recorded drummers were on average, in ticks at a tempo; negative = early."""
    return round(lean_ms * tempo_bpm * PPQN / 60_000)


def _velocity(bins: NDArray[np.float64], uniform: float) -> int:
    where = sampling.quantile(bins, uniform)
    index = int(where)
    value = int(velocity_of_bin(index)) + round((where - index - 0.5) * _VELOCITY_WIDTH)
    return min(127, max(1, value))


def _microtiming(bins: NDArray[np.float64], kit: float, own: float) -> float:
    """Ticks, from two standard normal numbers: the kit's common lateness and the hit's own."""
    shared = KIT_TIMING_CORRELATION
    uniform = _NORMAL.cdf(math.sqrt(shared) * kit + math.sqrt(1 - shared) * own)
    where = sampling.quantile(bins, min(uniform, math.nextafter(1.0, 0.0)))
    index = int(where)
    centre = int(microtiming_of_bin(index))
    return centre + (where - index - 0.5) * TICKS_PER_STEP / MICROTIMING_BINS


def _within_step(microtiming_ticks: int) -> int:
    return min(MICROTIMING_MAX_TICKS, max(MICROTIMING_MIN_TICKS, microtiming_ticks))
