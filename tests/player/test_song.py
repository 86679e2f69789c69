"""Half time and double time: the drummer's bars on the clock's."""

import math
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.drums.count_in import count_in
from polyrhythmia_live.messages import Committed, Fire
from polyrhythmia_live.player.conductor import Upbeat
from polyrhythmia_live.player.song import Song
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import DOUBLE_TIME, HALF_TIME, NORMAL_TIME, Ratio
from polyrhythmia_live.testing.stage import KICK, SNARE, ClockStage, Stage

BAR_TICKS = Meter().bar_ticks
BAR_STEPS = Meter().bar_steps
BAR_SECONDS = 2.0
DOWNBEATS: dict[int, Hits] = dict.fromkeys(range(0, 20 * BAR_STEPS), ()) | dict.fromkeys(
    range(0, 20 * BAR_STEPS, BAR_STEPS), KICK
)


def playing(stage: Stage, bars: float) -> list[float]:
    """The downbeats heard up to a bar of the clock's, in bars of the clock's from the start."""
    stage.run_until(bars * BAR_SECONDS + 0.01)
    return [round(seconds / BAR_SECONDS, 4) for seconds, _, _ in stage.notes_on()]


def started() -> Stage:
    stage = Stage()
    stage.plan(DOWNBEATS)
    stage.start()
    return stage


def test_half_time_begins_on_the_next_bar_line_and_its_bars_last_two() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("half time"))
    assert playing(stage, 6.0) == [0, 1, 3, 5]


def test_double_time_begins_on_the_next_bar_line_and_plays_two_bars_in_one() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("double time"))
    assert playing(stage, 3.0) == [0, 1, 1.5, 2, 2.5, 3]


def test_back_to_normal_time_comes_where_both_have_a_bar_line() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("double time"))
    playing(stage, 1.6)
    stage.tell(Fire("half time"))
    assert playing(stage, 4.0) == [0, 1, 1.5, 2, 3, 4]


def test_half_time_for_four_bars_of_the_clock_and_back() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("half time", word="4"))
    assert playing(stage, 8.0) == [0, 1, 3, 5, 6, 7, 8]


def test_for_three_bars_it_goes_back_where_both_have_a_bar_line() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("half time", word="3"))
    assert playing(stage, 7.0) == [0, 1, 3, 5, 6, 7]


def test_what_was_to_last_some_bars_lasts_when_asked_for_again_without() -> None:
    stage = started()
    stage.tell(Fire("double time", word="2"))
    playing(stage, 1.1)
    stage.tell(Fire("double time"))
    assert playing(stage, 4.0)[-4:] == [2.5, 3, 3.5, 4]


def test_pressed_twice_it_is_no_slower_than_half_time() -> None:
    stage = started()
    stage.tell(Fire("half time"), Fire("half time"))
    assert stage.voice.ratio == HALF_TIME
    stage.tell(Fire("double time"))
    assert stage.voice.ratio == NORMAL_TIME


def test_a_change_that_is_taken_back_before_its_bar_line_is_never_heard() -> None:
    stage = started()
    playing(stage, 0.6)
    stage.tell(Fire("half time"))
    playing(stage, 0.7)
    stage.tell(Fire("double time"))
    assert playing(stage, 4.0) == [0, 1, 2, 3, 4]


def test_gear_that_follows_our_clock_keeps_the_beat() -> None:
    stage = ClockStage()
    stage.plan(DOWNBEATS)
    stage.start()
    stage.run_until(1.0)
    stage.tell(Fire("half time"))
    stage.run_until(8.0)
    gaps = {
        round(late - early, 6)
        for early, late in zip(stage.pulses(), stage.pulses()[1:], strict=False)
    }
    assert gaps == {round(60 / 120 / 24, 6)}


def test_the_brain_is_told_how_fast_the_drummer_now_plays() -> None:
    stage = started()
    stage.tell(Fire("half time"))
    playing(stage, 2.0)
    tempos = {it.step.index: it.tempo_bpm for it in stage.reports if isinstance(it, Committed)}
    assert tempos[BAR_STEPS - 1] == 120.0
    assert tempos[BAR_STEPS] == 60.0


def test_a_hit_ahead_of_the_downbeat_of_half_time_is_played_in_the_old_time() -> None:
    stage = started()
    (kick,) = KICK
    early = (replace(kick, microtiming_ticks=-420),)  # a quarter of a step
    stage.plan({BAR_STEPS: early})
    playing(stage, 0.5)
    stage.tell(Fire("half time"))
    playing(stage, 1.5)
    assert stage.notes_on()[1][0] == pytest.approx(BAR_SECONDS - 0.125 / 4)


def test_a_song_that_stops_in_half_time_goes_on_where_it_was() -> None:
    stage = started()
    stage.tell(Fire("half time"))
    playing(stage, 2.0)
    stage.timebase.advance_to(2 * BAR_SECONDS)  # the middle of the drummer's second bar
    stage.tell(Fire("stop"))
    assert stage.moved().step_index == BAR_STEPS * 1.5
    stage.timebase.advance_to(10.0)
    stage.tell(Fire("continue"))
    stage.plan(DOWNBEATS)
    stage.run_until(10.0 + 3.1 * BAR_SECONDS)
    later = [(seconds - 10.0) / BAR_SECONDS for seconds, _, _ in stage.notes_on() if seconds > 10]
    assert later == pytest.approx([1.0, 3.0], abs=0.01)


def test_from_the_top_half_time_goes_on_after_a_count_in_at_the_clocks_pace() -> None:
    stage = Stage(upbeat=Upbeat(count_in=count_in(Meter(), 1)))
    stage.tell(Fire("half time"), Fire("start"))
    stage.plan(DOWNBEATS)
    stage.run_until(5 * BAR_SECONDS + 0.01)
    counted = [seconds for seconds, note, _ in stage.notes_on() if note == 37]
    downbeats = [seconds for seconds, note, _ in stage.notes_on() if note == 36]
    assert counted == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert downbeats == pytest.approx([2.0, 6.0, 10.0])


def test_end_on_one_ends_on_the_drummers_own_next_downbeat() -> None:
    stage = started()
    stage.tell(Fire("half time"))
    playing(stage, 2.0)
    stage.tell(Fire("end on one"))
    assert playing(stage, 9.0) == [0, 1, 3]
    assert stage.hanging() == set()


def test_notes_end_also_across_a_change_of_ratio() -> None:
    stage = started()
    stage.plan(dict.fromkeys(range(3 * BAR_STEPS), SNARE))
    for _ in range(3):
        playing(stage, stage.timebase.now() / BAR_SECONDS + 0.4)
        stage.tell(Fire("half time"))
        playing(stage, stage.timebase.now() / BAR_SECONDS + 0.4)
        stage.tell(Fire("double time"))
    stage.tell(Fire("stop"))
    assert stage.hanging() == set()


TIMES = (HALF_TIME, NORMAL_TIME, DOUBLE_TIME)
ratios = st.sampled_from(TIMES) | st.builds(Ratio, st.integers(1, 9), st.integers(1, 9))
CHANGES = st.lists(st.tuples(ratios, st.integers(0, 5 * BAR_TICKS)), min_size=1, max_size=12)


@given(CHANGES)
def test_time_goes_on_evenly_and_every_change_is_a_bar_line_of_both(
    changes: list[tuple[Ratio, int]],
) -> None:
    song = Song(InternalClock(120.0), MeterMap())
    free = 0
    for ratio, further in changes:
        free += further
        before, old_bpm = song.time_at(free - 1), song.tempo_at(free)
        song.turn_to(ratio, free)
        assert song.time_at(free - 1) == before  # what was committed stays where it was
        times = [song.time_at(tick) for tick in range(free, free + 3 * BAR_TICKS, 1680)]
        assert times == sorted(times)
        new_bpm = 120.0 * ratio.numerator / ratio.denominator
        first_line = -(-free // BAR_TICKS) * BAR_TICKS
        lines = [first_line + bar * BAR_TICKS for bar in range(9)]
        turned = next(line for line in lines if song.tempo_at(line) == new_bpm)
        if old_bpm != new_bpm:
            assert clock_tick_at(song, turned) % BAR_TICKS == 0


def clock_tick_at(song: Song, tick: int) -> int:
    """The tick of a clock at 120 on which a tick of the song falls."""
    return InternalClock(120.0).timeline.tick_at(song.time_at(tick))


@given(ratios, st.integers(0, 1 << 40), st.integers(0, 100 * BAR_TICKS))
def test_a_place_and_its_moment_are_each_others_inverse(
    ratio: Ratio, start: int, further: int
) -> None:
    song = Song(InternalClock(120.0), MeterMap())
    song.turn_to(ratio, 0)
    song.moved(Move(MoveKind.START, start, 0.0))
    tick = song.tick_on(start) + further
    ticks_of_a_clock_tick = max(1, math.ceil(ratio.numerator / ratio.denominator))
    assert abs(song.tick_on(clock_tick_at(song, tick)) - tick) <= ticks_of_a_clock_tick


@given(ratios, st.integers(0, 1 << 40))
def test_wherever_a_daw_jumps_to_the_drummers_bar_begins_with_its_bar(
    ratio: Ratio, tick: int
) -> None:
    song = Song(InternalClock(120.0), MeterMap())
    song.turn_to(ratio, 0)
    song.moved(Move(MoveKind.LOCATE, tick, 0.0))
    bar_line = tick // BAR_TICKS * BAR_TICKS
    assert song.tick_on(bar_line) == bar_line


def test_at_three_to_two_three_bars_last_two_and_it_ends_on_a_line_of_both() -> None:
    song = Song(InternalClock(120.0), MeterMap())
    song.turn_to(Ratio(3, 2), 0)
    bars = [song.time_at(bar * BAR_TICKS) / BAR_SECONDS for bar in range(4)]
    assert bars == pytest.approx([0, 2 / 3, 4 / 3, 2])
    song.turn_to(NORMAL_TIME, 1)
    assert song.tempo_at(3 * BAR_TICKS - 1) == 180.0
    assert song.tempo_at(3 * BAR_TICKS) == 120.0
    assert clock_tick_at(song, 3 * BAR_TICKS) == 2 * BAR_TICKS


@dataclass(frozen=True)
class Floating:
    """A stretch in floating point, as it was when there were only three times."""

    speed: float
    clock_tick: int
    song_tick: int

    def clock_tick_at(self, song_tick: int) -> float:
        return self.clock_tick + (song_tick - self.song_tick) / self.speed

    def song_tick_at(self, clock_tick: int) -> int:
        return self.song_tick + round((clock_tick - self.clock_tick) * self.speed)

    def next_line(self, song_tick: int, bar_ticks: int) -> tuple[int, int]:
        apart = int(bar_ticks * max(1.0, self.speed))
        line = self.song_tick - (self.song_tick - song_tick) // apart * apart
        return int(self.clock_tick_at(line)), line


@given(
    st.sampled_from(TIMES),
    st.sampled_from(TIMES),
    st.integers(0, 1 << 30),
    st.integers(0, 4 * BAR_TICKS),
    st.lists(st.integers(-BAR_TICKS, 9 * BAR_TICKS), max_size=9),
)
def test_half_normal_and_double_time_fall_to_the_bit_where_they_always_did(
    ratio: Ratio, later: Ratio, bar: int, turned: int, ticks: list[int]
) -> None:
    line = bar * BAR_TICKS
    song = Song(InternalClock(120.0), MeterMap(), ratio)
    song.moved(Move(MoveKind.START, line, 0.0))
    speeds = [it.numerator / it.denominator for it in (ratio, later)]
    before = Floating(speeds[0], line, line)
    song.turn_to(later, line + turned)
    after = Floating(speeds[1], *before.next_line(line + turned, BAR_TICKS))
    if ratio == later or after.song_tick == line:
        before, after = Floating(1.0, line, line), Floating(speeds[1], line, line)
    clock = InternalClock(120.0).timeline
    for tick in (line + tick for tick in ticks):
        stretch = after if tick >= after.song_tick else before
        assert song.time_at(tick) == clock.time_at(stretch.clock_tick_at(tick))
        assert song.tempo_at(tick) == 120.0 * stretch.speed
        stretch = after if tick >= after.clock_tick else before
        assert song.tick_on(tick) == stretch.song_tick_at(tick)
