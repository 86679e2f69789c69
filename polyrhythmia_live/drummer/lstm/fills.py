"""How a fill is played, and how it arrives.

A fill is fuller than the groove around it, on the drums that the style's people fill on, and builds
up to the bar line; then comes an accent. All that is asked is an exact conditional of the network's
odds, or the least change of them that comes near: each lane's odds are tilted towards people's
share of it, then all together to the hits that are due. What has sounded of the fill so far says
how many are due, so a fill is never much under its mark, and which of them follow each other stays
the network's.

All functions are pure.
"""

from __future__ import annotations

import numpy as np

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.drummer.base import Accent, Fill, Place
from polyrhythmia_live.drummer.card import FillShape
from polyrhythmia_live.drummer.lstm import sampling
from polyrhythmia_live.drummer.lstm.encoding import LANES, MASK_LANES, Floats
from polyrhythmia_live.drummer.lstm.sampling import MASK_HITS, Numbers
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT

AS_PEOPLE = LEVELS["fullness"].default
"""Where the fullness knob means as many hits as people's fills have."""
FULLER = 1.15
"""A fill has so many times the hits of the groove or of people's fills, whichever is more."""
GROOVE_BARS = 4
"""How many bars before it are the groove around a fill."""
BUILD = 0.25
"""The last step of a fill is so much fuller than its middle, and the first so much emptier."""
STEP_HITS_MAX = 2.6
"""What has been left out is not made up for at one blow."""
CATCH_UP_HITS = 1.5
"""Where more hits than that are missing for each of the steps left, they are struck: no fill ends
with fewer hits than the groove."""
LANE_RATE_MAX = 0.9
LOOSENESS_NATS = 2.0
"""How far a lane is tilted for people's share of it: about so much, and more where it must."""
TILT_ROUNDS = 12

ASKED_CRASH = 0.95
"""How often a fill that was asked for arrives on an accent."""
CRASHING = 0.15
"""Where people's fills arrive on a crash more seldom, the cymbal is left to the drummer."""

FIRM_NATS = (0.0, 1.5)
"""Between the softest and the loudest hit, at the begin and at the end of a fill of a bar."""
ACCENT_NATS = 1.5

_KICK, _CRASH = 1 << LANE["kick"], 1 << LANE["crash"]
_CYMBALS = _CRASH | 1 << LANE["ride"] | 1 << LANE["open-hat"]
_MASKS = np.arange(len(MASK_HITS))
_WITH_CRASH = (_MASKS & _CRASH) > 0
_KICK_AND_CRASH = _WITH_CRASH & ((_MASKS & _KICK) > 0)
_KICK_AND_CYMBAL = ((_MASKS & _KICK) > 0) & ((_MASKS & _CYMBALS) > 0)


def filled(
    odds: Numbers,
    fill: Fill,
    place: Place,
    struck: Floats,
    rate: float,
    shape: FillShape,
    fullness: float = AS_PEOPLE,
) -> Numbers:
    """The odds of a step of a fill; the first step of one is always struck.

    `struck` (steps, LANES) is what sounded before it, newest last, and `rate` the hits per step of
    the style's fills at the density asked for. `fullness` is the level of that name.
    """
    length, done = fill.end - fill.first, place.index - fill.first
    so_far = float(struck[len(struck) - done :].sum())
    groove = _groove_hits(fill, place, struck)
    weights = 1.0 + BUILD * np.linspace(-1.0, 1.0, length)
    share = fullness / AS_PEOPLE
    due = share * FULLER * max(rate * length, groove) - so_far
    due = min(STEP_HITS_MAX, max(0.0, due * float(weights[done] / weights[done:].sum())))
    least = min(1.0, share) * groove - so_far - CATCH_UP_HITS * (length - done - 1)
    odds = _at_least(odds, max(least, 1.0 if done == 0 else 0.0))
    beat = (fill.end - place.index - 1) // STEPS_PER_BEAT
    shares = np.array(shape.lane_shares[-1 - min(beat, len(shape.lane_shares) - 1)])
    return sampling.tilted_to(_towards(odds, np.minimum(due * shares, LANE_RATE_MAX)), due)


def arrived(odds: Numbers, accent: Accent, shape: FillShape, uniform: float) -> Numbers:
    """The odds of the one that a fill arrives on; `uniform` in [0, 1) decides what comes.

    Unasked, a crash comes as often as people's. Asked for, there is nearly always kick and crash,
    or kick and a cymbal of the drummer's where people seldom crash. What cannot be is not asked.
    """
    if accent is Accent.SURE:
        return odds
    if accent is Accent.USUAL:
        wanted = _KICK_AND_CRASH if uniform < shape.crash else ~_WITH_CRASH
    elif uniform < ASKED_CRASH:
        wanted = _KICK_AND_CRASH if shape.crash >= CRASHING else _KICK_AND_CYMBAL
    else:
        return odds
    possible = wanted & np.isfinite(odds)
    return sampling.only(odds, possible) if possible.any() else odds


def firmness_nats(place: Place) -> float:
    """What is added between the softest and the loudest velocity at a place; 0 in a groove."""
    if place.accent is not None:
        return ACCENT_NATS
    if place.fill is None:
        return 0.0
    soft, firm = FIRM_NATS
    left = min(1.0, (place.fill.end - 1 - place.index) / place.meter.bar_steps)
    return firm + (soft - firm) * left


def _groove_hits(fill: Fill, place: Place, struck: Floats) -> float:
    """How many hits the bars before it have in the fill's part of the bar."""
    bar, done, length = place.meter.bar_steps, place.index - fill.first, fill.end - fill.first
    ends = len(struck) - done + min(length, bar) - bar * np.arange(1, 1 + GROOVE_BARS)
    parts = [struck[max(0, end - length) : end] for end in ends.tolist() if end > 0]
    return float(np.mean([part.sum() for part in parts])) if parts else 0.0


def _at_least(odds: Numbers, hits: float) -> Numbers:
    """The odds given so many hits, or as many as there can be."""
    possible = np.isfinite(odds)
    return sampling.only(odds, min(np.ceil(hits), MASK_HITS[possible].max()) <= MASK_HITS)


def _towards(odds: Numbers, rates: Numbers) -> Numbers:
    """The odds tilted lane by lane towards these rates, as far as their looseness lets them.

    The most likely tilts where those of each lane are normal with `LOOSENESS_NATS`: Newton's
    method on a function that is convex.
    """
    tilts, precision = np.zeros(LANES), LOOSENESS_NATS**-2
    lanes = MASK_LANES.astype(np.float64)
    for _ in range(TILT_ROUNDS):
        weights = sampling.probabilities(odds + lanes @ tilts)
        means = weights @ lanes
        centred = lanes - means
        slope = (centred * weights[:, None]).T @ centred + precision * np.eye(LANES)
        step = np.linalg.solve(slope, rates - means - precision * tilts)
        tilts += np.clip(step, -2.0, 2.0)
    return np.asarray(odds + lanes @ tilts)
