"""A grid that swings: later, in order, and on time where pairs and bars begin."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import (
    STRAIGHT,
    Swing,
    SwungGrid,
    first_fixed_step,
    swung,
)

SHUFFLE = Swing(eighths=2 / 3)
HARD = Swing(sixteenths=0.75)

swings = st.builds(Swing, st.floats(0.5, 0.75), st.floats(0.5, 0.75))
maps = st.sampled_from(
    [
        MeterMap.of(Meter.parse(meter))
        for meter in ("4/4", "3/4", "6/8", "7/8", "7/8=2+2+3", "7/8=3+2+2", "5/16", "9/16", "2/2")
    ]
    + [MeterMap(((0, Meter()), (1, Meter.parse("7/8=2+2+3")), (3, Meter(3, 4))))]
)
ticks = st.integers(-100_000, 1_000_000)


def steps(meter: str, swing: Swing) -> list[float]:
    """Where the steps of a bar sound, in steps."""
    of, bar = MeterMap.of(Meter.parse(meter)), Meter.parse(meter).bar_steps
    return [swung(step * TICKS_PER_STEP, swing, of) / TICKS_PER_STEP for step in range(bar)]


@given(ticks, maps)
def test_at_50_per_cent_nothing_moves(tick: int, meters: MeterMap) -> None:
    assert swung(tick, STRAIGHT, meters) == tick


@given(ticks, st.integers(1, 5000), swings, maps)
def test_swing_never_lets_one_tick_reach_another(
    tick: int, later: int, swing: Swing, meters: MeterMap
) -> None:
    assert swung(tick + later, swing, meters) > swung(tick, swing, meters)


@given(ticks, swings, maps)
def test_swing_only_delays_and_by_less_than_a_step_and_a_half(
    tick: int, swing: Swing, meters: MeterMap
) -> None:
    """So a step is committed in time whatever its swing."""
    assert 0 <= swung(tick, swing, meters) - tick < 1.5 * TICKS_PER_STEP + 1e-6


@given(st.integers(-10, 200), swings, maps)
def test_bar_lines_stay_where_they_are(bar: int, swing: Swing, meters: MeterMap) -> None:
    line = meters.bar_line(bar) * TICKS_PER_STEP
    assert swung(line, swing, meters) == line


@given(st.integers(0, 500), maps)
def test_another_swing_can_begin_within_a_bar_at_the_latest(step: int, meters: MeterMap) -> None:
    fixed = first_fixed_step(step, meters)
    assert step <= fixed <= meters.first_bar_line_from(step)
    tick = fixed * TICKS_PER_STEP
    assert swung(tick, Swing(0.75, 0.75), meters) == tick


def test_sixteenths_at_75_per_cent_are_dotted() -> None:
    assert steps("4/4", HARD)[:4] == [0.0, 1.5, 2.0, 3.5]


def test_eighths_at_67_per_cent_are_a_shuffle() -> None:
    assert steps("4/4", SHUFFLE)[:5] == pytest.approx([0.0, 4 / 3, 8 / 3, 10 / 3, 4.0])


@pytest.mark.parametrize(
    ("meter", "late"),
    [("7/8=2+2+3", [2, 6, 10]), ("7/8=3+2+2", [2, 8, 12]), ("7/8", [2, 6, 10]), ("6/8", [2, 8])],
)
def test_pairs_of_eighths_are_counted_within_the_groups(meter: str, late: list[int]) -> None:
    """What is left over of a group of three has no partner, and is straight."""
    eighths = range(0, Meter.parse(meter).bar_steps, 2)
    assert [step for step in eighths if steps(meter, SHUFFLE)[step] != step] == late


@given(maps, st.lists(swings, min_size=1, max_size=40), st.data())
def test_no_hit_overtakes_another_however_the_knob_is_turned(
    meters: MeterMap, turned: list[Swing], data: st.DataObject
) -> None:
    late = st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS)
    grid, sounding, straight = SwungGrid(meters), [], []
    for step, swing in enumerate(turned):
        grid.begin(step, swing)
        straight.append(step * TICKS_PER_STEP + data.draw(late))
        sounding.append(grid.sounding(straight[-1]))
    for (tick, sounds), (later_tick, later_sounds) in pairwise(
        zip(straight, sounding, strict=True)
    ):
        assert later_tick > tick
        assert later_sounds > sounds


def test_a_pair_keeps_the_swing_in_which_it_begins() -> None:
    grid = SwungGrid(MeterMap())
    grid.begin(0, STRAIGHT)
    grid.begin(1, HARD)
    assert grid.sounding(TICKS_PER_STEP) == TICKS_PER_STEP
    grid.begin(4, HARD)
    assert grid.sounding(4 * TICKS_PER_STEP - 100) == 4 * TICKS_PER_STEP - 100
    assert grid.sounding(5 * TICKS_PER_STEP) == 5.5 * TICKS_PER_STEP


def test_a_swing_that_was_taken_back_does_not_hold() -> None:
    grid = SwungGrid(MeterMap())
    grid.begin(0, STRAIGHT)
    grid.begin(4, HARD)
    grid.take_back(4 * TICKS_PER_STEP)
    assert grid.sounding(5 * TICKS_PER_STEP) == 5 * TICKS_PER_STEP


@pytest.mark.parametrize("share", [0.49, 0.76, float("nan")])
def test_a_swing_that_nobody_can_play_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"swing must be in 0.5..0.75"):
        Swing(share)
