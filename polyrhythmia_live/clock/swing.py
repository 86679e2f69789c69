"""A leader whose own pulses swing: how late each of them is, and what they are without it.

Some machines put their swing into their clock: of each pair of eighths or sixteenths, the pulses of
the first are further apart than those of the second. A tempo taken from such pulses goes to and
fro. Over a whole beat it is constant, and from beat to beat the pattern is the same: that is how
it is told from jitter, and from a tempo that changes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from polyrhythmia_live.rhythm.meter import PULSES_PER_BEAT

LISTENED_BEATS = (2, 4)
"""The pattern of a beat must come twice; where there is jitter, four times."""

EVERY_PULSES = 6
"""How often the last pulses are looked at."""

HALVES = (PULSES_PER_BEAT // 4, PULSES_PER_BEAT // 2)
"""How many pulses the first of a pair has: sixteenths and eighths."""

STRAIGHT = 0.03
"""Pulses are straight if their mean distance from even ones is less than this share of a period."""

SHARE_MIN, SHARE_MAX = 0.505, 0.75
"""What the first of a pair may take of both, to be a swing."""

SAME_SHARE = 0.004
"""A swing that changes by less is the same."""

EXPLAINED = 0.8
"""A swing explains so much of the squares of the distances from even pulses. A clock that is
rounded to audio buffers comes to 0.6 where the rounding happens to repeat in a beat."""

REPEATED = 0.5
"""The pattern of a beat is known to this share of its size, or better."""

GAP_MIN, GAP_MAX = 0.25, 1.7
"""A pulse was lost or doubled where two are further apart, or closer, than so many periods."""

STRAIGHTER = 0.7
"""A swing is over where even pulses are nearer than it by this factor."""


def _pattern(half: int, first: int) -> tuple[float, ...]:
    """For each pulse of a beat, from 0 to 1, how late it is; the pair begins with pulse `first`."""
    ramp = [number / half for number in range(half)]
    pair = ramp + [1.0 - it for it in ramp]
    return tuple(pair[(number - first) % len(pair)] for number in range(PULSES_PER_BEAT))


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    return [value - mean for value in values]


PATTERNS = {(half, first): _pattern(half, first) for half in HALVES for first in range(2 * half)}
CENTRED = {key: _centred(pattern) for key, pattern in PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Swing:
    """Of each pair of twice `half` pulses, from pulse `first` on, the first half takes `share`."""

    half: int
    first: int
    share: float

    def late(self, number: int) -> float:
        """How many mean periods a pulse is later than an even one; never earlier."""
        pattern = PATTERNS[self.half, self.first]
        return self.half * (2.0 * self.share - 1.0) * pattern[number % PULSES_PER_BEAT]

    def is_like(self, other: Swing | None) -> bool:
        return (
            other is not None
            and (self.half, self.first) == (other.half, other.first)
            and abs(self.share - other.share) < SAME_SHARE
        )


class SwingEar:
    """Listens to the pulses as they arrive, and says how they swing.

    Threads: dispatcher only. Real-time: yes, below 0.4 ms every sixth pulse.
    """

    def __init__(self) -> None:
        self.swing: Swing | None = None
        """None = straight, as far as is known."""
        self._arrivals: deque[float] = deque(maxlen=LISTENED_BEATS[-1] * PULSES_PER_BEAT)
        self._since = 0
        self._turns = 0

    @property
    def arrivals(self) -> Sequence[float]:
        """The last two beats."""
        return list(self._arrivals)[-LISTENED_BEATS[0] * PULSES_PER_BEAT :]

    def late(self, number: int) -> float:
        """How many periods a pulse is later than an even one."""
        return 0.0 if self.swing is None else self.swing.late(number)

    def forget(self) -> None:
        """There was a silence, or a place that no pulse came for: begin to listen anew."""
        self._arrivals.clear()

    def hear(self, arrival_seconds: float, number: int) -> bool:
        """Take a pulse in, which is counted as `number`; whether the swing is another now."""
        self._arrivals.append(arrival_seconds)
        self._since += 1
        if self._since < EVERY_PULSES:
            return False
        self._since = 0
        self._turns += 1
        short, long = (beats * PULSES_PER_BEAT for beats in LISTENED_BEATS)
        heard = len(self._arrivals)
        if heard < short:
            return False
        pulses = long if heard == long and self._turns % 2 else short
        return self._listen(list(self._arrivals)[-pulses:], number - pulses + 1)

    def _listen(self, arrivals: Sequence[float], first_number: int) -> bool:
        beats = len(arrivals) // PULSES_PER_BEAT
        last = arrivals[-PULSES_PER_BEAT:]
        lasted = sum(last) - sum(arrivals[:PULSES_PER_BEAT])
        period = lasted / (PULSES_PER_BEAT * PULSES_PER_BEAT * (beats - 1))
        gaps = [later - earlier for earlier, later in pairwise(arrivals)]
        if min(gaps) < GAP_MIN * period or max(gaps) > GAP_MAX * period:
            return False
        line = [arrival - arrivals[0] - number * period for number, arrival in enumerate(arrivals)]
        beat = [sum(line[number::PULSES_PER_BEAT]) / beats for number in range(PULSES_PER_BEAT)]
        off = _centred(beat)
        size = _size(off)
        chance = _size([it - beat[number % PULSES_PER_BEAT] for number, it in enumerate(line)])
        turn = -first_number % PULSES_PER_BEAT
        by_number = [*off[turn:], *off[:turn]]
        if self.swing is not None and self._is_over(by_number, period):
            self.swing = None
            return True
        if size < STRAIGHT * period or chance / math.sqrt(beats) > REPEATED * size:
            return False
        heard = _fitted(by_number, period)
        if heard is None or heard.is_like(self.swing):
            return False
        self.swing = heard
        return True

    def _is_over(self, off: Sequence[float], period: float) -> bool:
        late = _centred([self.late(number) * period for number in range(PULSES_PER_BEAT)])
        swung = [it - by for it, by in zip(off, late, strict=True)]
        return _size(off) < STRAIGHTER * _size(swung)


def _size(values: Sequence[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))


def _fitted(off: Sequence[float], period: float) -> Swing | None:
    """The swing whose pattern comes nearest, if it comes near."""
    best, half, first = max(
        (sum(map(mul, off, pattern)) / math.sqrt(sum(map(mul, pattern, pattern))), *key)
        for key, pattern in CENTRED.items()
    )
    if best <= 0.0 or best * best < EXPLAINED * sum(map(mul, off, off)):
        return None
    pattern = CENTRED[half, first]
    depth = best / math.sqrt(sum(map(mul, pattern, pattern)))
    share = 0.5 + depth / (2.0 * half * period)
    return Swing(half, first, share) if SHARE_MIN <= share <= SHARE_MAX else None
