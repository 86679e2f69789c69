"""Starting and stopping together; and whatever happens, being together after it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import MoveKind
from polyrhythmia_live.clock.link.base import POLL_SECONDS
from polyrhythmia_live.clock.link.clock import IN_PHASE_SECONDS
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from tests.clock.jam import BAR, BAR_SECONDS, Jam, few, moments


@pytest.mark.parametrize("late_seconds", [-0.5, -0.001, 0.0, 0.005, 0.09])
def test_a_peers_start_is_ours_on_the_bar_line_that_it_was_meant_for(late_seconds: float) -> None:
    jam = Jam()
    jam.run_until(4.0 + late_seconds)
    jam.session.play(True, 4.0)
    (move,) = jam.run_until(4.0 + late_seconds + POLL_SECONDS)
    assert (move.kind, move.tick) == (MoveKind.START, 0)
    assert move.time_seconds == pytest.approx(4.0)


@few
@given(moments, st.floats(0.0, 2.0))
def test_a_start_in_the_middle_of_a_bar_waits_for_the_next_as_our_own_would(
    at: float, phase: float
) -> None:
    jam = Jam(bar_seconds=phase)
    jam.run_until(at)
    jam.session.play(True, at)
    (move,) = jam.run_until(at + POLL_SECONDS)
    assert -1e-3 <= move.time_seconds - at <= BAR_SECONDS + 1e-3
    bars_apart = (move.time_seconds - phase) / BAR_SECONDS
    assert bars_apart == pytest.approx(round(bars_apart), abs=1e-3)


def test_a_song_that_joins_a_playing_session_comes_in_on_the_next_bar_line() -> None:
    jam = Jam()
    jam.session.play(True, -30.0)
    (move,) = jam.run_until(0.5)
    assert (move.tick, move.time_seconds) in [(0, 0.0), (0, pytest.approx(2.0))]


@few
@given(st.floats(2.0, 8.0), st.floats(0.0, 2.0))
def test_a_peers_stop_is_ours_when_its_time_has_come(at: float, ahead: float) -> None:
    jam = Jam()
    jam.start()
    jam.run_until(at)
    jam.session.play(False, at + ahead)
    moves = jam.run_until(at + ahead + 2 * POLL_SECONDS)
    assert [move.kind for move in moves] == [MoveKind.STOP]
    assert -1e-6 <= moves[0].time_seconds - (at + ahead) <= 2 * POLL_SECONDS
    assert jam.run_until(at + ahead + 3.0) == ()


def test_peers_are_told_of_the_performers_start_and_stop() -> None:
    jam = Jam()
    jam.run_until(0.5)
    start = jam.start()
    state = jam.session.state(0.5)
    assert (state.playing, state.playing_seconds) == (True, start.time_seconds)
    jam.run_until(3.0)
    jam.clock.stop(3.0)
    state = jam.session.state(3.0)
    assert (state.playing, state.playing_seconds) == (False, 3.0)
    assert jam.run_until(6.0) == ()
    assert jam.clock.transport is Transport.STOPPED


def test_a_session_that_takes_a_moment_to_hear_us_does_not_stop_us() -> None:
    jam = Jam()
    jam.session.play(False, 0.5)
    jam.run_until(1.0)
    jam.start()
    jam.session.play(False, 0.5)
    assert jam.run_until(1.1) == ()
    jam.session.play(True, 2.0)
    assert jam.run_until(4.0) == ()
    assert jam.clock.transport is Transport.ROLLING


def test_a_start_of_others_leaves_a_song_that_plays_alone() -> None:
    jam = Jam()
    jam.clock.take_over(Timeline(120.0, 8 * BAR, 0.0))
    jam.run_until(1.0)
    jam.session.play(True, 1.0)
    assert jam.run_until(4.0) == ()
    assert jam.clock.timeline.tick_at(4.0) == 10 * BAR


def test_a_start_that_waits_can_be_taken_back() -> None:
    jam = Jam()
    jam.run_until(0.5)
    jam.start()
    jam.clock.stop(1.0)
    assert jam.run_until(5.0) == ()
    assert jam.clock.condition.words == "1 peer"
    (start,) = jam.clock.continue_(5.0)
    assert (start.tick, start.time_seconds) == pytest.approx((0, 6.0))


def others_move_the_bars(jam: Jam, amount: float) -> None:
    jam.session.lead(jam.session.state(jam.now).tempo_bpm, jam.now + 4.0 * amount)


def others_change_the_tempo(jam: Jam, amount: float) -> None:
    jam.session.set_tempo(20.0 + 979.0 * amount, jam.now)


def others_start(jam: Jam, amount: float) -> None:
    jam.session.play(True, jam.now + amount)


def others_stop(jam: Jam, amount: float) -> None:
    jam.session.play(False, jam.now + amount)


def somebody_comes_or_goes(jam: Jam, amount: float) -> None:
    jam.session.peers = round(2 * amount)


def we_start(jam: Jam, amount: float) -> None:
    jam.moves += jam.clock.start(jam.now + amount)
    jam.ticks.clear()


def we_continue(jam: Jam, amount: float) -> None:
    if moves := jam.clock.continue_(jam.now + amount):
        jam.moves += moves
        jam.ticks.clear()


def we_stop(jam: Jam, amount: float) -> None:
    jam.moves += jam.clock.stop(jam.now)


def we_change_the_tempo(jam: Jam, amount: float) -> None:
    jam.clock.set_tempo(400.0 * amount, jam.now)


def we_ramp(jam: Jam, amount: float) -> None:
    jam.clock.ramp(400.0 * amount, BAR, jam.now)


events = st.sampled_from(
    [others_move_the_bars, others_change_the_tempo, others_start, others_stop, we_start, we_stop,
     somebody_comes_or_goes, we_continue, we_change_the_tempo, we_ramp]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), events, st.floats(0.0, 1.0)), max_size=12))
def test_whatever_happens_the_song_goes_forward_and_comes_together_with_the_session(
    story: list[tuple[float, Callable[[Jam, float], None], float]],
) -> None:
    jam = Jam()
    for pause, event, amount in story:
        jam.run_until(jam.now + pause)
        event(jam, amount)
    jam.clock.ramp(120.0, 1, jam.now)
    jam.run_until(jam.now + 0.5)
    jam.session.set_tempo(120.0, jam.now)
    jam.run_until(jam.now + 8.0)
    quiet = len(jam.moves)
    jam.run_until(jam.now + 2.0)
    assert len(jam.moves) == quiet
    assert jam.clock.tempo_bpm == pytest.approx(120.0)
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS + 1e-4
    rolling = jam.clock.transport is Transport.ROLLING
    assert rolling is jam.session.state(jam.now).playing
    assert jam.never_went_back() or not rolling
