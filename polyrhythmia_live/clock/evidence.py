"""What a few odd clock pulses prove: another tempo, pulses lost or doubled, or only rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from polyrhythmia_live.clock.line import fit_line
from polyrhythmia_live.rhythm.meter import PULSES_PER_BEAT
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM

SHORTEST_SECONDS = 60.0 / (TEMPO_MAX_BPM * PULSES_PER_BEAT)
"""The period of a clock pulse at the fastest tempo that can be played."""
LONGEST_SECONDS = 60.0 / (TEMPO_MIN_BPM * PULSES_PER_BEAT)
"""The period of a clock pulse at the slowest tempo that can be played."""

GATE_SECONDS = 0.004
"""A pulse that is off by no more than this is believed, however small the jitter."""
GATE_PERIODS = 0.2
"""At fast tempos, this share of a period takes the place of `GATE_SECONDS`."""
GATE_JITTERS = 4.0
"""A pulse that is off by no more than so many mean deviations is believed."""
GATE_MAX_PERIODS = 0.8
"""Jitter widens the gate to at most this share of a period."""
GATE_AFTER_JUMP_PERIODS = 0.5
"""After a jump of the error, the gate is at most this share of a period wide."""
GATE_ROUNDINGS = 1.1
"""A pulse that is off by no more than so many audio buffers, if it is rounded to them, is believed.
"""

STEP = 0.08
"""Evenly spaced pulses whose period differs by more than this share are another tempo."""

STEP_JITTERS = 1.2
"""It also differs by so many mean deviations: four times what chance does to six pulses."""

CLEAR_STEP = 0.2
"""The share that counts where little is known yet: a clock that is rounded to audio buffers 8..20 %
longer than its period also comes evenly for a while."""

UNEVEN = 0.12
"""Evenly spaced pulses are off their line by less than this share of a period."""
ALTERNATING = 0.06
"""Every second pulse of two senders is early or late by more than this share of a period."""

SLIP_JITTER = 0.2
"""With more jitter than this share of a period, lost and doubled pulses cannot be recognised."""

STEADY = 0.01
SLIP_DRIFT = 0.12
"""A period that changes by less than this share between good and odd pulses, and by no more than
chance does, is the same; whatever chance does, it is not where it changes by more than the second.
"""

SMOOTH = 0.03
"""Odd pulses are smooth if each is off their line by less than this share of a period."""

NEAR = 0.4
"""A whole number of periods is never told from the next one by more than this share of one."""

CREEPING = 0.7
"""A tempo creeps away if a line leaves less than this share of the squares that a jump leaves."""

BUFFERS_SECONDS = tuple(
    frames / rate for frames in (2048, 1024, 512, 256) for rate in (44100, 48000)
)
ROUNDED = 0.0005
"""A period this close to a multiple of a buffer, as a share, is rounded to it; the clocks of
computer and sound card differ by less."""


def playable(period_seconds: float) -> float:
    """The nearest period whose tempo can be played."""
    return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, period_seconds))


def plausible(period_seconds: float) -> float:
    """The nearest period within an octave of the tempos that can be played."""
    return min(2.0 * LONGEST_SECONDS, max(0.5 * SHORTEST_SECONDS, period_seconds))


def is_another_tempo(
    stamps: Sequence[float],
    known_period: float,
    jitter: float,
    step: float = STEP,
    uneven: float = UNEVEN,
) -> bool:
    """Whether pulses come evenly, with a period that differs by more than the share `step`.

    It must also differ by more than `jitter` (a mean deviation, in seconds) does by chance.
    """
    _, period, residuals = fit_line(list(enumerate(stamps)), known_period, 0.0)
    alternation = (sum(residuals[0::2]) - sum(residuals[1::2])) / len(residuals)
    return (
        period == plausible(period)
        and abs(period - known_period) > max(step * known_period, STEP_JITTERS * jitter)
        and max(map(abs, residuals)) < uneven * period
        and abs(alternation) < ALTERNATING * period
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the grid was with the last pulse that fitted: pulses counted, seconds, the period."""

    count: int
    seconds: float
    period: float


class Run:
    """A straight line through odd pulses in a row: (count, arrival) each, as they were counted."""

    def __init__(self, odd: Sequence[tuple[int, float]]) -> None:
        self.last_seconds, self.period, self.residuals = fit_line(odd, 0.0, 0.0)
        self.first, last = odd[0][0], odd[-1][0]
        self.first_seconds = self.last_seconds - (last - self.first) * self.period

    def places_since(self, good: Place, lag_seconds: float) -> float:
        """How many places of the grid lie between a good pulse and the first odd one.

        The period is taken to change evenly from the one to the other, as it does in a ramp, behind
        which the grid lags.
        """
        seconds = self.first_seconds - good.seconds - lag_seconds
        return seconds / ((good.period + self.period) / 2.0)


def slipped_pulses(
    run: Run,
    good: Place,
    odd_errors: Sequence[float],
    good_errors: Sequence[float],
    jitter: float,
    rounding: float,
) -> int | None:
    """How many pulses were lost (negative: doubled) before the odd ones; None = another reason.

    Errors are seconds late. After a slip the odd pulses go on at the tempo of the good ones, but
    for what a ramp changes, a whole number of periods away; and they came there suddenly: a tempo
    that creeps away gets as far, but slowly. After a silence, no `good_errors` are needed. 0 is a
    ramp alone, which the grid could not follow.
    """
    period = good.period
    if jitter > SLIP_JITTER * period:
        return None
    drift = abs(run.period - period)
    counted = run.first - good.count
    lag = sum(good_errors) / len(good_errors) if good_errors else 0.0
    tolerance = 0.02 * period + 1.6 * jitter + 0.5 * rounding
    level = sum(odd_errors) / len(odd_errors) / period  # chance moves a mean less than a line
    ramp = run.places_since(good, lag) - counted
    bent = drift / 2.0 * (counted + abs(ramp))
    steady = drift < min(SLIP_DRIFT * period, STEADY * period + STEP_JITTERS * jitter)
    for places, width in (
        (level, tolerance if steady else 0.0),
        (ramp, tolerance + 0.6 * jitter + bent if drift < STEP * period else 0.0),
    ):
        slipped = round(places)
        near = abs(places - slipped) * period < min(width, NEAR * period)
        if near and slipped:
            sudden = not good_errors or not _creeps(good_errors, odd_errors, slipped * period)
            return slipped if sudden else None
    smooth = max(map(abs, run.residuals)) < SMOOTH * period
    return 0 if near and smooth and good_errors else None


def _creeps(good_errors: Sequence[float], odd_errors: Sequence[float], jump: float) -> bool:
    """Whether errors grew along a straight line, rather than by a jump before the odd ones."""
    _, _, off_line = fit_line(list(enumerate([*good_errors, *odd_errors])), 0.0, 0.0)
    level = [*good_errors, *(error - jump for error in odd_errors)]
    middle = sum(level) / len(level)
    squares = sum(error * error for error in off_line)
    return squares < CREEPING * sum((error - middle) ** 2 for error in level)


def gate(period: float, jitter: float, jumped: bool, rounding: float) -> float:
    """How far from its expected time, in seconds, a pulse may be and still be believed.

    After a jump the gate is narrower, so that the pulse can be told from the next whole period.
    Where pulses are rounded, the gate is never narrower than the rounding; where jitter is so large
    that lost pulses cannot be recognised, it has no upper limit.
    """
    limit = max(min(GATE_SECONDS, GATE_PERIODS * period), GATE_JITTERS * jitter)
    if jitter <= SLIP_JITTER * period:
        limit = min(limit, (GATE_AFTER_JUMP_PERIODS if jumped else GATE_MAX_PERIODS) * period)
    return max(limit, GATE_ROUNDINGS * max(rounding, likely_rounding(period)))


def likely_rounding(period_seconds: float) -> float:
    """The common audio buffer, in seconds, that the period is a multiple of, or 0.

    A clock at 119 bpm that is rounded to buffers of 1024/48000 s looks like a perfect one at
    117.1875, until it takes a step of a whole buffer; that is neither a lost nor a doubled pulse.
    """
    for buffer in BUFFERS_SECONDS:
        buffers = period_seconds / buffer
        if buffers > 0.5 and abs(buffers - round(buffers)) < ROUNDED * buffers:
            return buffer
    return 0.0


@dataclass(slots=True)
class Trail:
    """What has been odd since pulses last fitted.

    `streak`: how many have fitted in a row, until now. `doubts`: how many have not since.
    `missed`: places of the grid that stayed empty in a silence. `odd_errors`: of the pulses since
    the last jump of the error; `jumped`: there was one; `odd`: the same as (count, arrival).
    `strayed`: the last pulse came between two places.
    """

    streak: int = 0
    doubts: int = 0
    missed: int = 0
    jumped: bool = False
    strayed: bool = False
    last_error: float = 0.0
    odd_errors: list[float] = field(default_factory=list)
    odd: list[tuple[int, float]] = field(default_factory=list)
