"""When voices meet on one, against bars that are counted one by one."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meeting import Cycle, meets_in_bars
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.ratio import Ratio

FOUR = Cycle(Meter())

meters = st.builds(Meter, st.integers(2, 21), st.sampled_from([4, 8, 16]))
ratios = st.builds(Ratio, st.integers(1, 12), st.integers(1, 12))
cycles = st.builds(Cycle, meters, ratios)


@pytest.mark.parametrize(
    ("meter", "ratio", "bars"),
    [
        ("4/4", "1:1", 1),
        ("7/4", "7:4", 1),  # a bell of seven over four beats
        ("4/4", "7:4", 4),
        ("4/4", "3:2", 2),
        ("5/4", "1:1", 5),  # hats in five
        ("3/4", "1:1", 3),
        ("12/8", "1:1", 3),
        ("12/8", "3:2", 1),  # a bell of twelve triplets over four beats
        ("7/8", "1:1", 7),
        ("4/4", "1:2", 2),
        ("4/4", "2:1", 1),
        ("4/4", "9:4", 4),
    ],
)
def test_over_four_four_a_voice_meets_on_one(meter: str, ratio: str, bars: int) -> None:
    assert meets_in_bars(FOUR, Cycle(Meter.parse(meter), Ratio.parse(ratio))) == bars


def test_hats_in_three_and_a_bell_at_seven_to_four_meet_on_one_in_twelve_bars() -> None:
    hats, bell = Cycle(Meter(3, 4)), Cycle(Meter(), Ratio(7, 4))
    assert meets_in_bars(FOUR, hats, bell) == 12
    assert [meets_in_bars(FOUR, hats, bell, bar=bar) for bar in (1, 11, 12, 25)] == [11, 1, 12, 11]


def test_a_voice_alone_meets_itself_on_every_one() -> None:
    assert meets_in_bars(Cycle(Meter(7, 8), Ratio(9, 4))) == 1


def test_how_a_bar_is_grouped_makes_no_difference() -> None:
    grouped = Cycle(Meter(7, 8, (3, 2, 2)))
    assert meets_in_bars(FOUR, grouped) == meets_in_bars(FOUR, Cycle(Meter(7, 8)))


@given(cycles, cycles)
def test_of_two_voices_none_earlier_is_a_meeting(own: Cycle, other: Cycle) -> None:
    counted = next(bars for bars in count(1) if bars * own.ticks % other.ticks == 0)
    assert meets_in_bars(own, other) == counted


@given(cycles, st.lists(cycles, max_size=3), st.integers(-(10**6), 10**6))
def test_it_is_counted_down_bar_by_bar_to_where_all_begin_a_bar(
    own: Cycle, others: list[Cycle], bar: int
) -> None:
    bars = meets_in_bars(own, *others, bar=bar)
    met = (bar + bars) * own.ticks
    assert all(met % cycle.ticks == 0 for cycle in (own, *others))
    assert 1 <= bars <= meets_in_bars(own, *others)
    if bars > 1:
        assert meets_in_bars(own, *others, bar=bar + 1) == bars - 1


@given(st.lists(cycles, min_size=1, max_size=4))
def test_all_voices_mean_the_same_meeting(all_: list[Cycle]) -> None:
    assert len({meets_in_bars(own, *all_) * own.ticks for own in all_}) == 1
