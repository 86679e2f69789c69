"""Ramps and nudges of the internal clock."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import TempoLeader
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.tempo_curve import NUDGE_MAX_SECONDS, NUDGE_SHARE
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_PULSE

BAR_TICKS = 4 * PPQN
PULSE_SECONDS = 60.0 / 120.0 / 24

tempos = st.floats(20.0, 320.0)


def rolling(tempo_bpm: float = 120.0) -> InternalClock:
    clock = InternalClock(tempo_bpm)
    clock.start(0.0)
    return clock


def poll_until(clock: InternalClock, seconds: float) -> None:
    """As the dispatcher does: whenever the clock asks for it."""
    while clock.poll_at_seconds is not None and clock.poll_at_seconds <= seconds:
        clock.poll(clock.poll_at_seconds)


def pulses(clock: InternalClock, count: int) -> list[float]:
    """When the coming pulses fall, each read from the timeline of its own moment."""
    times = []
    for number in range(count):
        tick = number * TICKS_PER_PULSE
        poll_until(clock, clock.timeline.time_at(tick))
        times.append(clock.timeline.time_at(tick))
    return times


def test_a_ramp_arrives_on_the_tick_at_the_tempo_that_was_asked_for() -> None:
    clock = rolling()
    clock.ramp(140.0, 8 * BAR_TICKS, 0.0)
    poll_until(clock, 60.0)
    first_pulse = TICKS_PER_PULSE
    assert (clock.timeline.tick_origin, clock.timeline.tempo_bpm) == (
        first_pulse + 8 * BAR_TICKS,
        140.0,
    )
    assert clock.poll_at_seconds is None
    ideal_seconds = 60.0 * 32 / (140.0 - 120.0) * math.log(140.0 / 120.0)
    took_seconds = clock.timeline.time_origin_seconds - PULSE_SECONDS
    assert took_seconds == pytest.approx(ideal_seconds, abs=1e-6)


def test_a_ramp_never_stands_still_and_never_turns() -> None:
    clock = rolling()
    clock.ramp(60.0, 4 * BAR_TICKS, 0.0)
    times = pulses(clock, 24 * 16 + 2)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(later > earlier for earlier, later in itertools.pairwise(gaps[1:-1]))


@given(tempos, tempos, st.integers(0, 8 * BAR_TICKS), st.lists(st.floats(0.0, 2.0), max_size=30))
def test_a_ramp_is_the_same_whenever_it_is_polled(
    before: float, after: float, ticks: int, waits: list[float]
) -> None:
    punctual, careless = rolling(before), rolling(before)
    for clock in (punctual, careless):
        clock.ramp(after, ticks, 0.0)
    for now in itertools.accumulate(waits):
        careless.poll(now)
    poll_until(punctual, 1e4)
    careless.poll(1e4)
    assert punctual.timeline == careless.timeline
    assert punctual.timeline.tempo_bpm == after


@given(tempos, tempos, st.floats(-0.02, 0.02), st.integers(1, 4 * BAR_TICKS))
def test_a_nudge_moves_the_song_by_exactly_so_much_and_no_pulse_by_more_than_a_hair(
    before: float, after: float, seconds: float, ticks: int
) -> None:
    left_alone, nudged = rolling(before), rolling(before)
    for clock in (left_alone, nudged):
        clock.ramp(after, ticks, 0.0)
    nudged.nudge(seconds, 0.0)
    count = ticks // TICKS_PER_PULSE + 200
    straight, bent = pulses(left_alone, count), pulses(nudged, count)
    assert bent[-1] - straight[-1] == pytest.approx(seconds, abs=1e-6)
    for i in range(1, count):
        usual, got = straight[i] - straight[i - 1], bent[i] - bent[i - 1]
        assert abs(got - usual) <= NUDGE_SHARE * usual + 1e-9


def test_nudges_do_not_pile_up() -> None:
    clock = rolling()
    for _ in range(100):
        clock.nudge(0.005, 0.0)
    assert pulses(clock, 200)[-1] == pytest.approx(199 * PULSE_SECONDS + NUDGE_MAX_SECONDS)


def test_a_held_nudge_goes_on_until_it_is_let_go() -> None:
    clock = rolling()
    clock.nudge(-math.inf, 0.0)
    poll_until(clock, 1.0)
    clock.nudge(0.0, 1.0)
    poll_until(clock, 10.0)
    assert clock.poll_at_seconds is None
    assert clock.timeline.tempo_bpm == clock.tempo_bpm == 120.0
    ahead_seconds = 10.0 - clock.timeline.time_at(clock.timeline.tick_at(10.0))
    assert abs(ahead_seconds) < 0.001
    shift_seconds = 20 * PPQN * 60 / (120 * PPQN) - clock.timeline.time_at(20 * PPQN)
    assert shift_seconds == pytest.approx(NUDGE_SHARE, rel=0.1)


def test_a_nudge_is_not_shown_as_another_tempo() -> None:
    clock = rolling()
    clock.nudge(0.01, 0.0)
    poll_until(clock, 2 * PULSE_SECONDS)
    assert clock.timeline.tempo_bpm < 120.0
    assert (clock.tempo_bpm, clock.target_bpm) == (120.0, 120.0)


def test_the_last_word_on_the_tempo_ends_a_ramp() -> None:
    clock = rolling()
    clock.ramp(200.0, 4 * BAR_TICKS, 0.0)
    assert clock.target_bpm == 200.0
    poll_until(clock, 2.0)
    clock.set_tempo(100.0, 2.0)
    poll_until(clock, 30.0)
    assert clock.timeline.tempo_bpm == clock.target_bpm == 100.0


def test_stopped_in_a_ramp_the_tempo_stays_where_it_was() -> None:
    clock = rolling()
    clock.ramp(240.0, 4 * BAR_TICKS, 0.0)
    poll_until(clock, 2.0)
    tempo_bpm = clock.tempo_bpm
    clock.stop(2.0)
    clock.continue_(5.0)
    poll_until(clock, 30.0)
    assert 120.0 < tempo_bpm < 240.0
    assert clock.timeline.tempo_bpm == clock.target_bpm == tempo_bpm


def test_while_the_song_stands_a_ramp_waits_for_its_start() -> None:
    clock = InternalClock(120.0)
    assert isinstance(clock, TempoLeader)
    clock.ramp(90.0, BAR_TICKS, 3.0)
    assert (clock.tempo_bpm, clock.target_bpm) == (120.0, 90.0)
    clock.start(5.0)
    assert clock.tick_at(5.0) == 0
    poll_until(clock, 6.0)
    assert 90.0 < clock.tempo_bpm < 120.0
    poll_until(clock, 8.0)
    assert clock.tempo_bpm == 90.0


def test_a_tempo_that_is_set_while_the_song_stands_ends_a_ramp_that_waits() -> None:
    clock = InternalClock(120.0)
    clock.ramp(90.0, BAR_TICKS, 3.0)
    clock.set_tempo(100.0, 4.0)
    clock.start(5.0)
    poll_until(clock, 8.0)
    assert clock.tempo_bpm == clock.target_bpm == 100.0
