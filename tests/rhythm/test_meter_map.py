"""Where the bar lines are, also where the meter changes."""

import pickle
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

meters = st.builds(Meter, st.integers(1, 15), st.sampled_from([1, 2, 4, 8, 16]))
steps = st.integers(-400, 4000)
ticks = st.integers(-400 * TICKS_PER_STEP, 4000 * TICKS_PER_STEP)
bars = st.integers(-20, 60)


@st.composite
def meter_maps(draw: st.DrawFn) -> MeterMap:
    """A song in up to six meters, each of which lasts a few bars."""
    parts = draw(st.lists(st.tuples(st.integers(1, 9), meters), min_size=1, max_size=6))
    firsts = accumulate((length for length, _ in parts[:-1]), initial=0)
    return MeterMap(tuple(zip(firsts, (meter for _, meter in parts), strict=True)))


CHANGING = MeterMap(((0, Meter()), (2, Meter(7, 8)), (4, Meter(3, 4))))


def test_bars_follow_each_other_across_changes_of_meter() -> None:
    assert [CHANGING.bar_line(bar) for bar in range(-1, 7)] == [-16, 0, 16, 32, 46, 60, 72, 84]
    assert [str(CHANGING.meter_at(step)) for step in (31, 32, 59, 60)] == [
        "4/4", "7/8", "7/8", "3/4",
    ]  # fmt: skip
    assert (CHANGING.bar_of(59), CHANGING.step_in_bar(59)) == (3, 13)


def test_steps_before_the_song_are_in_its_first_meter() -> None:
    map_ = MeterMap(((0, Meter(7, 8)), (1, Meter())))
    assert (map_.bar_of(-1), map_.step_in_bar(-1), map_.bar_line_at(-1)) == (-1, 13, -14)


def test_without_changes_a_song_is_in_four_four() -> None:
    assert MeterMap() == MeterMap.of(Meter())


@pytest.mark.parametrize("firsts", [(), (1,), (0, 0), (0, 4, 3)])
def test_a_map_whose_bars_do_not_rise_from_0_is_refused(firsts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must rise from 0"):
        MeterMap(tuple((bar, Meter()) for bar in firsts))


@given(meters, steps, st.integers(-9, 9))
def test_in_one_meter_bar_lines_are_multiples(meter: Meter, step: int, count: int) -> None:
    map_, bar = MeterMap.of(meter), meter.bar_steps
    assert map_.meter_at(step) == meter
    assert divmod(step, bar) == (map_.bar_of(step), map_.step_in_bar(step))
    assert map_.next_bar_line(step) == (step // bar + 1) * bar
    assert map_.first_bar_line_from(step) == -(-step // bar) * bar
    assert map_.bars_later(step, count) == step + count * bar


@given(meter_maps(), steps)
def test_a_step_lies_in_its_bar(map_: MeterMap, step: int) -> None:
    bar = map_.bar_of(step)
    assert map_.bar_line(bar) <= step < map_.bar_line(bar + 1)
    assert map_.bar_line(bar) == map_.bar_line_at(step) == step - map_.step_in_bar(step)
    assert map_.next_bar_line(step) == map_.bar_line(bar + 1)
    assert map_.first_bar_line_from(step) - step in range(map_.meter_at(step).bar_steps)


@given(meter_maps(), bars)
def test_a_bar_is_as_long_as_its_meter_and_has_one_meter(map_: MeterMap, bar: int) -> None:
    first, after = map_.bar_line(bar), map_.bar_line(bar + 1)
    assert map_.is_bar_line(first)
    assert not any(map_.is_bar_line(step) for step in range(first + 1, after))
    assert {map_.meter_at(step) for step in range(first, after)} == {map_.meter_at(first)}
    assert after - first == map_.meter_at(first).bar_steps


@given(meter_maps(), bars, st.integers(-9, 9))
def test_from_a_bar_line_so_many_bars_later_is_a_bar_line(
    map_: MeterMap, bar: int, count: int
) -> None:
    assert map_.bars_later(map_.bar_line(bar), count) == map_.bar_line(bar + count)


@given(meter_maps(), ticks, st.integers(-9, 9))
def test_ticks_and_steps_agree(map_: MeterMap, tick: int, count: int) -> None:
    step = tick // TICKS_PER_STEP
    assert map_.bar_line_tick_at(tick) == map_.bar_line_at(step) * TICKS_PER_STEP
    assert map_.next_bar_line_tick(tick) == map_.next_bar_line(step) * TICKS_PER_STEP
    assert map_.tick_in_bar(tick) // TICKS_PER_STEP == map_.step_in_bar(step)
    assert 0 <= tick - map_.bar_line_tick_at(tick) < map_.meter_at(step).bar_ticks
    into_step = tick - step * TICKS_PER_STEP
    later = map_.bars_later(step, count) * TICKS_PER_STEP + into_step
    assert map_.bars_later_tick(tick, count) == later


@given(meter_maps())
def test_a_map_crosses_a_pipe(map_: MeterMap) -> None:
    received = pickle.loads(pickle.dumps(map_))
    assert received == map_
    assert received.bar_line(40) == map_.bar_line(40)
