"""Every ratio in every meter, for 10,000 bars: each onset is where its number says, and no other.

The places are computed beside the player, in fractions; a tick is the most that any may be off.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import gcd
from queue import SimpleQueue

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.virtual import VirtualTimebase
from polyrhythmia_live.drums.count_in import count_in
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.song import Song
from polyrhythmia_live.player.voice import Voice
from polyrhythmia_live.rhythm.bar import Bar, Hit
from polyrhythmia_live.rhythm.meeting import Cycle, meets_in_bars
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import Ratio
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.wires.memory import MemoryWire

BARS = 10_000
METERS = [Meter(numerator, of) for numerator, of in product(range(2, 22), (4, 8, 16))]
RATIOS = [Ratio(a, b) for a, b in product(range(1, 13), repeat=2) if gcd(a, b) == 1]

meters = st.sampled_from(METERS)
ratios = st.sampled_from(RATIOS)
cycles = st.builds(Cycle, meters, ratios)
tempos = st.floats(20.0, 320.0)
FOUR = Meter()


def song_of(cycle: Cycle, clock: InternalClock, song_meter: Meter = FOUR) -> Song:
    """A voice with that cycle, in a song of 4/4 unless said."""
    own_meters = MeterMap.of(cycle.meter)
    return Song(clock, MeterMap.of(song_meter), own=cycle.ratio, own_meters=own_meters)


def ideal_tick(tick: int, ratio: Ratio) -> Fraction:
    """The clock's tick on which one of a song's falls that has had a ratio from its top on."""
    return Fraction(tick * ratio.denominator, ratio.numerator)


def ticks_off(song: Song, tick: int, ideal: Fraction, tempo_bpm: float) -> Fraction:
    """How far from its place, in the clock's ticks, a tick of a song is heard."""
    heard = Fraction(song.time_at(tick)) * Fraction(tempo_bpm) * PPQN / 60
    return abs(heard - ideal)


# one voice


def test_each_ratio_in_each_meter_is_within_a_tick_from_the_first_bar_to_the_last() -> None:
    bars, tempo_bpm = (0, 1, 12, 4_999, BARS - 1), 20.3
    for meter, ratio in product(METERS, RATIOS):
        song = song_of(Cycle(meter, ratio), InternalClock(tempo_bpm))
        for bar, step in product(bars, (0, 1, meter.bar_steps - 1)):
            tick = (bar * meter.bar_steps + step) * TICKS_PER_STEP
            ideal = ideal_tick(tick, ratio)
            assert ticks_off(song, tick, ideal, tempo_bpm) < Fraction(1, 1000)
            assert abs(song.clock_tick(tick) - ideal) <= Fraction(1, 2)


@given(meters, ratios, tempos, st.integers(0, BARS - 1), st.floats(0.0, 1.0, exclude_max=True))
def test_any_onset_of_ten_thousand_bars_is_within_a_tick_of_its_place(
    meter: Meter, ratio: Ratio, tempo_bpm: float, bar: int, into: float
) -> None:
    song = song_of(Cycle(meter, ratio), InternalClock(tempo_bpm))
    tick = bar * meter.bar_ticks + int(into * meter.bar_ticks)  # early and late hits too
    assert ticks_off(song, tick, ideal_tick(tick, ratio), tempo_bpm) < Fraction(1, 1000)


@given(meters, ratios, st.integers(0, BARS - 1))
def test_wherever_the_clock_is_the_song_is_within_a_tick(
    meter: Meter, ratio: Ratio, bar: int
) -> None:
    song = song_of(Cycle(meter, ratio), InternalClock(120.0))
    clock_tick = bar * meter.bar_ticks + 1_234
    ideal = Fraction(clock_tick * ratio.numerator, ratio.denominator)
    assert abs(song.tick_on(clock_tick) - ideal) <= Fraction(1, 2)


@settings(max_examples=25)
@given(meters, st.lists(st.tuples(ratios, st.integers(0, 20)), min_size=1, max_size=400))
def test_hundreds_of_changes_of_ratio_leave_nothing_behind(
    meter: Meter, changes: list[tuple[Ratio, int]]
) -> None:
    song = Song(InternalClock(120.0), MeterMap.of(meter))
    ratio, began, ideal = Ratio(1, 1), 0, Fraction(0)  # the part that plays, and where it began
    for turned, further in changes:
        line = song.turn_to(turned, began + further * meter.bar_ticks + 1)
        if turned != ratio:
            ideal += ideal_tick(line - began, ratio)
            ratio, began = turned, line
            assert began % meter.bar_ticks == 0
            assert ideal % meter.bar_ticks == 0
        tick = began + TICKS_PER_STEP * 7
        heard = ideal + ideal_tick(tick - began, ratio)
        assert ticks_off(song, tick, heard, 120.0) < Fraction(1, 1000)


# voices together


@settings(max_examples=20)
@given(st.lists(cycles, min_size=2, max_size=4), tempos)
def test_in_ten_thousand_bars_voices_meet_on_the_ones_that_arithmetic_names_and_no_other(
    all_: list[Cycle], tempo_bpm: float
) -> None:
    clock, own = InternalClock(tempo_bpm), all_[0]
    length = BARS * own.ticks
    ones: list[dict[float, int]] = []
    for cycle in all_:
        song = song_of(cycle, clock)
        bars = range(min(-int(-length // cycle.ticks), 20 * BARS))
        ones.append({song.time_at(bar * cycle.meter.bar_ticks): bar for bar in bars})
    met = sorted(ones[0][moment] for moment in set.intersection(*map(set, ones)))
    counted = min(  # a voice of short bars is followed for 20 times as many, and no further
        BARS, *(int(len(of) * it.ticks / own.ticks) for of, it in zip(ones, all_, strict=True))
    )
    assert [bar for bar in met if bar < counted] == list(
        range(0, counted, meets_in_bars(own, *all_[1:]))
    )


@given(st.lists(cycles, min_size=2, max_size=4), st.integers(1, 9), tempos, tempos)
def test_a_change_of_tempo_does_not_part_voices_that_meet(
    all_: list[Cycle], times: int, slow_bpm: float, fast_bpm: float
) -> None:
    clock = InternalClock(slow_bpm)
    clock.take_over(Timeline(slow_bpm).at_tempo(fast_bpm, 1.234))
    meeting = times * meets_in_bars(*all_) * all_[0].ticks
    songs = {song_of(cycle, clock): cycle for cycle in all_}
    moments = {
        song.time_at(int(meeting / cycle.ticks) * cycle.meter.bar_ticks)
        for song, cycle in songs.items()
    }
    assert len(moments) == 1


@given(
    st.lists(cycles, min_size=2, max_size=4), meters, st.integers(0, BARS), st.integers(0, 99_999)
)
def test_wherever_the_song_goes_voices_are_where_they_would_be_had_they_played_from_the_top(
    all_: list[Cycle], song_meter: Meter, bar: int, into: int
) -> None:
    clock, going = InternalClock(120.0), bar * song_meter.bar_ticks + into
    for cycle in all_:
        stayed, jumped = (song_of(cycle, clock, song_meter) for _ in range(2))
        jumped.moved(Move(MoveKind.LOCATE, going, 0.0))
        one = (jumped.tick_on(going) // cycle.meter.bar_ticks + 1) * cycle.meter.bar_ticks
        assert abs(jumped.time_at(one) - stayed.time_at(one)) < 1e-6


@given(
    st.lists(cycles, min_size=1, max_size=3), meters, st.integers(0, 200), st.sampled_from((1, 2))
)
def test_in_half_and_double_time_voices_keep_to_each_other(
    all_: list[Cycle], song_meter: Meter, bar: int, half: int
) -> None:
    """What falls on a beat of the song's before falls on it then."""
    clock, turned_at = InternalClock(120.0), bar * song_meter.bar_ticks + 1
    main = song_of(Cycle(song_meter), clock, song_meter)
    ratio = Ratio(1, 2) if half == 1 else Ratio(2, 1)
    line = main.turn_to(ratio, turned_at)
    for cycle in all_:
        song = song_of(cycle, clock, song_meter)
        assert song.turn_to(ratio, turned_at) == line
        for number in range(5):
            tick = song.tick_from(line) + number * cycle.meter.bar_ticks
            in_song = Fraction(tick * cycle.ratio.denominator, cycle.ratio.numerator)
            heard, ideal = song.time_at(tick), main.time_at(float(in_song))
            assert abs(heard - ideal) < 1e-6


@given(
    st.lists(st.tuples(st.integers(1, 6), meters), max_size=4),
    st.lists(
        st.tuples(st.sampled_from((Ratio(1, 2), Ratio(1, 1), Ratio(2, 1))), st.integers(0, 9))
    ),
)
def test_in_a_song_of_many_meters_the_ratio_changes_on_bar_lines_of_the_song(
    changes: list[tuple[int, Meter]], turns: list[tuple[Ratio, int]]
) -> None:
    bar, parts = 0, [(0, Meter())]
    for bars, meter in changes:
        bar += bars
        parts.append((bar, meter))
    song_meters = MeterMap(tuple(parts))
    song, line = Song(InternalClock(120.0), song_meters), 0
    for ratio, further in turns:
        before = song.ratio
        line = song.turn_to(ratio, song_meters.bars_later_tick(line, further) + 1)
        if ratio != before:
            step, beside = divmod(line, TICKS_PER_STEP)
            assert not beside
            assert song_meters.is_bar_line(step)


def test_after_a_change_of_meter_half_time_begins_on_the_next_bar_line_of_clock_and_song() -> None:
    """Two bars of 4/4, then 3/4: the third bar of 3/4 is no multiple of 4/4 from the top."""
    song_meters = MeterMap(((0, Meter()), (2, Meter(3, 4))))
    song = Song(InternalClock(120.0), song_meters)
    line = 2 * Meter().bar_ticks + Meter(3, 4).bar_ticks
    assert song.turn_to(Ratio(1, 2), line - 100) == line
    assert song.clock_tick(line) == line


# what is sent


def every_step(meter: Meter, lane: int) -> Bar:
    """A bar that is struck on each step, on its one harder."""
    steps = tuple((Hit(lane, 127 if step == 0 else 60),) for step in range(meter.bar_steps))
    return Bar(meter, steps)


def sent(all_: Sequence[Cycle], from_tick: int, seconds: float) -> list[list[tuple[float, int]]]:
    """For each voice, when it struck and how hard: one dispatcher, on a clock that is there."""
    timebase, clock = VirtualTimebase(), InternalClock(120.0)
    clock.take_over(Timeline(120.0, from_tick))
    wires = [MemoryWire[float](timebase.now) for _ in all_]
    voices = [
        Voice(
            f"voice {number}",
            clock,
            Ladder(MeterMap.of(cycle.meter), None, every_step(cycle.meter, lane=0)),
            (Route(wire, GENERAL_MIDI),),
            Ledger(),
            own_ratio=cycle.ratio,
            song_meters=MeterMap(),
        )
        for number, (cycle, wire) in enumerate(zip(all_, wires, strict=True))
    ]
    player = Dispatcher(SimpleQueue(), timebase, clock, MeterMap(), voices, lambda _: None)
    while (deadline := player.next_deadline()) is not None and deadline < seconds - 1e-6:
        player.turn()
    return [
        [(moment, message[2]) for moment, message in wire.messages if message[0] & 0xF0 == 0x90]
        for wire in wires
    ]


@settings(max_examples=20)
@given(st.lists(cycles, min_size=1, max_size=4), st.integers(0, BARS), st.integers(0, 26_879))
def test_what_voices_send_together_is_each_step_once_within_a_tick_of_its_place(
    all_: list[Cycle], bar: int, into: int
) -> None:
    seconds, from_tick = 12.0, bar * Meter().bar_ticks + into
    end_tick = from_tick + round(seconds * 120 * PPQN / 60)
    for cycle, strikes in zip(all_, sent(all_, from_tick, seconds), strict=True):
        step_ticks = ideal_tick(TICKS_PER_STEP, cycle.ratio)
        first = (from_tick // cycle.ticks + 1) * cycle.meter.bar_steps  # it comes in with a bar
        assume(first * step_ticks - from_tick > 12)  # nearer ones are the line itself, rounded
        assert len(strikes) == max(0, (end_tick - 1) // step_ticks + 1 - first)
        for step, (moment, velocity) in enumerate(strikes, first):
            heard_ticks = Fraction(moment) * 120 * PPQN / 60 + from_tick
            assert abs(heard_ticks - step * step_ticks) < Fraction(1, 1000)
            assert (velocity == 127) == (step % cycle.meter.bar_steps == 0)


def test_kick_in_four_hats_in_five_and_a_bell_of_seven_are_sent_together_on_their_common_one() -> (
    None
):
    band = (Cycle(Meter()), Cycle(Meter(5, 4)), Cycle(Meter(), Ratio(7, 4)))
    assert meets_in_bars(*band) == 20
    begun = (BARS - 1) * Meter().bar_ticks  # they are heard from the 10,000th bar on
    kick, hats, bell = (
        [moment for moment, velocity in strikes if velocity == 127]
        for strikes in sent(band, begun, 41.5 * 2.0)
    )
    bars = [round(moment / 2.0) for moment in kick if moment in hats and moment in bell]
    assert bars == [1, 21, 41]


# what is written in a meter


@pytest.mark.parametrize("meter", METERS, ids=str)
def test_each_meter_has_a_count_in_and_a_last_resort_that_fill_its_bar(meter: Meter) -> None:
    counted = [step for step, hits in enumerate(count_in(meter, 1)) if hits]
    assert counted == list(meter.count_steps)
    assert kick_and_hat(meter).steps[0]
    assert len(kick_and_hat(meter).steps) * TICKS_PER_STEP == meter.bar_ticks
