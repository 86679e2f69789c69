"""Where a train of jittery clock pulses really is: its phase, its period, its count.

Acquire by least squares (a loop that is seeded from one interval can diverge), then track by a
second-order delay-locked loop (F. Adriaensen, "Using a DLL to filter time", 2005) that goes on as
least squares would: its memory grows while the clock is steady, and is cut when it drifts
(`line.Memory`). A loop of one bandwidth either lags in every ramp or lets jitter through.
A pulse that does not fit is not believed: the grid coasts, so that what plays does not move,
until a few pulses in a row say what happened (`evidence`).
"""

from __future__ import annotations

import math
from collections import deque

from polyrhythmia_live.clock.acquire import JITTER_FLOOR_SECONDS, LEAST_PULSES, Acquisition
from polyrhythmia_live.clock.base import Smoothing
from polyrhythmia_live.clock.evidence import (
    CLEAR_STEP,
    UNEVEN,
    Place,
    Run,
    Trail,
    gate,
    is_another_tempo,
    plausible,
    playable,
    slipped_pulses,
)
from polyrhythmia_live.clock.line import Memory
from polyrhythmia_live.clock.swing import SwingEar
from polyrhythmia_live.messages import ClockState
from polyrhythmia_live.rhythm.meter import PULSES_PER_BEAT

CONFIRM_PULSES = 6
"""A claim is believed after so many pulses in a row."""

PATIENCE_PULSES = 12
"""After so many pulses that do not fit and make no claim, start again from the last few."""

JITTER_GAIN = 0.02

BURST = 0.25
"""Pulses closer than this share of a period are a backlog being cleared, or doubled."""

JUMP = 0.6
"""The error has jumped where it changes by more than this share of a period."""

IN_RANGE = 0.002
"""A tempo at the end of the range may seem to be beyond it by this share."""

EVEN_PERIODS = 1.5
"""Of an even run, no pulse is further from the next than so many of its periods."""

RAMP, RAMP_JITTERS = 0.05, 2.0
"""Pulses after a slip are on a ramp if they are off the grid by this share of a period and by so
many mean deviations."""

SILENCE_SECONDS = 0.25
SILENCE_PULSES = 4
"""A clock is gone after a silence of so many seconds or so many periods, whichever is longer."""

SUSPECT_AT, SUSPECT_MAX = 12, 24
"""So much suspicion means two senders; a surplus pulse adds to it, a good one takes one off."""


class PulseTracker:
    """The filtered time of the latest pulse, the period, and how many pulses there have been.

    Seconds of one monotonic clock. `count` goes by pulses, but for those proven lost or doubled.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, period_seconds: float, smoothing: Smoothing = Smoothing.NORMAL) -> None:
        self.count = 0
        self.pulse_seconds = 0.0
        self._period = period_seconds
        self._smoothing = smoothing
        self._memory = Memory([0.0], smoothing)
        self._jitter = JITTER_FLOOR_SECONDS
        self._locked = False
        self._acquisition: Acquisition | None = None
        self._last_arrival = -math.inf
        self._stamps: deque[float] = deque(maxlen=CONFIRM_PULSES)
        self._arrivals: deque[tuple[float, bool]] = deque(maxlen=SUSPECT_MAX)
        """The last ones, and whether each was kept, not dropped as the double of another."""
        self._since_anchor = self._anchor_count = 0
        self._suspicion = 0
        self._good_errors = deque([0.0], maxlen=CONFIRM_PULSES)
        self._good = Place(0, 0.0, period_seconds)
        self._trail = Trail()
        self._ear = SwingEar()

    @property
    def period_seconds(self) -> float:
        """Seconds per pulse, within the tempos that can be played (20..320 bpm)."""
        return playable(self._period)

    @property
    def lock(self) -> ClockState:
        """How well they are understood: `LOCKING`, `LOCKED`, `OUT_OF_RANGE` or `DOUBLED`."""
        if self._suspicion >= SUSPECT_AT:
            return ClockState.DOUBLED
        if not self._locked:
            return ClockState.LOCKING
        off = abs(self.heard_seconds / self.period_seconds - 1.0)
        return ClockState.OUT_OF_RANGE if off > IN_RANGE else ClockState.LOCKED

    @property
    def heard_seconds(self) -> float:
        """Seconds per pulse as they come, whether that can be played or not."""
        return self._period

    def late_periods(self, ahead: int = 0) -> float:
        """How many periods later than an even one the latest pulse is, where the pulses swing.

        Or the one that comes so many after it; 0.0 where they are even.
        """
        return self._ear.late(self.count + self._trail.missed + ahead)

    @property
    def missed(self) -> int:
        """Places of the grid that a silence left empty. Not counted yet: a backlog may follow."""
        return self._trail.missed

    @property
    def sure(self) -> bool:
        """Whether no pulse is in doubt: `count` will not be put right by any of those so far."""
        return not (self._trail.missed or self._trail.doubts or self._trail.strayed)

    @property
    def silence_seconds(self) -> float:
        """How long there may be no pulse before the clock is gone."""
        return max(SILENCE_SECONDS, SILENCE_PULSES * self._period)

    def pulse(self, arrival_seconds: float, first: bool = False) -> int:
        """Take a pulse in; by how much `count` grew: 1, unless lost or doubled pulses are put
        right.

        `first`: the song starts with this one, so if it does not fit, the phase is new; and what
        was in doubt before it does not matter any more.
        """
        before = self.count
        if first:
            self._anchor()
        late = self._ear.late(self.count + self._trail.missed + 1) * self._period
        arrival = max(arrival_seconds - late, self._last_arrival)
        interval = arrival - self._last_arrival
        back = interval > self.silence_seconds
        if interval == math.inf or (first and not self._fits(arrival)):
            self._restart(arrival)
        elif back and self._acquisition is not None:
            self.count += self._pulses_late(arrival)
            self._restart(arrival)
        elif not first and self._is_double(arrival, interval):
            self._drop(arrival)
        else:
            self._take(arrival, interval, back)
        self._last_arrival = arrival
        if back or self.count - before not in (0, 1, 2):
            self._ear.forget()
        if self._ear.hear(arrival_seconds, self.count):
            self._even_out()
        return self.count - before

    def _even_out(self) -> None:
        """Begin anew with the last two beats as they are without another swing than before."""
        arrivals = self._ear.arrivals
        numbers = range(self.count - len(arrivals) + 1, self.count + 1)
        period = (arrivals[-1] - arrivals[-1 - PULSES_PER_BEAT]) / PULSES_PER_BEAT
        even = [
            (number, arrival - self._ear.late(number) * period)
            for number, arrival in zip(numbers, arrivals, strict=True)
        ]
        self._acquire(Acquisition(even, period))
        self._last_arrival = even[-1][1]
        self._stamps.clear()
        self._arrivals.clear()
        self._suspicion = 0
        self._complete()

    def _take(self, arrival: float, interval: float, back: bool) -> None:
        if back:
            self._stamps.clear()
            self._anchor()
            self._trail.missed = self._pulses_late(arrival)
        self._stamps.append(arrival)
        self._arrivals.append((arrival, True))
        self._since_anchor += 1
        if self._acquisition is None:
            self._judge(arrival, interval)
        else:
            self._learn(arrival, self._acquisition)
        if self._tempo_stepped():
            self._reacquire()
        elif self._quickened():
            self._give_back()

    def _drop(self, arrival: float) -> None:
        """Leave a pulse out that came twice, unless it and its neighbours come evenly."""
        self._suspect(2)
        self._arrivals.append((arrival, False))
        self._trail.streak = 0
        if self._quickened():
            self._give_back()

    def _quickened(self) -> bool:
        """Whether the last arrivals come evenly, with those that were dropped."""
        if all(kept for _, kept in self._arrivals):
            return False
        arrivals = [arrival for arrival, _ in self._arrivals]
        return any(
            is_another_tempo(arrivals[-count:], self._period, self._jitter, uneven=uneven)
            for count, uneven in ((CONFIRM_PULSES, UNEVEN), (PATIENCE_PULSES, 2.0 * UNEVEN))
            if len(arrivals) >= count
        )

    def _give_back(self) -> None:
        """Count the dropped pulses of a faster tempo, and start again from the last few of it."""
        arrivals = list(self._arrivals)
        period = (arrivals[-1][0] - arrivals[-CONFIRM_PULSES][0]) / (CONFIRM_PULSES - 1)
        run = [arrivals.pop()]
        while arrivals and run[-1][0] - arrivals[-1][0] < EVEN_PERIODS * period:
            run.append(arrivals.pop())
        self._since_anchor += sum(not kept for _, kept in run)
        self._stamps.clear()
        self._stamps.extend(arrival for arrival, _ in reversed(run[:CONFIRM_PULSES]))
        self._suspicion = 0
        self._reacquire()

    # acquiring

    def _restart(self, arrival: float) -> None:
        """A new phase; a tempo once locked is believed until the new pulses say otherwise."""
        self.count += 1
        self._stamps.clear()
        self._stamps.append(arrival)
        self._arrivals.clear()
        self._arrivals.append((arrival, True))
        self._acquire(Acquisition([(self.count, arrival)], self._period, trusted=self._locked))

    def _reacquire(self) -> None:
        """Start again from the last few pulses, all of which count."""
        self.count = self._anchor_count + self._since_anchor + self._trail.missed
        first = self.count - len(self._stamps) + 1
        self._acquire(Acquisition(list(enumerate(self._stamps, first)), self._period))

    def _acquire(self, acquisition: Acquisition) -> None:
        self._acquisition = acquisition
        self._arrivals = deque([(at, True) for at, _ in self._arrivals], self._arrivals.maxlen)
        self._adopt(acquisition)
        self._settle()
        self._anchor()

    def _learn(self, arrival: float, acquisition: Acquisition) -> None:
        self.count += 1
        acquisition.learn(self.count, arrival)
        self._adopt(acquisition)
        self._complete()

    def _complete(self) -> None:
        """Let the loop take over, if there are pulses enough."""
        acquisition = self._acquisition
        if acquisition is not None and acquisition.complete:
            self._acquisition = None
            self._memory = Memory(acquisition.residuals, self._smoothing)
            self._good = self._place

    def _adopt(self, acquisition: Acquisition) -> None:
        self.pulse_seconds = acquisition.pulse_seconds
        self._period = acquisition.period
        self._jitter = acquisition.jitter
        self._locked = acquisition.locked

    def _tempo_stepped(self) -> bool:
        """Whether the last pulses come evenly, but not by the period."""
        if len(self._stamps) < CONFIRM_PULSES or self._trail.streak >= CONFIRM_PULSES:
            return False
        if self._acquisition is None:
            return is_another_tempo(self._stamps, self._period, self._jitter)
        known = len(self._acquisition) >= 2 * CONFIRM_PULSES
        return known and is_another_tempo(self._stamps, self._period, 0.0, CLEAR_STEP)

    # tracking

    @property
    def _limit(self) -> float:
        """How far from its expected time a pulse may be and still be believed."""
        return gate(self._period, self._jitter, self._trail.jumped, self._memory.rounding_seconds)

    @property
    def _quiet(self) -> bool:
        """Whether jitter is too small to move a pulse half-way between two places of the grid."""
        return self._limit < self._period / 3.0

    def _error(self, arrival: float) -> float:
        return arrival - self.pulse_seconds - self._period

    def _pulses_late(self, arrival: float) -> int:
        """After a silence: how many places stayed empty of the grid, which ran on freely.

        If a backlog follows, its pulses take those places (see `_judge`).
        """
        return max(0, round(self._error(arrival) / self._period))

    def _fits(self, arrival: float) -> bool:
        acquisition = self._acquisition
        known = acquisition is None or len(acquisition) >= LEAST_PULSES
        return known and abs(self._error(arrival)) <= self._limit

    def _is_double(self, arrival: float, interval: float) -> bool:
        """Whether it came twice: right behind another pulse, and long before the next is due."""
        early = self._error(arrival) < -0.5 * self._period
        close = interval < BURST * self._period
        sure = self._acquisition is None or self._suspicion > 0
        return sure and early and close and self._quiet

    def _judge(self, arrival: float, interval: float) -> None:
        error = self._error(arrival)
        limit = self._limit
        if self._trail.strayed and abs(error) > limit:
            self._coast()  # the grid's next place stays empty: the stray pulse was the one for it
            error = self._error(arrival)
        self._trail.strayed = False
        if abs(error - self._trail.last_error) > JUMP * self._period:
            self._trail.odd_errors.clear()
            self._trail.odd.clear()
            self._trail.jumped = abs(error) > 0.5 * self._period
        self._trail.last_error = error
        if abs(error) <= limit:
            self._believe(error)
        elif interval < BURST * self._period:
            self._coast()
            self._trail.missed = max(0, self._trail.missed - 1)
        elif self._trail.streak and self._quiet and error < -BURST * self._period:
            self._trail.strayed = True
            self._trail.streak = 0
            self._suspect(2)
        else:
            self._doubt(error, arrival)

    def _believe(self, error: float) -> None:
        """The pulse is where it should be: let it steer."""
        self._steer(error)
        self._memory.learn(error)
        self._good_errors.append(error)
        self._good = self._place
        jitter = self._jitter + JITTER_GAIN * (abs(error) - self._jitter)
        self._jitter = max(JITTER_FLOOR_SECONDS, jitter)
        self._settle(self._trail.streak + 1)
        self._suspect(-1)
        if self._trail.streak >= CONFIRM_PULSES:
            self._anchor()

    def _steer(self, error: float) -> None:
        phase_gain, period_gain = self._memory.gains
        self.count += 1
        self.pulse_seconds += self._period + phase_gain * error
        self._period = plausible(self._period + period_gain * error)

    def _coast(self, pulses: int = 1) -> None:
        self.count += pulses
        self.pulse_seconds += pulses * self._period

    def _doubt(self, error: float, arrival: float) -> None:
        """The pulse is not where it should be: see what it and the next ones say together."""
        self._trail.streak = 0
        self._trail.doubts += 1
        self._trail.odd_errors.append(error)
        if self._trail.jumped or len(self._trail.odd_errors) == 1:
            self._coast()
        else:
            self._steer(math.copysign(min(self._limit, 0.5 * self._period), error))
        self._trail.odd.append((self.count, arrival))
        if len(self._trail.odd_errors) == CONFIRM_PULSES:
            self._conclude()
        elif self._trail.doubts >= PATIENCE_PULSES:
            self._reacquire()

    def _conclude(self) -> None:
        trail = self._trail
        good = () if trail.missed else tuple(self._good_errors)
        run = Run(trail.odd)
        slipped = slipped_pulses(
            run, self._good, trail.odd_errors, good, self._jitter, self._memory.rounding_seconds
        )
        if slipped is None:
            self._reacquire()
            return
        self._coast(slipped)
        off = abs(run.last_seconds - self.pulse_seconds)
        if not slipped or off > RAMP_JITTERS * self._jitter + RAMP * self._period:
            self._relay(run)
        self._settle()
        self._anchor()

    def _relay(self, run: Run) -> None:
        """Lay the grid on the last few pulses, which are on a ramp; their count is known."""
        self.pulse_seconds = run.last_seconds
        self._period = run.period
        self._memory = Memory(run.residuals, self._smoothing)
        self._good = self._place

    @property
    def _place(self) -> Place:
        return Place(self.count, self.pulse_seconds, self._period)

    def _anchor(self) -> None:
        """Take the count up to here as beyond doubt."""
        self._anchor_count = self.count
        self._since_anchor = 0

    def _settle(self, streak: int = 0) -> None:
        self._trail = Trail(streak)

    def _suspect(self, change: int) -> None:
        self._suspicion = min(SUSPECT_MAX, max(0, self._suspicion + change))
