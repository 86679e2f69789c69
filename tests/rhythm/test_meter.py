import pytest

from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_PULSE, TICKS_PER_STEP, Meter


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


def test_steps_know_their_bar_and_the_next_bar_line() -> None:
    meter = Meter(7, 8)
    assert meter.bar_of(13) == 0
    assert meter.bar_of(14) == 1
    assert meter.step_in_bar(15) == 1
    assert meter.next_bar_line(14) == 28


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 4), (65, 4), (4, 3), (4, 32)])
def test_a_meter_that_a_grid_of_sixteenths_cannot_hold_is_refused(
    numerator: int, denominator: int
) -> None:
    with pytest.raises(ValueError, match="meter"):
        Meter(numerator, denominator)
