"""Any source in, any sink out: Link, MIDI clock and our own, all at once, in virtual time."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.link.base import LinkState
from polyrhythmia_live.clock.link.clock import LinkClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import Committed, Fire, NudgeLevel, SetLevel
from polyrhythmia_live.player.conductor import Conductor, Upbeat
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.testing.gear import PULSE, START, Gear
from polyrhythmia_live.testing.link_session import VirtualSession
from polyrhythmia_live.testing.stage import KICK, ClockStage

BAR = Meter().bar_ticks
BAR_SECONDS = 2.0
PULSE_SECONDS = BAR_SECONDS / 96


class Diary(VirtualSession):
    """A session that notes when it is looked at, among what an output is sent."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(120.0, MeterMap())
        self._log = log

    def state(self, now_seconds: float) -> LinkState:
        self._log.append("link")
        return super().state(now_seconds)


def test_the_network_waits_until_pulses_and_notes_are_out(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    stage = ClockStage(session=Diary(log), shared=True)
    output, send_at = stage.wires[0], stage.wires[0].send_at

    def noted(message: bytes, due_seconds: float) -> None:
        log.append("pulse" if message == PULSE else "note")
        send_at(message, due_seconds)

    monkeypatch.setattr(output, "send_at", noted)
    stage.plan(dict.fromkeys(range(16), KICK))
    stage.start()
    stage.run_until(0.1)
    log.clear()
    stage.timebase.advance_to(0.6)  # a stall: all three are due
    stage.player.turn()
    assert log[-1] == "link"
    assert "note" in log


@pytest.mark.parametrize("jitter_seconds", [0.0, 0.001])
def test_a_midi_clock_that_we_follow_goes_out_to_a_session_and_to_another_port(
    jitter_seconds: float,
) -> None:
    session = VirtualSession(100.0, MeterMap(), peers=1)
    stage = ClockStage(clock=MidiClock(tempo_bpm=100.0, meters=MeterMap()), session=session)
    dice = random.Random(1)
    off = []
    start_pulse = 96
    for number in range(1, 96 * 12):
        true_seconds = number * PULSE_SECONDS
        arrival_seconds = true_seconds + abs(dice.gauss(0.0, jitter_seconds))
        stage.run_until(arrival_seconds - 1e-6)
        stage.timebase.advance_to(arrival_seconds)
        if number == start_pulse:
            stage.tell(ClockIn(START, arrival_seconds))
        stage.tell(ClockIn(PULSE, arrival_seconds))
        if number > start_pulse + 96:
            grid = session.state(true_seconds).grid(MeterMap())
            beats = grid.tick_at(true_seconds) / BAR - (number - start_pulse) / 96
            off.append(abs(beats - round(beats)) * BAR_SECONDS)
    assert max(off) < 0.003 + jitter_seconds
    song_seconds = 11 * BAR_SECONDS
    assert len(session.leads) < 3 * song_seconds
    (start,) = stage.when(START)
    assert sum(seconds > start for seconds in stage.pulses()) == pytest.approx(96 * 11, abs=2)
    assert session.state(stage.timebase.now()).playing


def test_a_session_that_we_follow_is_followed_by_gear_on_a_port_into_the_same_bars() -> None:
    session = VirtualSession(120.0, MeterMap(), peers=1)
    stage = ClockStage(clock=LinkClock(session, 120.0, MeterMap()))
    stage.plan(dict.fromkeys(range(64), KICK))
    stage.run_until(0.5)
    stage.start()
    stage.run_until(5.1)
    session.set_tempo(100.0, 5.1)
    stage.run_until(8.0)
    session.lead(100.0, 8.7)  # two sessions became one
    stage.run_until(15.0)
    gear = Gear()
    downbeats = []
    for seconds, message in stage.heard():
        gear.receive(message)
        if message == PULSE and gear.rolling and gear.pulses_counted % 96 == 0:
            downbeats.append(seconds)
    assert gear.violations == []
    assert downbeats[0] == pytest.approx(2.0, abs=0.001)
    bars_apart = [(seconds - 8.7) / 2.4 for seconds in downbeats if seconds > 9.0]
    assert bars_apart == pytest.approx([round(bars) for bars in bars_apart], abs=0.001)
    kicks = [seconds for seconds, _, _ in stage.notes_on()]
    assert all(min(abs(bar - kick) for kick in kicks) < 0.001 for bar in downbeats)


def test_a_bar_that_is_cut_on_joining_is_followed_by_the_next_one_and_no_note_hangs() -> None:
    session = VirtualSession(120.0, MeterMap())
    stage = ClockStage(clock=LinkClock(session, 120.0, MeterMap()))
    stage.plan(dict.fromkeys(range(64), KICK))
    stage.run_until(1.0)
    stage.start()
    stage.run_until(5.5)
    session.peers = 1
    session.lead(120.0, 6.5)
    stage.run_until(12.0)
    stage.tell(Fire("stop"))
    committed = [it.step.index for it in stage.reports if isinstance(it, Committed)]
    cut = committed.index(48)  # bar 3 comes after a part of bar 2
    assert committed[:cut] == list(range(cut))
    assert 32 < cut < 48
    assert committed[cut:] == list(range(48, 48 + len(committed) - cut))
    assert stage.hanging() == frozenset()
    assert stage.player.clock.timeline.time_at(3 * BAR) == pytest.approx(6.5)


def test_a_count_in_ends_on_everybodys_bar_line() -> None:
    clock = LinkClock(VirtualSession(120.0, MeterMap(), peers=1), 120.0, MeterMap())
    conductor = Conductor(clock, MeterMap(), Upbeat(count_in=(KICK,) * 16))
    (start,) = conductor.obey(Fire("start"), 0.3) or ()
    assert start.time_seconds == pytest.approx(4.0)
    assert clock.timeline.tick_at(2.0) == -16 * TICKS_PER_STEP


happenings = st.one_of(
    st.sampled_from(
        [
            Fire("start"),
            Fire("stop"),
            Fire("continue"),
            Fire("end on one"),
            NudgeLevel("tempo", 10, bars=1),
        ]
    ),
    st.builds(SetLevel, st.just("tempo"), st.floats(30, 300)),
    st.tuples(st.just("tempo"), st.floats(20, 999)),
    st.tuples(st.just("bars"), st.floats(0, 3)),
    st.tuples(st.just("peers"), st.integers(0, 2)),
    st.tuples(st.just("play"), st.booleans()),
)


def happens(stage: ClockStage, session: VirtualSession, happening: Any) -> None:
    """What the performer, or somebody else in the session, does."""
    now = stage.timebase.now()
    if not isinstance(happening, tuple):
        stage.tell(happening)
    elif happening[0] == "tempo":
        session.set_tempo(happening[1], now)
    elif happening[0] == "bars":
        session.lead(session.state(now).tempo_bpm, now + happening[1])
    elif happening[0] == "peers":
        session.peers = happening[1]
    else:
        session.play(happening[1], now)


@settings(max_examples=40)
@given(st.lists(st.tuples(happenings, st.floats(0, 2)), max_size=12))
def test_whatever_happens_in_a_session_gear_on_our_clock_is_where_we_are(
    story: list[tuple[object, float]],
) -> None:
    session = VirtualSession(120.0, MeterMap(), peers=1)
    stage = ClockStage(clock=LinkClock(session, 120.0, MeterMap()))
    gear = Gear()
    read = 0
    for happening, seconds in story:
        happens(stage, session, happening)
        stage.run_until(stage.timebase.now() + seconds)
        for _, message in stage.heard()[read:]:
            gear.receive(message)
        read = len(stage.heard())
        if gear.rolling:
            tick = stage.player.clock.timeline.tick_at(stage.timebase.now())
            assert abs(gear.pulses_counted - tick / TICKS_PER_PULSE) <= 2
    assert gear.violations == []
    stage.tell(Fire("stop"))
    assert stage.hanging() == frozenset()
