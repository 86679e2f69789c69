"""Whether the clock that comes in is our own, on its way back through somebody's gear.

A clock that follows its own echo runs away: every pulse answers the one before. What gives an echo
away is that it goes along with us. So where we send a clock too, one that begins to come in is held
against ours for a moment, which goes on at its own tempo meanwhile. A leader's tempo is another, or
soon in step with ours; an echo has just our tempo, and stays as far behind however we move.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

from polyrhythmia_live.clock.line import fit_line, trust

SKIPPED_PULSES = 3
"""What was on its way before we moved comes back first."""

LEAST_PULSES, FIRST_PULSES, NEXT_PULSES = 5, 24, 12
"""No verdict is reached before so many pulses; the first and the next looks take so many."""

MOVES = 2
"""An echo has gone along with us so often: there, and back, so that no other tempo looks like it.
"""

DRIFT, DRIFT_ERRORS = 0.0008, 5.0
"""A clock has a tempo of its own if it drifts by this share of a period a pulse, and by so many
standard errors."""

OTHER_TEMPO, OTHER_INTERVALS = 0.15, 3
"""Or so many intervals in a row are all longer, or all shorter, than ours by this share."""

CLEAR_DRIFT = 0.3
"""Before the end of a look, it must have drifted so far in all: a clock that is rounded to audio
buffers seems to drift for as long as a few pulses."""

IN_STEP, IN_STEP_ERRORS = 0.015, 4.0
"""A clock is in step with ours if it is off by less than this share of a period, or by no more than
so many standard errors."""

SAME = 0.5
"""An echo is as far behind as before, to this share of what we moved by."""

MOVE_LEAST, MOVE_SPREADS = 0.12, 3.0
"""We move by how far it is behind, and at least by this share of a period, or so many deviations.
"""

ALONE = 1.5
"""An echo's squares are so many times as large from a clock of its own as from ours, at least."""

NEAR_SCALE = 1.5
"""All squares over those of the nearest nine tenths, between those of even and of normal chance."""

SPREAD_MIN = 0.005


class Verdict(enum.Enum):
    """What to do with the clock that comes in."""

    HOLD = "hold"
    """Go on at our own tempo: it is not known yet."""
    MOVE = "move"
    """Move by `Echo.moved_seconds`, and see whether it does too."""
    FOLLOW = "follow"
    """Somebody leads."""
    ECHO = "echo"


class Echo:
    """Holds what comes in against our own pulses, one of which is at `own_seconds`.

    `followed`: it leads us already, so that it may well be in step with us. Of one that is heard
    for the first time that says nothing: over a cable within JACK an echo comes back at once.
    Threads: dispatcher only. Real-time: yes, below 0.1 ms.
    """

    def __init__(self, own_seconds: float, period_seconds: float, followed: bool = False) -> None:
        self.period_seconds = period_seconds
        self.proven = False
        self.moved_seconds = 0.0
        self._own_seconds = own_seconds
        self._followed = followed
        self._last_seconds = -math.inf
        self._behind = 0.0
        self._moves = 0
        self._heard = self._places = 0
        self._moved = 0.0
        """By how many periods our pulses were moved."""
        self._all: list[tuple[float, float]] = []
        """How far each was behind our pulses, in periods: as these are, and as they were at first.
        """
        self._others = 0
        """How many intervals in a row were of another tempo: longer, or (negative) shorter."""
        self._begin()

    def _begin(self) -> None:
        self._look = (self._heard, self._places)
        self._phases: list[float] = []

    def next_own_seconds(self, after_seconds: float) -> float:
        """The first of our pulses from a moment on."""
        pulses = math.ceil((after_seconds - self._own_seconds) / self.period_seconds)
        return self._own_seconds + pulses * self.period_seconds

    def hear(self, arrival_seconds: float) -> Verdict:
        """Take a pulse in, while we go on at our own tempo."""
        if self._last_seconds > -math.inf:
            step = (arrival_seconds - self._last_seconds) / self.period_seconds
            self._places += round(step)
            side = (step > 1.0 + OTHER_TEMPO) - (step < 1.0 - OTHER_TEMPO)
            self._others = self._others + side if side * self._others > 0 else side
            if abs(self._others) == OTHER_INTERVALS:
                return Verdict.FOLLOW
        self._last_seconds = arrival_seconds
        self._heard += 1
        if self._heard > self._look[0] + SKIPPED_PULSES:
            own = (arrival_seconds - self._own_seconds) / self.period_seconds
            self._phases.append(own - self._places)
            self._all.append((own - self._places, own - self._places + self._moved))
        return self._verdict()

    def _verdict(self) -> Verdict:
        count = len(self._phases)
        if count < LEAST_PULSES:
            return Verdict.HOLD
        _, drift, off = fit_line(list(enumerate(self._phases)), 0.0, 0.0)
        spread = max(SPREAD_MIN, math.sqrt(sum(it * it for it in off) / (count - 2)))
        error = spread / math.sqrt(count * (count * count - 1) / 12.0)
        heard, places = self._look
        surplus = (self._places - places) - (self._heard - heard)
        one_for_one = abs(surplus) <= 2 + 0.2 * count
        drifts = abs(drift) > DRIFT + DRIFT_ERRORS * error
        if not one_for_one or (drifts and abs(drift) * count > CLEAR_DRIFT):
            return Verdict.FOLLOW
        if count < (NEXT_PULSES if self._moves else FIRST_PULSES):
            return Verdict.HOLD
        if drifts:
            return Verdict.FOLLOW
        now, _, off = _line(self._phases)
        spread = max(SPREAD_MIN, math.sqrt(_squares(off) / (count - 2)))
        phase = _middle(self._phases) if self._moves else now
        behind = phase - round(phase)
        error = IN_STEP_ERRORS * spread / math.sqrt(count)
        if self._followed and not self._moves and abs(behind) < max(IN_STEP, error):
            return Verdict.FOLLOW
        before, self._behind = self._behind, behind
        other = abs(behind - before - round(behind - before))
        if self._moves and other > SAME * abs(self.moved_seconds) / self.period_seconds:
            return Verdict.FOLLOW
        if self._moves == MOVES:
            self.proven = self._goes_along()
            return Verdict.ECHO if self.proven else Verdict.FOLLOW
        share = math.copysign(max(abs(behind), MOVE_LEAST, MOVE_SPREADS * spread), behind)
        if self._moves:
            share = -self._moved
        self.moved_seconds = share * self.period_seconds
        self._moves += 1
        self._moved += share
        self._own_seconds += self.moved_seconds
        self._begin()
        return Verdict.MOVE

    def _goes_along(self) -> bool:
        """Whether it went there and back with us, rather than steadily at a tempo of its own."""
        with_us = [ours - round(ours - self._behind) for ours, _ in self._all]
        middle = _middle(with_us)
        _, _, off = _line([alone for _, alone in self._all])
        return _squares(off) > ALONE * _squares([it - middle for it in with_us])


def _line(phases: Sequence[float]) -> tuple[float, float, list[float]]:
    """The last phase, the drift, and each one's distance from the line; strays count little."""
    points = list(enumerate(phases))
    _, _, off = fit_line(points, 0.0, 0.0)
    return fit_line(points, 0.0, 0.0, trust(off))


def _middle(phases: Sequence[float]) -> float:
    return sorted(phases)[len(phases) // 2]


def _squares(off: Sequence[float]) -> float:
    """Of the nearest nine tenths, scaled up to all: what a busy machine delays says nothing."""
    near = sorted(it * it for it in off)[: len(off) - len(off) // 10]
    return sum(near) * NEAR_SCALE


class EchoWatch:
    """Whether a proven echo still is one: as far behind our latest pulse as ever.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self) -> None:
        self._echo: Echo | None = None

    def goes_on(self, arrival_seconds: float, own_seconds: float, period_seconds: float) -> bool:
        """Take a pulse in; `own_seconds` is when one of our own pulses is."""
        if self._echo is None or self._echo.period_seconds != period_seconds:
            self._echo = Echo(own_seconds, period_seconds)
        verdict = self._echo.hear(arrival_seconds)
        if verdict is Verdict.MOVE:
            self._echo = None
        return verdict is not Verdict.FOLLOW
