"""The tempo is everybody's, and whoever changes it, nobody's beat jumps."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from polyrhythmia_live.clock.link.base import POLL_SECONDS
from polyrhythmia_live.clock.link.clock import IN_PHASE_SECONDS, NEAR_SECONDS
from polyrhythmia_live.rhythm.meter import PPQN
from tests.clock.jam import BAR, Jam, few, moments, tempos


@few
@given(tempos, tempos, moments)
def test_a_peers_tempo_keeps_the_phase(before: float, after: float, at: float) -> None:
    # Where the tempo falls by more, the song is out of reach before the session is looked at again.
    assume(POLL_SECONDS * (before / after - 1.0) < NEAR_SECONDS)
    jam = Jam(before)
    jam.start()
    jam.run_until(at)
    jam.session.set_tempo(after, at)
    assert jam.run_until(at + POLL_SECONDS) == ()
    assert jam.clock.tempo_bpm == pytest.approx(after, rel=1e-9)
    assert abs(jam.lag_seconds()) < 2 * POLL_SECONDS * max(1.0, before / after)


def test_a_phase_error_left_by_a_tempo_change_is_bent_away() -> None:
    jam = Jam()
    jam.start()
    jam.run_until(4.003)
    jam.session.set_tempo(160.0, 3.99)
    jam.run_until(4.1)
    assert abs(jam.lag_seconds()) > IN_PHASE_SECONDS
    assert jam.run_until(6.0) == ()
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS
    assert jam.clock.timeline.tempo_bpm == 160.0
    assert jam.never_went_back()


@few
@given(st.floats(-NEAR_SECONDS, NEAR_SECONDS))
def test_a_session_that_is_a_little_off_is_approached_without_a_jump(off_seconds: float) -> None:
    jam = Jam()
    jam.start()
    jam.run_until(4.0)
    jam.session.lead(120.0, 4.0 + off_seconds * 0.99)
    assert jam.run_until(8.0) == ()
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS + 1e-4
    steps = [later - earlier for earlier, later in itertools.pairwise(jam.ticks)]
    assert max(steps) <= 1.04 * POLL_SECONDS * 2 * PPQN
    assert jam.never_went_back()


@few
@given(tempos, st.floats(0.5, 7.5))
def test_the_performers_tempo_is_everybodys_and_nobodys_beat_jumps(tempo: float, at: float) -> None:
    jam = Jam()
    jam.start()
    jam.run_until(at)
    beat = jam.session.state(at).beat
    jam.clock.set_tempo(tempo, at)
    jam.run_until(at + POLL_SECONDS)
    assert jam.session.state(at).tempo_bpm == tempo
    assert jam.session.state(at).beat == pytest.approx(beat, abs=4e-4)
    assert jam.run_until(at + 3.0) == ()
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS + 5e-4


def test_taps_are_everybodys_too() -> None:
    jam = Jam()
    for seconds in (0.0, 0.6, 1.2, 1.8):
        jam.run_until(seconds)
        jam.clock.tap(seconds)
    jam.run_until(2.0)
    assert jam.session.state(2.0).tempo_bpm == pytest.approx(100.0)


def test_a_knob_that_is_turned_does_not_flood_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    jam = Jam()
    told: list[float] = []
    monkeypatch.setattr(jam.session, "set_tempo", lambda tempo, at: told.append(tempo))
    jam.run_until(1.0)
    for turn in range(1000):
        jam.clock.set_tempo(60.0 + turn / 10, 1.0)
    jam.run_until(1.0 + POLL_SECONDS)
    assert told == [pytest.approx(159.9)]


def test_a_ramp_takes_everybody_along() -> None:
    jam = Jam()
    jam.start()
    jam.run_until(1.0)
    jam.clock.ramp(140.0, 4 * BAR, 1.0)
    jam.run_until(4.0)
    assert 120.0 < jam.session.state(4.0).tempo_bpm < 140.0
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS
    jam.run_until(10.0)
    assert jam.session.state(10.0).tempo_bpm == 140.0
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS
    assert jam.moves == []


def test_a_peers_tempo_ends_our_ramp() -> None:
    jam = Jam()
    jam.start()
    jam.clock.ramp(140.0, 4 * BAR, 0.0)
    jam.run_until(3.0)
    jam.session.set_tempo(90.0, 3.0)
    jam.run_until(12.0)
    assert jam.clock.target_bpm == jam.session.state(12.0).tempo_bpm == 90.0


def test_rounding_on_the_network_is_no_change_of_tempo() -> None:
    jam = Jam(126.0)
    jam.start()
    jam.clock.ramp(127.0, BAR, 0.0)
    while jam.now < 3.0:
        jam.run_until(jam.now + 0.02)
        micros_per_beat = round(60e6 / jam.session.state(jam.now).tempo_bpm)
        jam.session.set_tempo(60e6 / micros_per_beat, jam.now)
    assert jam.clock.tempo_bpm == pytest.approx(127.0, abs=0.001)


def test_the_phase_is_not_the_performers_to_shift() -> None:
    jam = Jam()
    jam.start()
    jam.run_until(1.0)
    jam.clock.nudge(0.02, 1.0)
    jam.run_until(2.0)
    assert jam.lag_seconds() == 0.0


@pytest.mark.parametrize(("session_bpm", "ours_bpm"), [(20.0, 20.0), (999.0, 249.75)])
def test_tempos_from_one_end_to_the_other_are_followed(session_bpm: float, ours_bpm: float) -> None:
    jam = Jam()
    jam.start()
    jam.run_until(4.0)
    jam.session.set_tempo(session_bpm, 4.0)
    jam.run_until(20.0)
    assert jam.clock.tempo_bpm == pytest.approx(ours_bpm)
    assert abs(jam.lag_seconds()) <= IN_PHASE_SECONDS
    jam.clock.set_tempo(ours_bpm + 1.0, 20.0)
    jam.run_until(20.0 + POLL_SECONDS)
    assert jam.session.state(20.0).tempo_bpm == pytest.approx(
        (ours_bpm + 1.0) * session_bpm / ours_bpm
    )
