import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Clock, Move, MoveKind
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.rhythm.timeline import Transport

tempos = st.floats(20.0, 320.0)


def test_start_plays_from_the_top_at_once() -> None:
    clock: Clock = InternalClock(120.0)
    assert clock.start(5.0) == (Move(MoveKind.START, 0, 5.0),)
    assert clock.transport is Transport.ROLLING
    assert clock.timeline.time_at(6720) == 5.5
    assert clock.start(7.0) == (Move(MoveKind.START, 0, 7.0),)


def test_continue_plays_on_from_where_stop_left_the_song() -> None:
    clock = InternalClock(120.0)
    clock.start(0.0)
    assert clock.stop(2.0) == (Move(MoveKind.STOP, 4 * 6720, 2.0),)
    assert clock.stop(3.0) == ()
    assert clock.tick_at(9.0) == 4 * 6720
    assert clock.continue_(10.0) == (Move(MoveKind.START, 4 * 6720, 10.0),)
    assert clock.continue_(11.0) == ()
    assert clock.timeline.time_at(5 * 6720) == 10.5


def test_a_tempo_set_while_stopped_does_not_move_the_song() -> None:
    clock = InternalClock(120.0)
    clock.start(0.0)
    clock.stop(1.0)
    clock.set_tempo(60.0, 50.0)
    assert clock.continue_(60.0)[0].tick == 2 * 6720
    assert clock.timeline.time_at(3 * 6720) == 61.0


@given(tempos, tempos, st.floats(0.0, 1e5))
def test_a_new_tempo_does_not_move_the_song(before: float, after: float, now: float) -> None:
    clock = InternalClock(before)
    clock.start(0.0)
    tick = clock.timeline.tick_at(now)
    clock.set_tempo(after, now)
    assert abs(clock.timeline.time_at(tick) - now) <= 0.501 * clock.timeline.seconds_per_tick
    assert clock.timeline.tempo_bpm == after


@pytest.mark.parametrize(("asked", "got"), [(0.0, 20.0), (-5.0, 20.0), (1e9, 320.0), (99.5, 99.5)])
def test_tempos_that_cannot_be_played_are_clamped(asked: float, got: float) -> None:
    clock = InternalClock(asked)
    assert clock.timeline.tempo_bpm == got
    clock.set_tempo(asked, 1.0)
    assert clock.timeline.tempo_bpm == got


@given(st.lists(st.floats(0.0, 3.0), max_size=20))
def test_no_way_of_tapping_leaves_the_playable_tempos(intervals: list[float]) -> None:
    clock = InternalClock(120.0)
    now = 0.0
    for interval in intervals:
        now += interval
        clock.tap(now)
        assert 20.0 <= clock.timeline.tempo_bpm <= 320.0


def test_a_leader_follows_nobody() -> None:
    clock = InternalClock(120.0)
    for message in (b"\xf8", b"\xfa", b"\xfc", b"", b"\x00"):
        assert clock.receive(message, 1.0) == ()
    assert clock.poll(2.0) == ()
    assert clock.poll_at_seconds is None
    assert (clock.name, clock.condition.words) == ("internal", "free")
    assert clock.transport is Transport.STOPPED


def test_a_day_of_tempo_changes_accumulates_nothing() -> None:
    clock = InternalClock(120.0)
    clock.start(0.0)
    for minute in range(24 * 60):
        clock.set_tempo(60.0 if minute % 2 else 120.0, 60.0 * minute)
    tick = clock.timeline.tick_at(24 * 3600.0)
    assert abs(tick - 24 * 60 * 90 * 6720) <= 1
