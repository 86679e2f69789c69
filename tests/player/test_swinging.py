"""A voice that swings: late where it should be, in order, and nobody else notices."""

from itertools import pairwise

import pytest

from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import DRUMS, Fire, Plan
from polyrhythmia_live.player.conductor import AT_ONCE
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.rhythm.bar import Bar, Hit, Hits, Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import STRAIGHT, Swing
from polyrhythmia_live.testing.stage import KICK, ClockStage, Stage

STEP_SECONDS = 0.125
"""At 120 bpm."""
HARD = Swing(sixteenths=0.75)
SHUFFLE = Swing(eighths=2 / 3)
CLOSED, OPEN = 42, 46


def swinging(stage: Stage, swing: Swing, hits: Hits = KICK, steps: int = 32) -> None:
    """Play that on every step, from the top."""
    play(stage, *(Step(index, hits, swing) for index in range(steps)))


def play(stage: Stage, *steps: Step) -> None:
    stage.tell(Plan(DRUMS, stage.voice.epoch, steps))
    stage.start()


def places(stage: Stage, steps: int) -> list[float]:
    """Where the first strikes lie, in steps."""
    begin = stage.player.clock.timeline.time_at(0)
    return [(seconds - begin) / STEP_SECONDS for seconds, *_ in stage.notes_on()][:steps]


@pytest.mark.parametrize("lookahead", [0.0, 0.1])
def test_the_second_of_a_pair_is_late_and_none_is_counted_as_late(lookahead: float) -> None:
    stage = Stage(lookahead=lookahead, upbeat=AT_ONCE)
    swinging(stage, HARD)
    stage.play_until(12)
    assert places(stage, 8) == pytest.approx([0, 1.5, 2, 3.5, 4, 5.5, 6, 7.5])
    assert stage.voice.counters.late == stage.voice.counters.dropped == 0


def test_a_shuffle_is_made_of_eighths_and_what_lies_between_them_goes_along() -> None:
    stage = Stage()
    swinging(stage, SHUFFLE)
    stage.play_until(12)
    assert places(stage, 5) == pytest.approx([0, 4 / 3, 8 / 3, 10 / 3, 4])


def test_the_drummers_own_timing_is_kept_against_the_swung_grid() -> None:
    stage = Stage()
    swinging(stage, HARD, (Hit(0, 100, 168),))
    stage.play_until(12)
    assert places(stage, 4) == pytest.approx([0.15, 1.55, 2.15, 3.55])


def test_who_follows_our_clock_is_sent_it_straight() -> None:
    stage = ClockStage()
    swinging(stage, HARD)
    stage.play_until(12)
    pulses = [at for at in stage.pulses() if at >= stage.player.clock.timeline.time_at(0) - 1e-9]
    apart = [later - at for at, later in pairwise(pulses)]
    assert apart == pytest.approx([STEP_SECONDS / 6] * len(apart))


def test_a_late_open_hat_is_still_choked_by_the_closed_one_after_it() -> None:
    stage = Stage()
    hits: dict[int, Hits] = {1: (Hit(3, 90, 839),), 2: (Hit(2, 80, -840),)}
    play(stage, *(Step(index, hits.get(index, ()), Swing(0.75, 0.75)) for index in range(16)))
    stage.play_until(8)
    hats = [
        (message[0] & 0xF0, message[1])
        for _, message in stage.wires[0].messages
        if message[1] in (OPEN, CLOSED)
    ]
    assert hats[:3] == [(0x90, OPEN), (0x80, OPEN), (0x90, CLOSED)]


def test_the_groove_swings_on_while_the_brain_is_away() -> None:
    groove = Bar(Meter(), (KICK,) * 16)
    stage = Stage(groove=groove)
    swinging(stage, HARD, steps=4)
    stage.play_until(12)
    assert places(stage, 8)[4:] == pytest.approx([4, 5.5, 6, 7.5])


def test_a_repeated_bar_swings_as_the_one_before_it() -> None:
    ladder = Ladder(MeterMap(), None, Bar(Meter(), (KICK,) * 16))
    ladder.plan(tuple(Step(index, KICK, HARD) for index in range(16)), 0)
    assert {ladder.step(index)[0].swing for index in range(40)} == {HARD}


def test_a_swing_that_is_turned_within_a_pair_is_heard_from_the_next_beat_on() -> None:
    stage = Stage()
    play(stage, *(Step(index, KICK, HARD if index >= 1 else STRAIGHT) for index in range(16)))
    stage.play_until(10)
    assert places(stage, 7) == pytest.approx([0, 1, 2, 3, 4, 5.5, 6])


def test_a_daw_that_loops_a_bar_loses_none_of_its_swung_sixteenths() -> None:
    stage, pulse_seconds = Stage(groove=None), STEP_SECONDS / 6
    clock = MidiClock(120.0, MeterMap())
    stage._play_by(clock, AT_ONCE)
    swinging(stage, HARD)
    now = 1.0
    stage.tell(ClockIn(b"\xfa", now))
    for pulse in range(3 * 96):
        if pulse in (96, 192):  # a bar of four quarters has 96 pulses
            stage.tell(ClockIn(b"\xf2\x00\x00", now))
        stage.run_until(now)
        stage.timebase.advance_to(now)
        stage.tell(ClockIn(b"\xf8", now))
        now += pulse_seconds
    struck = [seconds for seconds, *_ in stage.notes_on()]
    last_of_bars = [at for at in struck if 15.4 < (at - 1.0) % 2.0 / STEP_SECONDS < 15.6]
    assert len(last_of_bars) == 3


def test_a_song_that_starts_anew_swings_from_its_first_bar_on() -> None:
    stage = Stage()
    swinging(stage, HARD)
    stage.play_until(6)
    stage.tell(Fire("stop"))
    stage.wires[0].messages.clear()
    swinging(stage, HARD)
    stage.play_until(10)
    assert places(stage, 4) == pytest.approx([0, 1.5, 2, 3.5])


def test_a_lane_that_is_muted_and_brought_in_again_swings_as_before() -> None:
    """Between the straight place of a late hit and its own, too."""
    stage = Stage()
    swinging(stage, HARD)
    begin = stage.player.clock.timeline.time_at(0)
    for at, name in ((3.2, "mute"), (4.7, "unmute"), (7.2, "mute"), (7.3, "unmute")):
        stage.run_until(begin + at * STEP_SECONDS)
        stage.tell(Fire(name, word="kick"))
    stage.play_until(12)
    assert places(stage, 7) == pytest.approx([0, 1.5, 2, 5.5, 6, 7.5, 8])
