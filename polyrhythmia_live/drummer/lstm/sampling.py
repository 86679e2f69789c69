"""From the network's 512 logits to one lane mask, and from bins to a velocity or a microtiming.

Because every lane mask has its own outcome, what a performer asks for is an exact conditional: a
muted lane rules outcomes out, and density is an exponential tilt: every outcome's odds times
exp(tilt * its number of hits), the smallest change of the distribution that moves the expected
number of hits to a target.

The order, for one step (`shaped`):

    temperature -> lanes (`only`) -> tilt -> top-k -> top-p -> tilt once more

The tilt comes before the cuts, because otherwise the cuts would choose their survivors at the wrong
density (top-k 1 of a step that is mostly a rest would be a rest, whatever the density knob says). A
cut then moves the expected number of hits, so the survivors are tilted back to it.

One tilt is solved for the last two bars together, so that they would hold the requested number of
hits: a sure backbeat stays where the ornaments can go, which a target for each step would not
allow, and one bar may be fuller than the next. This memory, the *window*, has a row per step: the
log-odds of 0..9 hits, and the hits that were due at the genre's own density, so that a fill or a
change of genre is not taken for a wrong density. What was really played, fills included, is kept in
account too (`still_owed`): what is missing is paid back, and what is too much is saved, over some
bars.

All functions are pure, and work on logits (an outcome ruled out is -inf), so that a conditional on
something very rare does not underflow. Randomness comes in as uniform numbers in [0, 1).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES, MASK_LANES, Floats, mask_of
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.drums.limbs import BY_HAND, CLOSED_HAT, HANDS

Numbers = NDArray[np.float64]
Outcomes = NDArray[np.bool_]

HIT_CLASSES = LANES + 1
"""0 hits, 1 hit .. 9 hits."""
MASK_HITS = MASK_LANES.sum(axis=1, dtype=np.float64)
"""The number of hits of each mask."""

_HAT, _OPEN_HAT = 1 << CLOSED_HAT, 1 << LANE["open-hat"]
_BY_HAND = mask_of(BY_HAND)

WINDOW_STEPS = 32
"""Density is held over two bars of 4/4: long enough to let a bar breathe, short enough to hear.
Eight bars were tried: see docs/measured.md."""
WINDOW_WIDTH = HIT_CLASSES + 1
REPAID_STEPS = 64
"""What a fill had too many, the groove after it has fewer, spread over four bars of 4/4."""
REPAID_MAX = 0.08
"""So much fuller or thinner is not heard as a change of density."""
OWED_HITS_MAX = 16.0
"""What a knob at its end leaves undone is not made up for."""

_HITS = np.arange(HIT_CLASSES, dtype=np.float64)
_POWERS = np.stack([_HITS**0, _HITS, _HITS**2], axis=1)
_BY_HITS = np.argsort(MASK_HITS, kind="stable")
_CLASS_STARTS = np.searchsorted(MASK_HITS[_BY_HITS], _HITS)
_TILT_TOLERANCE_HITS = 1e-6
_TILT_ROUNDS = 200


def heated(logits: ArrayLike, temperature: float) -> Numbers:
    """The logits at a temperature > 0: below 1 the likely gets likelier."""
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0, got {temperature}")
    return np.asarray(logits, np.float64) / temperature


def probabilities(logits: ArrayLike) -> Numbers:
    """What the logits say, summing to one along the last axis; nothing is left as a NaN.

    Raises ValueError where every outcome is ruled out.
    """
    odds = np.asarray(logits, np.float64)
    highest = odds.max(axis=-1, keepdims=True)
    if not np.all(np.isfinite(highest)):
        raise ValueError("at least one outcome must be possible")
    weights = np.exp(odds - highest)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def expected_hits(logits: ArrayLike) -> float:
    """The mean number of hits of a step with these odds."""
    return float(probabilities(logits) @ MASK_HITS)


@lru_cache(maxsize=64)
def masks_with(required: frozenset[int], forbidden: frozenset[int]) -> Outcomes:
    """The masks that strike every required lane and no forbidden one; read-only.

    Raises ValueError for a lane that is both.
    """
    if required & forbidden:
        raise ValueError(f"lanes are both required and forbidden: {sorted(required & forbidden)}")
    masks, struck = np.arange(len(MASK_HITS)), mask_of(required)
    outcomes = np.asarray((masks & struck == struck) & (masks & mask_of(forbidden) == 0))
    outcomes.flags.writeable = False
    return outcomes


@lru_cache(maxsize=256)
def masks_of_locked(locked: frozenset[int], struck: frozenset[int], by_stick: bool) -> Outcomes:
    """The masks that strike just these of the locked lanes, whatever else they strike; read-only.

    `by_stick`: the hat that is struck there is struck by a hand, so that at most one other is free.
    """
    masks = np.arange(len(MASK_HITS))
    outcomes = np.asarray(masks & mask_of(locked) == mask_of(struck))
    if by_stick:
        outcomes &= ~_HAT_BY_FOOT
    outcomes.flags.writeable = False
    return outcomes


def hat_by_foot(mask: int) -> bool:
    """Whether this mask's hat can only be the pedal: no hand is free for it, or the hat is open."""
    hands = (mask & _BY_HAND).bit_count()
    return bool(mask & _HAT) and (hands == HANDS or bool(mask & _OPEN_HAT))


PLAYABLE: Outcomes = np.array(
    [(mask & _BY_HAND).bit_count() <= HANDS for mask in range(len(MASK_HITS))]
)
"""The masks that two hands and two feet can play: four hits at the most.

Of the training data's steps 99.9 % are; without this rule a high density grows extra arms.
"""


@lru_cache(maxsize=64)
def playable_beside(others: frozenset[int]) -> Outcomes:
    """The same where other hands play these lanes; read-only."""
    own = np.arange(len(MASK_HITS)) & ~mask_of(others)
    outcomes = np.asarray(PLAYABLE[own])
    outcomes.flags.writeable = False
    return outcomes


_HAT_BY_FOOT: Outcomes = np.array([hat_by_foot(mask) for mask in range(len(MASK_HITS))])


def only(logits: Numbers, outcomes: Outcomes) -> Numbers:
    """The odds given that the outcome is one of these."""
    return np.where(outcomes, logits, -np.inf)


def top_k(logits: Numbers, count: int) -> Numbers:
    """The odds among the `count` likeliest outcomes; 0 = all. Of equals the lower mask stays."""
    if count < 0:
        raise ValueError(f"top-k must be 0 or more, got {count}")
    if count == 0 or count >= len(logits):
        return logits
    return _keep(logits, np.argsort(-logits, kind="stable")[:count])


def top_p(logits: Numbers, share: float) -> Numbers:
    """The odds among the fewest likeliest outcomes that hold a share of the whole; 1 = all."""
    if not 0 < share <= 1:
        raise ValueError(f"top-p must be in (0, 1], got {share}")
    if share == 1:
        return logits
    likeliest = np.argsort(-logits, kind="stable")
    held = np.cumsum(probabilities(logits)[likeliest])
    return _keep(logits, likeliest[: 1 + int(np.searchsorted(held, share))])


def hit_classes(logits: Numbers) -> Numbers:
    """The log-odds of striking 0, 1 .. 9 lanes: all that a tilt needs to know, (10,)."""
    ordered = logits[_BY_HITS]
    highest = np.maximum.reduceat(ordered, _CLASS_STARTS)
    reference = np.where(np.isfinite(highest), highest, 0.0)
    lengths = np.diff(_CLASS_STARTS, append=len(ordered))
    weights = np.add.reduceat(np.exp(ordered - np.repeat(reference, lengths)), _CLASS_STARTS)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(weights) + reference)


def solve_tilt(classes: Numbers, total_hits: float) -> float:
    """The tilt at which the steps' expected hits add up to `total_hits`.

    `classes` has a row of `hit_classes` per step, (n, 10). A total at or beyond what the steps can
    hold gives an infinite tilt, which is "as few" or "as many as possible". Newton's method inside
    a bracket: the total rises with the tilt, and its slope is the variance.
    """
    possible = np.isfinite(classes)
    if total_hits <= float(np.argmax(possible, axis=1).sum()):
        return -math.inf
    if total_hits >= float((HIT_CLASSES - 1 - np.argmax(possible[:, ::-1], axis=1)).sum()):
        return math.inf
    low, high = _bracket(classes, total_hits)
    tilt = min(max(0.0, low), high)
    for _ in range(_TILT_ROUNDS):
        total, slope = _moments(classes, tilt)
        if abs(total - total_hits) <= _TILT_TOLERANCE_HITS:
            break
        if total < total_hits:
            low = tilt
        else:
            high = tilt
        newton = tilt + (total_hits - total) / slope if slope > 0 else math.inf
        tilt = newton if low < newton < high else (low + high) / 2
    return tilt


def tilted(logits: Numbers, tilt: float) -> Numbers:
    """The odds, each times exp(tilt * hits); an infinite tilt keeps the fewest or the most hits."""
    if math.isfinite(tilt):
        return np.asarray(logits + tilt * MASK_HITS)
    hits = MASK_HITS[np.isfinite(logits)]
    extreme = hits.max() if tilt > 0 else hits.min()
    return only(logits, np.equal(MASK_HITS, extreme))


def tilted_to(logits: Numbers, target_hits: float) -> Numbers:
    """The odds of one step, tilted to an expected number of hits, or as near as it can come."""
    return tilted(logits, solve_tilt(hit_classes(logits)[None], target_hits))


def shaped(logits: Numbers, *, tilt: float, count: int = 0, share: float = 1.0) -> Numbers:
    """Heated logits under a tilt, top-k `count` and top-p `share`, in the order given above."""
    wanted = tilted(logits, tilt)
    if count == 0 and share == 1:
        return wanted
    return tilted_to(top_p(top_k(wanted, count), share), expected_hits(wanted))


def ordinary_window() -> Floats:
    """The window of a drummer who played just what was due: at first, nothing is tilted."""
    limbs = 4
    odds = [math.comb(limbs, hits) * (limbs - 1.0) ** (limbs - hits) for hits in range(limbs + 1)]
    row = np.full(WINDOW_WIDTH, -np.inf, np.float32)
    row[: limbs + 1] = np.log(odds)
    row[HIT_CLASSES] = 1.0
    return np.tile(row, (WINDOW_STEPS, 1))


def slid(window: Floats, logits: Numbers, rate: float, given: int = 0) -> Floats:
    """The window one step on: the step's odds before any tilt, and the hits that are due there.

    So many hits as are `given` are struck in any case, and do not count.
    """
    classes = hit_classes(logits)
    if given:
        classes = np.append(classes[given:], np.full(given, -np.inf))
    row = np.append(classes, rate).astype(np.float32)
    return np.concatenate([window[1:], row[None]])


def window_tilt(window: Floats, share: float, owed_hits: float = 0.0) -> float:
    """The tilt at which the window's steps would hold `share` of the hits that were due.

    Of the hits that are owed beside, it pays back so many that all are paid in `REPAID_STEPS`.
    """
    rows = window.astype(np.float64)
    due = share * float(rows[:, HIT_CLASSES].sum())
    most = REPAID_MAX * due
    repaid = min(most, max(-most, owed_hits * len(rows) / REPAID_STEPS))
    return solve_tilt(rows[:, :HIT_CLASSES], due + repaid)


def still_owed(owed_hits: float, due_hits: float, hits: float) -> float:
    """What is owed after a step on which so many hits were asked for and so many played."""
    return min(OWED_HITS_MAX, max(-OWED_HITS_MAX, owed_hits + due_hits - hits))


def draw(weights: Numbers, uniform: float) -> int:
    """The outcome at a uniform number in [0, 1): the inverse of the cumulative distribution."""
    return int(quantile(weights, uniform))


def quantile(weights: Numbers, uniform: float) -> float:
    """Where a uniform number in [0, 1) falls among bins of unit width.

    The whole part is the bin (never one of weight 0), the fraction how far into it: one number
    draws the bin and a place within it.
    """
    edges = np.cumsum(weights)
    level = uniform * edges[-1]
    index = int(np.searchsorted(edges, level, side="right"))
    if index >= len(edges) or weights[index] <= 0:
        index = int(np.flatnonzero(weights)[-1])
    into = 1.0 - float(edges[index] - level) / float(weights[index])
    return index + min(max(into, 0.0), _BELOW_ONE)


_BELOW_ONE = 1.0 - 2.0**-30
"""Keeps a place inside its bin when it is added to the bin's number."""


def _keep(logits: Numbers, indices: NDArray[np.intp]) -> Numbers:
    kept = np.full_like(logits, -np.inf)
    kept[indices] = logits[indices]
    return kept


def _moments(classes: Numbers, tilt: float) -> tuple[float, float]:
    """The total of the expected hits and of their variances."""
    odds = classes + tilt * _HITS
    weights = np.exp(odds - odds.max(axis=1, keepdims=True))
    sums, hits, squares = (weights @ _POWERS).T
    means = hits / sums
    return float(means.sum()), float((squares / sums - means**2).sum())


def _bracket(classes: Numbers, total_hits: float) -> tuple[float, float]:
    low, high = -1.0, 1.0
    while _moments(classes, low)[0] > total_hits and low > -1e300:
        low *= 2
    while _moments(classes, high)[0] < total_hits and high < 1e300:
        high *= 2
    return low, high
