"""A peer that joins, starts and comes back: its bar lines are everybody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Clock, Move, MoveKind, TempoLeader
from polyrhythmia_live.clock.link.clock import IN_PHASE_SECONDS, NEAR_SECONDS
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from tests.clock.jam import BAR, Jam, few, meters, moments, tempos


def test_a_peer_is_a_clock_and_its_tempo_anyones() -> None:
    clock: Clock = Jam().clock
    assert isinstance(clock, TempoLeader)
    assert clock.name == "link"


@few
@given(tempos, meters, moments, moments)
def test_a_song_starts_on_everybodys_next_bar_line(
    tempo_bpm: float, meter: Meter, bar_seconds: float, now: float
) -> None:
    jam = Jam(tempo_bpm, 1, bar_seconds, meter)
    jam.run_until(now)
    start = jam.start()
    bar = meter.bar_ticks * Timeline(tempo_bpm).seconds_per_tick
    assert (start.kind, start.tick) == (MoveKind.START, 0)
    assert -1e-3 <= start.time_seconds - now <= bar + 1e-3
    bars_apart = (start.time_seconds - bar_seconds) / bar
    assert bars_apart == pytest.approx(round(bars_apart), abs=1e-3)
    assert jam.session.leads == []


def test_alone_a_song_starts_at_once_and_lays_the_bars() -> None:
    jam = Jam(peers=0)
    jam.run_until(1.7)
    assert jam.start() == Move(MoveKind.START, 0, 1.7)
    assert jam.session.leads == [(120.0, 1.7)]
    assert jam.clock.condition.words == "alone"


def test_just_opened_we_listen_for_company_before_we_start_alone() -> None:
    jam = Jam(peers=0)
    jam.run_until(0.1)
    assert jam.start().time_seconds == 1.0
    jam.run_until(0.5)
    jam.session.peers = 1
    jam.session.lead(100.0, 0.7)
    (move,) = jam.run_until(3.0)
    assert (move.tick, move.time_seconds) == pytest.approx((0, 0.7))


def test_a_start_that_waits_moves_with_the_session_at_once() -> None:
    jam = Jam()
    jam.run_until(0.5)
    jam.start()
    jam.session.lead(120.0, 0.03)
    assert jam.run_until(0.6) == ()
    assert jam.lag_seconds() == 0.0
    assert jam.clock.timeline.tempo_bpm == 120.0


def test_a_start_that_waits_for_a_bar_line_shows_as_armed() -> None:
    jam = Jam(peers=2)
    jam.run_until(0.5)
    jam.start()
    jam.run_until(1.9)
    assert jam.clock.condition == ClockCondition(ClockState.ARMED, "2 peers, armed")
    jam.run_until(2.1)
    assert jam.clock.condition == ClockCondition(ClockState.JOINED, "2 peers")
    assert jam.clock.transport is Transport.ROLLING


def test_a_start_on_the_bar_line_itself_does_not_wait_for_the_next() -> None:
    jam = Jam()
    jam.run_until(4.0)
    assert jam.start().time_seconds == pytest.approx(4.0)


def test_a_song_is_continued_in_its_place_in_the_bar() -> None:
    jam = Jam()
    jam.start()
    jam.run_until(3.0)
    (stop,) = jam.clock.stop(3.0)
    assert stop.tick == 6 * PPQN
    jam.run_until(5.5)
    (start,) = jam.clock.continue_(5.5)
    assert (start.tick, start.time_seconds) == pytest.approx((6 * PPQN, 7.0))
    assert jam.clock.continue_(6.0) == ()


@few
@given(tempos, st.floats(0.0, 10.0), meters)
def test_a_song_that_joins_while_playing_begins_a_bar_on_everybodys_bar_line(
    their_bpm: float, bar_seconds: float, meter: Meter
) -> None:
    jam = Jam(110.0, 0, meter=meter)
    jam.start()
    jam.run_until(4.3)
    jam.session.peers = 1
    jam.session.lead(their_bpm, bar_seconds)
    bar = meter.bar_ticks * Timeline(their_bpm).seconds_per_tick
    before = jam.clock.timeline
    moves = jam.run_until(4.3 + 2.0 * bar + 1.0)
    assert jam.clock.timeline.tempo_bpm == pytest.approx(their_bpm, rel=0.031)
    assert len(moves) <= 1
    for move in moves:
        assert move.kind is MoveKind.START
        assert move.tick % meter.bar_ticks == 0
        assert 0 < move.tick - before.tick_at(4.3) <= 2 * meter.bar_ticks
        assert move.time_seconds <= 4.3 + 1.6 * bar
        bars_apart = (move.time_seconds - bar_seconds) / bar
        assert bars_apart == pytest.approx(round(bars_apart), abs=1e-3)
        assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS + 1e-9
    assert abs(jam.lag_seconds()) <= NEAR_SECONDS
    assert jam.never_went_back()


def test_a_bar_that_ends_just_before_everybodys_is_played_to_its_end() -> None:
    jam = Jam(peers=0)
    jam.start()
    jam.run_until(4.5)
    jam.session.peers = 1
    jam.session.lead(120.0, 0.3)  # our bar line at 6.0, theirs at 6.3
    (move,) = jam.run_until(7.0)
    assert (move.tick, move.time_seconds) == pytest.approx((3 * BAR, 6.3))


def test_a_bar_that_would_run_on_over_everybodys_bar_line_is_cut_there() -> None:
    jam = Jam(peers=0)
    jam.start()
    jam.run_until(4.5)
    jam.session.peers = 1
    jam.session.lead(120.0, 1.5)  # theirs at 5.5, our next bar line at 6.0
    (move,) = jam.run_until(7.0)
    assert (move.tick, move.time_seconds) == pytest.approx((3 * BAR, 5.5))


def test_a_start_that_waits_goes_along_when_a_session_is_joined_meanwhile() -> None:
    jam = Jam()
    jam.run_until(0.5)
    jam.start()
    jam.session.lead(120.0, 1.0)
    (move,) = jam.run_until(2.5)
    assert (move.tick, move.time_seconds) == pytest.approx((0, 1.0))


def test_a_player_that_was_killed_finds_its_bars_in_the_session_again() -> None:
    jam = Jam(peers=0, bar_seconds=0.77)
    jam.clock.take_over(Timeline(120.0, 100 * BAR + PPQN, 5.0))
    assert jam.session.leads == [(120.0, 4.5)]
    jam.run_until(6.0)
    jam.session.peers = 1  # who was there all the time, and kept those bars
    assert jam.run_until(12.0) == ()
    assert jam.clock.timeline.tick_at(6.0) == 100 * BAR + 3 * PPQN
    assert jam.lag_seconds() == 0.0
