"""Whether the clock that comes in is our own, on its way back through somebody's gear.

A clock that follows its own echo runs away: every pulse answers the one before. What gives an echo
away is that it goes along with us. So where we send a clock too, one that begins to come in is held
against ours for a moment, which goes on at its own tempo meanwhile. A leader's tempo is another, or
soon in step with ours; an echo has just our tempo, and stays as far behind however we move.
"""

from __future__ import annotations

import enum
import math

from polyrhythmia_live.clock.line import fit_line

SKIPPED_PULSES = 3
"""What was on its way before we moved comes back first."""

LEAST_PULSES, FIRST_PULSES, NEXT_PULSES = 5, 24, 12
"""No verdict is reached before so many pulses; the first and the next looks take so many."""

MOVES = 2
"""An echo has gone along with us so often."""

DRIFT, DRIFT_ERRORS = 0.004, 5.0
"""A clock has a tempo of its own if it drifts by this share of a period a pulse, and by so many
standard errors."""

IN_STEP, IN_STEP_ERRORS = 0.015, 4.0
"""A clock is in step with ours if it is off by less than this share of a period, or by no more than
so many standard errors."""

SAME = 0.3
"""An echo is as far behind as before, to this share of it."""

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

    Threads: dispatcher only. Real-time: yes, below 0.1 ms.
    """

    def __init__(self, own_seconds: float, period_seconds: float) -> None:
        self.period_seconds = period_seconds
        self.proven = False
        self.moved_seconds = 0.0
        self._own_seconds = own_seconds
        self._last_seconds = -math.inf
        self._behind = 0.0
        self._moves = 0
        self._begin()

    def _begin(self) -> None:
        self._heard = 0
        self._places = 0
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
        self._last_seconds = arrival_seconds
        self._heard += 1
        if self._heard > SKIPPED_PULSES:
            own = (arrival_seconds - self._own_seconds) / self.period_seconds
            self._phases.append(own - self._places)
        return self._verdict()

    def _verdict(self) -> Verdict:
        count = len(self._phases)
        if count < LEAST_PULSES:
            return Verdict.HOLD
        _, drift, off = fit_line(list(enumerate(self._phases)), 0.0, 0.0)
        squares = sum(it * it for it in off)
        spread = max(SPREAD_MIN, math.sqrt(squares / (count - 2)))
        error = spread / math.sqrt(count * (count * count - 1) / 12.0)
        one_for_one = abs(self._places - self._heard) <= 2 + 0.2 * count
        if abs(drift) > DRIFT + DRIFT_ERRORS * error or not one_for_one:
            return Verdict.FOLLOW
        if count < (NEXT_PULSES if self._moves else FIRST_PULSES):
            return Verdict.HOLD
        mean = sum(self._phases) / count
        behind = mean - round(mean)
        error = IN_STEP_ERRORS * spread / math.sqrt(count)
        if abs(behind) < max(IN_STEP, error):
            return Verdict.FOLLOW
        before, self._behind = self._behind, behind
        other = abs(behind - before - round(behind - before))
        if self._moves and other > max(SAME * abs(before), IN_STEP, error):
            return Verdict.FOLLOW
        if self._moves == MOVES:
            self.proven = True
            self._begin()
            return Verdict.ECHO
        self._moves += 1
        self.moved_seconds = behind * self.period_seconds
        self._own_seconds += self.moved_seconds
        self._begin()
        return Verdict.MOVE


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
