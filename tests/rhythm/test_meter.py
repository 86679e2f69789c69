import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import (
    PPQN,
    TICKS_PER_PULSE,
    TICKS_PER_STEP,
    Meter,
    first_pulse_from,
    first_step_from,
)

signatures = st.tuples(st.integers(1, 64), st.sampled_from([1, 2, 4, 8, 16]))


@st.composite
def grouped_meters(draw: st.DrawFn) -> Meter:
    """A meter of a few groups."""
    groups = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=12)))
    return Meter(sum(groups), draw(st.sampled_from([1, 2, 4, 8, 16])), groups)


def test_a_clock_pulse_a_step_and_the_tuplets_are_whole_ticks() -> None:
    assert TICKS_PER_PULSE * 24 == PPQN
    assert TICKS_PER_STEP * 4 == PPQN
    assert all(PPQN % parts == 0 for parts in (3, 5, 6, 7, 12, 24))


@pytest.mark.parametrize(
    ("meter", "steps"), [(Meter(4, 4), 16), (Meter(7, 8), 14), (Meter(3, 4), 12), (Meter(5, 16), 5)]
)
def test_a_bar_has_the_steps_of_its_meter(meter: Meter, steps: int) -> None:
    assert meter.bar_steps == steps
    assert meter.bar_ticks == steps * TICKS_PER_STEP


def test_steps_know_their_bar_and_their_place_in_it() -> None:
    meter = Meter(7, 8)
    assert meter.bar_of(13) == 0
    assert meter.bar_of(14) == 1
    assert meter.step_in_bar(15) == 1


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 4), (65, 4), (4, 3), (4, 32)])
def test_a_meter_that_a_grid_of_sixteenths_cannot_hold_is_refused(
    numerator: int, denominator: int
) -> None:
    with pytest.raises(ValueError, match="meter"):
        Meter(numerator, denominator)


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("4/4", [0, 4, 8, 12]),
        ("2/2", [0, 8]),
        ("3/8", [0, 2, 4]),
        ("6/8", [0, 6]),
        ("9/8", [0, 6, 12]),
        ("12/8", [0, 6, 12, 18]),
        ("7/8", [0, 2, 4, 6, 8, 10, 12]),
        ("7/8=2+2+3", [0, 4, 8]),
        ("7/8 = 3+2+2", [0, 6, 10]),
        ("5/4=3+2", [0, 12]),
    ],
)
def test_a_bar_is_counted_in_its_groups(written: str, counts: list[int]) -> None:
    meter = Meter.parse(written)
    assert list(meter.count_steps) == counts
    assert [meter.count_at(step) for step in counts] == list(range(len(counts)))


@pytest.mark.parametrize("written", ["7/8=2+2+3", " 7/8 = 2+2+3 ", "7 / 8 = 2 + 2 + 3"])
def test_spaces_in_a_meter_mean_nothing(written: str) -> None:
    assert Meter.parse(written) == Meter(7, 8, (2, 2, 3))


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(6, 8, (3, 3)), Meter(7, 8)], ids=str)
def test_a_meter_that_is_grouped_as_usual_needs_no_groups(meter: Meter) -> None:
    assert str(meter) == f"{meter.numerator}/{meter.denominator}"
    assert Meter(*meter.signature) == meter


@given(grouped_meters() | signatures.map(lambda signature: Meter(*signature)))
def test_a_written_meter_reads_as_the_same_one(meter: Meter) -> None:
    assert Meter.parse(str(meter)) == meter


@given(grouped_meters())
def test_every_step_of_a_bar_belongs_to_the_count_that_began_last(meter: Meter) -> None:
    bounds = [*meter.count_steps, meter.bar_steps]
    for step in range(meter.bar_steps):
        count = meter.count_at(step)
        assert bounds[count] <= step < bounds[count + 1]


@pytest.mark.parametrize(
    "written", ["", "4", "4/3", "7/8=2+2", "7/8=", "7/8=2++5", "4/4=4+0", "1 2/8", "-4/4", "x/4"]
)
def test_a_wrong_meter_is_refused_with_examples(written: str) -> None:
    with pytest.raises(ValueError, match=r"such as 4/4, 7/8 or 7/8=2\+2\+3, got"):
        Meter.parse(written)


@given(st.integers(-(1 << 40), 1 << 40))
def test_the_first_step_and_the_first_pulse_from_a_tick_are_not_before_it(tick: int) -> None:
    assert 0 <= first_step_from(tick) * TICKS_PER_STEP - tick < TICKS_PER_STEP
    assert 0 <= first_pulse_from(tick) * TICKS_PER_PULSE - tick < TICKS_PER_PULSE
