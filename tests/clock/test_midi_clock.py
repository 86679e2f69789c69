import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import ClockSwing, MoveKind, Moves, OnClockLoss
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.pulse_trains import swung

PULSE_SECONDS = 60.0 / (120 * 24)
TICKS = 280
BAR_SECONDS = 2.0


def rolling(beats: int = 4, tempo_bpm: float = 120, **settings_: Any) -> tuple[MidiClock, float]:
    """A clock that was started at 0 s and has followed so many beats; when the last pulse was."""
    clock = MidiClock(tempo_bpm, MeterMap(), **settings_)
    period = 60.0 / (tempo_bpm * 24)
    clock.receive(b"\xfa", 0.0)
    for number in range(24 * beats):
        clock.receive(b"\xf8", number * period)
    return clock, (24 * beats - 1) * period


def poll_until(clock: MidiClock, until_seconds: float) -> Moves:
    """What the dispatcher does while nothing arrives."""
    moves: Moves = ()
    while clock.poll_at_seconds is not None and clock.poll_at_seconds <= until_seconds:
        moves += clock.poll(clock.poll_at_seconds)
    return moves


def test_the_status_line_says_how_far_the_clock_is_understood() -> None:
    clock = MidiClock(120.0, MeterMap())
    assert (clock.name, clock.condition.words, clock.poll_at_seconds) == ("midi", "waiting", None)
    conditions = []
    for number in range(60):
        clock.receive(b"\xf8", number * PULSE_SECONDS)
        conditions.append(clock.condition.words)
    assert conditions[0] == conditions[22] == "locking"
    assert conditions[23] == conditions[-1] == "locked"
    assert clock.poll(number * PULSE_SECONDS + 0.3) == ()
    assert clock.condition.words == "waiting"


def test_pulses_while_stopped_keep_the_tempo_right_and_the_song_where_it_is() -> None:
    clock = MidiClock(90.0, MeterMap())
    clock.receive(b"\xf2\x10\x00", 0.0)
    for number in range(96):
        clock.receive(b"\xf8", number * PULSE_SECONDS)
        next_pulse_seconds = (number + 1) * PULSE_SECONDS
        assert clock.timeline.tick_origin == 16 * 1680
        assert number < 6 or clock.timeline.time_at(16 * 1680) == pytest.approx(next_pulse_seconds)
    assert clock.transport is Transport.STOPPED
    assert clock.timeline.tempo_bpm == pytest.approx(120.0)


def test_a_second_sender_is_a_state_and_worded_as_a_guess() -> None:
    clock, last = rolling()
    conditions = set()
    for number in range(1, 48):
        clock.receive(b"\xf8", last + number * PULSE_SECONDS)
        clock.receive(b"\xf8", last + (number + 0.35) * PULSE_SECONDS)
        conditions.add(clock.condition)
    assert ClockCondition(ClockState.DOUBLED, "double clock?") in conditions


@pytest.mark.parametrize(
    ("tempo_bpm", "words"), [(18, "too slow: 18.0 bpm"), (12, "too slow: 12.0 bpm")]
)
def test_a_clock_that_is_slower_than_can_be_played_is_not_called_locked(
    tempo_bpm: float, words: str
) -> None:
    clock, last = rolling(tempo_bpm=tempo_bpm)
    assert clock.condition == ClockCondition(ClockState.OUT_OF_RANGE, words)
    assert clock.timeline.tempo_bpm == pytest.approx(20.0)
    assert clock.poll_at_seconds is not None
    assert clock.poll_at_seconds > last + 2 * 60.0 / (tempo_bpm * 24)
    assert clock.timeline.tick_origin == 95 * TICKS


def test_a_clock_that_is_faster_than_can_be_played_is_not_called_locked() -> None:
    clock, _ = rolling(tempo_bpm=400)
    assert clock.condition == ClockCondition(ClockState.OUT_OF_RANGE, "too fast: 400.0 bpm")


@pytest.mark.parametrize("half", [6, 12])
@pytest.mark.parametrize("share", [0.5, 0.54, 0.58, 0.62, 0.66])
def test_the_beat_of_pulses_that_swing_is_steady(share: float, half: int) -> None:
    """In sixteenths (6 pulses are the first half of a pair) or eighths."""
    clock = MidiClock(120.0, MeterMap())
    clock.receive(b"\xfa", 0.0)
    for number, arrival in enumerate(swung(120, 24 * 16, share, half)):
        clock.receive(b"\xf8", arrival)
        if number >= 24 * 3:
            assert clock.timeline.tempo_bpm == pytest.approx(120.0, abs=0.01)
            place = number * PULSE_SECONDS
            assert clock.timeline.time_at(number * TICKS) == pytest.approx(place, abs=1e-4)
    assert clock.condition.words == "locked"


@pytest.mark.parametrize("half", [6, 12])
@pytest.mark.parametrize("share", [0.5, 0.58, 0.66])
def test_the_song_swings_along_if_asked_to(share: float, half: int) -> None:
    clock = MidiClock(120.0, MeterMap(), swing=ClockSwing.FOLLOW)
    clock.receive(b"\xfa", 0.0)
    arrivals = swung(120, 24 * 16, share, half)
    for number, arrival in enumerate(arrivals[:-1]):
        clock.receive(b"\xf8", arrival)
        if number >= 24 * 3:
            assert clock.timeline.tempo_bpm == pytest.approx(120.0, abs=0.01)
            assert clock.timeline.time_at(number * TICKS) == pytest.approx(arrival, abs=1e-4)
            after = clock.timeline.time_at((number + 1) * TICKS)
            assert after == pytest.approx(arrivals[number + 1], abs=1e-4)


@pytest.mark.parametrize("tempo_bpm", [20, 320])
def test_the_slowest_and_the_fastest_tempo_are_followed_as_any_other(tempo_bpm: float) -> None:
    clock = MidiClock(120.0, MeterMap())
    period = 60.0 / (tempo_bpm * 24)
    words = set()
    for number in range(192):
        assert poll_until(clock, number * period) == ()
        clock.receive(b"\xf8", number * period)
        words.add(clock.condition.words)
    assert words == {"locking", "locked"}


def test_start_while_rolling_begins_again_on_the_next_pulse() -> None:
    clock, last = rolling()
    assert clock.receive(b"\xfa", last + 0.01) == ()
    (move,) = clock.receive(b"\xf8", last + PULSE_SECONDS)
    assert (move.kind, move.tick) == (MoveKind.START, 0)
    assert move.time_seconds == pytest.approx(last + PULSE_SECONDS)


def test_a_source_that_restarts_its_pulses_at_start_sets_the_phase() -> None:
    clock, last = rolling()
    clock.receive(b"\xfc", last)
    clock.receive(b"\xfa", last)
    downbeat = last + 1.37 * PULSE_SECONDS
    (move,) = clock.receive(b"\xf8", downbeat)
    assert move.time_seconds == downbeat
    clock.receive(b"\xf8", downbeat + PULSE_SECONDS)
    assert clock.timeline.time_at(TICKS) == pytest.approx(downbeat + PULSE_SECONDS)


def test_a_source_that_sends_no_clock_while_stopped_is_met_at_its_tempo() -> None:
    clock, last = rolling()
    clock.receive(b"\xfc", last)
    assert poll_until(clock, last + 60.0) == ()
    clock.receive(b"\xfb", last + 60.0)
    (move,) = clock.receive(b"\xf8", last + 60.01)
    assert (move.tick, move.time_seconds) == (96 * TICKS, last + 60.01)
    assert clock.timeline.tempo_bpm == pytest.approx(120.0)


@pytest.mark.parametrize("offset_seconds", [-0.02, 0.015])
def test_the_clock_offset_shifts_the_song_and_not_the_count(offset_seconds: float) -> None:
    clock, last = rolling(clock_offset_seconds=offset_seconds)
    assert clock.timeline.time_at(95 * TICKS) == pytest.approx(last + offset_seconds)
    assert clock.receive(b"\xfc", last + 0.001)[0].tick == 96 * TICKS


@pytest.mark.parametrize("policy", OnClockLoss)
def test_a_lost_clock_is_noticed_soon_and_the_song_plays_on_for_four_bars(
    policy: OnClockLoss,
) -> None:
    clock, last = rolling(on_clock_loss=policy)
    before = clock.timeline
    assert poll_until(clock, last + 0.26) == ()
    assert clock.condition.state is ClockState.HOLDOVER
    assert poll_until(clock, last + 4 * BAR_SECONDS - 0.01) == ()
    assert clock.transport is Transport.ROLLING
    assert clock.timeline == before
    moves = poll_until(clock, last + 4 * BAR_SECONDS + 0.01)
    assert clock.poll_at_seconds is None
    if policy is OnClockLoss.STOP:
        assert [move.kind for move in moves] == [MoveKind.STOP]
        assert moves[0].tick == 95 * TICKS + 4 * 4 * 6720
        assert (clock.condition.words, clock.transport) == ("waiting", Transport.STOPPED)
    else:
        assert moves == ()
        assert clock.transport is Transport.ROLLING
        internal = policy is OnClockLoss.INTERNAL
        assert clock.condition.state is (ClockState.FREE if internal else ClockState.HOLDOVER)
        assert clock.timeline.time_at(10**6) == before.time_at(10**6)


@pytest.mark.parametrize("policy", [OnClockLoss.CONTINUE, OnClockLoss.INTERNAL])
@pytest.mark.parametrize("gap_seconds", [1.0, 9.0, 60.0])
@pytest.mark.parametrize("late", [-0.3, 0.0, 0.3])
def test_a_clock_that_returns_is_met_at_the_nearest_pulse(
    policy: OnClockLoss, gap_seconds: float, late: float
) -> None:
    clock, last = rolling(on_clock_loss=policy)
    back = last + gap_seconds + late * PULSE_SECONDS
    poll_until(clock, back)
    for number in range(48):
        assert clock.receive(b"\xf8", back + number * PULSE_SECONDS) == ()
    assert clock.condition.words == "locked"
    pulse = 95 + round(gap_seconds / PULSE_SECONDS) + 47
    assert clock.timeline.tick_origin == pulse * TICKS
    assert clock.timeline.time_origin_seconds == pytest.approx(back + 47 * PULSE_SECONDS, abs=1e-3)


def test_after_a_loss_the_performer_may_lead_until_the_clock_returns() -> None:
    clock, last = rolling(on_clock_loss=OnClockLoss.INTERNAL)
    clock.set_tempo(90.0, last)
    assert clock.timeline.tempo_bpm == pytest.approx(120.0)
    poll_until(clock, last + 9.0)
    clock.set_tempo(60.0, last + 10.0)
    clock.tap(last + 11.0)
    clock.tap(last + 12.0)
    assert clock.timeline.tempo_bpm == pytest.approx(60.0)
    song = clock.timeline.tick_at(last + 13.0)
    clock.receive(b"\xf8", last + 13.0)
    assert abs(clock.timeline.tick_origin - song) <= TICKS / 2
    assert clock.timeline.time_origin_seconds == last + 13.0
    assert clock.timeline.tempo_bpm == pytest.approx(120.0)
    assert clock.condition.words != "free"


@pytest.mark.parametrize("policy", [OnClockLoss.CONTINUE, OnClockLoss.INTERNAL])
@pytest.mark.parametrize("after_seconds", [1.0, 9.0])
def test_a_song_whose_leader_is_gone_can_be_stopped_and_started_by_the_performer(
    policy: OnClockLoss, after_seconds: float
) -> None:
    clock, last = rolling(on_clock_loss=policy)
    assert not clock.may_stop
    assert clock.stop(last + 0.1) == ()
    poll_until(clock, last + after_seconds)
    assert clock.may_stop
    (stopped,) = clock.stop(last + after_seconds)
    assert stopped.kind is MoveKind.STOP
    assert clock.stop(last + 10.0) == ()
    (on,) = clock.continue_(last + 10.0)
    assert (on.kind, on.tick) == (MoveKind.START, stopped.tick)
    (again,) = clock.start(last + 12.0)
    assert (again.kind, again.tick) == (MoveKind.START, 0)
    assert clock.timeline.tempo_bpm == pytest.approx(120.0)


@pytest.mark.parametrize("policy", [OnClockLoss.CONTINUE, OnClockLoss.INTERNAL])
def test_a_song_that_the_performer_has_stopped_waits_when_the_clock_is_back(
    policy: OnClockLoss,
) -> None:
    clock, last = rolling(on_clock_loss=policy)
    poll_until(clock, last + 9.0)
    clock.stop(last + 9.0)
    clock.receive(b"\xf8", last + 20.0)
    assert clock.transport is Transport.STOPPED
    clock.start(last + 20.01)
    (move,) = clock.receive(b"\xf8", last + 20.0 + PULSE_SECONDS)
    assert (move.kind, move.tick) == (MoveKind.START, 0)
    assert clock.stop(last + 20.1)[0].kind is MoveKind.STOP


def test_a_leader_that_says_where_the_song_is_has_it_back() -> None:
    clock, last = rolling()
    poll_until(clock, last + 1.0)
    clock.stop(last + 1.0)
    clock.receive(b"\xfa", last + 2.0)
    assert clock.receive(b"\xf8", last + 2.02)[0].kind is MoveKind.START
    assert not clock.may_stop
    assert clock.start(last + 2.03) == clock.continue_(last + 2.03) == clock.stop(last + 2.03) == ()


def test_start_during_a_loss_waits_for_the_clock() -> None:
    clock, last = rolling(on_clock_loss=OnClockLoss.INTERNAL)
    poll_until(clock, last + 9.0)
    assert clock.receive(b"\xfa", last + 9.1) == ()
    assert clock.transport is Transport.ROLLING
    (move,) = clock.receive(b"\xf8", last + 9.5)
    assert (move.kind, move.tick, move.time_seconds) == (MoveKind.START, 0, last + 9.5)


def test_stop_during_a_loss_stops_where_the_song_has_got_to() -> None:
    clock, last = rolling()
    poll_until(clock, last + 1.0)
    (move,) = clock.receive(b"\xfc", last + 1.001)
    assert move.tick == (95 + 48 + 1) * TICKS


def test_stop_right_after_the_clock_returned_stops_where_the_song_has_got_to() -> None:
    clock, last = rolling()
    poll_until(clock, last + 1.0)
    clock.receive(b"\xf8", last + 48 * PULSE_SECONDS)
    (move,) = clock.receive(b"\xfc", last + 48.5 * PULSE_SECONDS)
    assert move.tick == (95 + 48 + 1) * TICKS


def test_continue_while_we_stand_in_is_answered_with_the_first_pulse() -> None:
    clock, last = rolling(on_clock_loss=OnClockLoss.INTERNAL)
    poll_until(clock, last + 9.0)
    assert clock.receive(b"\xfb", last + 9.0) == ()
    for number in range(480, 504):
        clock.receive(b"\xf8", last + number * PULSE_SECONDS)
    assert clock.timeline.tick_origin == (95 + 503) * TICKS


@pytest.mark.parametrize("policy", OnClockLoss)
def test_a_stop_during_a_loss_still_holds_after_four_bars(policy: OnClockLoss) -> None:
    clock, last = rolling(on_clock_loss=policy, follow_transport=False)
    poll_until(clock, last + 1.0)
    clock.stop(last + 1.0)
    assert poll_until(clock, last + 9.0) == ()
    assert clock.transport is Transport.STOPPED
    assert clock.receive(b"\xf8", last + 9.0) == ()


def test_a_start_that_waits_for_the_clock_outlives_the_song_that_is_given_up() -> None:
    clock, last = rolling(on_clock_loss=OnClockLoss.STOP)
    poll_until(clock, last + 7.0)
    clock.receive(b"\xfa", last + 7.0)
    assert [move.kind for move in poll_until(clock, last + 9.0)] == [MoveKind.STOP]
    assert clock.receive(b"\xf8", last + 9.0)[0].kind is MoveKind.START


def test_a_source_without_start_starts_the_song_with_its_first_pulse() -> None:
    clock = MidiClock(120.0, MeterMap(), OnClockLoss.STOP, follow_transport=False)
    assert clock.receive(b"\xfc", 0.0) == ()
    (start,) = clock.receive(b"\xf8", 1.0)
    assert (start.kind, start.tick) == (MoveKind.START, 0)
    for number in range(1, 96):
        assert clock.receive(b"\xf8", 1.0 + number * PULSE_SECONDS) == ()
    moves = poll_until(clock, 20.0)
    assert [move.kind for move in moves] == [MoveKind.STOP, MoveKind.LOCATE]
    assert clock.receive(b"\xf8", 30.0)[0].kind is MoveKind.START


def test_a_source_without_start_leaves_stopping_and_starting_to_the_performer() -> None:
    clock = MidiClock(120.0, MeterMap(), follow_transport=False)
    for number in range(48):
        clock.receive(b"\xf8", number * PULSE_SECONDS)
    assert clock.stop(0.99)[0].tick == 48 * TICKS
    assert clock.receive(b"\xf8", 1.0) == ()
    clock.continue_(1.01)
    assert clock.receive(b"\xf8", 1.02)[0].tick == 48 * TICKS
    assert clock.start(1.03) == ()
    assert clock.receive(b"\xf8", 1.04)[0].tick == 0


@pytest.mark.parametrize("tempo_bpm", [20, 24, 120])
def test_a_source_whose_active_sensing_ends_is_gone_before_its_next_pulse_is_overdue(
    tempo_bpm: float,
) -> None:
    clock, last = rolling(beats=4, tempo_bpm=tempo_bpm)
    assert clock.poll_at_seconds is not None
    silence = clock.poll_at_seconds - last
    assert clock.receive(b"\xfe", last + 0.01) == ()
    assert clock.ignored == 0
    clock.poll(last + min(silence, 0.34) - 0.001)
    assert clock.condition.words == "locked"
    clock.poll(last + min(silence, 0.34) + 0.001)
    assert clock.condition.state is ClockState.HOLDOVER
    assert clock.transport is Transport.ROLLING


def test_active_sensing_alone_is_no_clock() -> None:
    clock, last = rolling(beats=4, tempo_bpm=20)
    for number in range(1, 6):
        clock.receive(b"\xfe", last + 0.1 * number)
        clock.poll(last + 0.1 * number)
    assert clock.condition.state is ClockState.HOLDOVER


def test_every_message_says_that_its_sender_is_there() -> None:
    clock, last = rolling(beats=1, tempo_bpm=20)
    clock.receive(b"\xfe", last + 0.01)
    clock.receive(b"\xf2\x00\x00", last + 0.3)
    clock.poll(last + 0.49)
    assert clock.condition.words == "locked"


def test_a_source_that_never_sent_active_sensing_owes_none() -> None:
    clock, last = rolling(beats=1, tempo_bpm=20)
    clock.poll(last + 0.49)
    assert clock.condition.words == "locked"


def test_a_source_that_comes_back_without_active_sensing_owes_none() -> None:
    clock, last = rolling(beats=1, tempo_bpm=20)
    clock.receive(b"\xfe", last + 0.01)
    poll_until(clock, last + 1.0)
    assert clock.condition.state is ClockState.HOLDOVER
    back = last + 16 * 0.125
    clock.receive(b"\xf8", back)
    clock.poll(back + 0.49)
    assert clock.condition.words == "locking"


def test_pulses_that_a_sysex_swallows_cost_the_song_nothing() -> None:
    """JACK and RtMidi lose what comes inside one; elsewhere it may arrive as part of the dump."""
    clock, last = rolling()
    assert clock.receive(b"\xf0\x7d\xf8\x01\xf8\xf7", last + 0.03) == ()
    for number in range(3, 27):
        clock.receive(b"\xf8", last + number * PULSE_SECONDS)
    assert clock.timeline.tick_origin == (95 + 26) * TICKS
    assert clock.ignored == 1


def test_a_source_that_omits_continue_starts_from_the_top() -> None:
    """Start means the top: only Continue obeys a song position (MIDI 1.0, p. 29)."""
    clock, last = rolling()
    clock.receive(b"\xfc", last + 0.001)
    clock.receive(b"\xf2\x10\x00", last + 0.002)
    clock.receive(b"\xfa", last + 0.003)
    (move,) = clock.receive(b"\xf8", last + PULSE_SECONDS)
    assert (move.kind, move.tick) == (MoveKind.START, 0)


def test_a_source_that_omits_song_position_goes_on_where_it_stopped() -> None:
    clock, last = rolling()
    clock.receive(b"\xfc", last + 0.001)
    for number in range(1, 49):
        clock.receive(b"\xf8", last + number * PULSE_SECONDS)
    clock.receive(b"\xfb", last + 48.5 * PULSE_SECONDS)
    (move,) = clock.receive(b"\xf8", last + 49 * PULSE_SECONDS)
    assert (move.kind, move.tick) == (MoveKind.START, 96 * TICKS)


@given(st.binary(max_size=5), st.floats())
def test_bytes_that_mean_nothing_are_counted_and_dropped(message: bytes, arrival: float) -> None:
    clock, _ = rolling(beats=1)
    whole = message in (b"\xf8", b"\xfa", b"\xfb", b"\xfc", b"\xfe")
    place = len(message) == 3 and message[0] == 0xF2 and max(message[1:]) < 0x80
    if (whole or place) and math.isfinite(arrival):
        return
    before = clock.timeline
    assert clock.receive(message, arrival) == ()
    assert clock.ignored == 1
    assert clock.timeline == before


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from([b"\xf8", b"\xf8", b"\xf8", b"\xfa", b"\xfb", b"\xfc", b"\xfe"]),
                st.binary(max_size=4),
                st.builds(
                    lambda a, b: bytes((0xF2, a, b)), st.integers(0, 127), st.integers(0, 127)
                ),
                st.sampled_from(["poll", "start", "stop", "continue_", "tap"]),
            ),
            st.floats(0.0, 3.0),
        ),
        max_size=80,
    ),
    st.sampled_from(OnClockLoss),
    st.booleans(),
)
def test_no_order_of_events_breaks_the_clock(
    events: list[Any], policy: OnClockLoss, follow_transport: bool
) -> None:
    clock = MidiClock(120.0, MeterMap.of(Meter(7, 8)), policy, follow_transport=follow_transport)
    now = 0.0
    for event, later in events:
        now += later
        if isinstance(event, str):
            getattr(clock, event)(now)
        else:
            clock.receive(event, now)
        for _ in range(2):
            clock.poll(now)
        assert clock.poll_at_seconds is None or clock.poll_at_seconds > now
        assert 20.0 <= clock.timeline.tempo_bpm <= 320.0
        assert clock.condition


def test_the_song_never_runs_backwards_under_jitter() -> None:
    rng = random.Random(3)
    arrivals = sorted(k * PULSE_SECONDS + rng.gauss(0.0, 0.003) for k in range(24 * 64))
    clock = MidiClock(120.0, MeterMap())
    clock.receive(b"\xfa", -1.0)
    played, step = [], 0
    for arrival in arrivals:
        while (
            clock.transport is Transport.ROLLING and clock.timeline.time_at(step * 1680) <= arrival
        ):
            played.append(clock.timeline.time_at(step * 1680))
            step += 1
        clock.receive(b"\xf8", arrival)
    assert step >= 64 * 4 - 1
    assert played == sorted(played)


@pytest.mark.timeout(900)
def test_every_pulse_of_a_day_is_counted() -> None:
    """At 20 bpm, the most time for the fewest pulses."""
    period = 60.0 / (20 * 24)
    day = 24 * 3600 * 8
    clock = MidiClock(120.0, MeterMap())
    clock.receive(b"\xfa", 0.0)
    for number in range(day):
        clock.receive(b"\xf8", number * period)
    assert clock.timeline.tick_origin == (day - 1) * TICKS
    assert clock.timeline.time_origin_seconds == pytest.approx((day - 1) * period, abs=1e-6)
    assert clock.timeline.tempo_bpm == pytest.approx(20.0, abs=1e-6)


def test_neither_a_long_song_nor_a_long_uptime_costs_precision() -> None:
    """At tick 10^12, and 10^7 s after the machine was started."""
    period = 60.0 / (174 * 24)
    clock = MidiClock(174.0, MeterMap())
    clock.take_over(Timeline(174.0, 10**12 // TICKS * TICKS, 1e7))
    for number in range(20_000):
        clock.receive(b"\xf8", 1e7 + number * period)
    timeline: Timeline = clock.timeline
    tick = (10**12 // TICKS + 19_999) * TICKS
    assert timeline.tick_origin == tick
    assert timeline.tempo_bpm == pytest.approx(174.0, abs=1e-3)
    assert timeline.time_at(tick) == pytest.approx(1e7 + 19_999 * period, abs=1e-6)
