import pytest

from polyrhythmia_live.rhythm.bar import Bar, Hit, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter


@pytest.mark.parametrize("velocity", [0, 128, -1])
def test_a_hit_has_a_midi_velocity_above_zero(velocity: int) -> None:
    with pytest.raises(ValueError, match=r"velocity must be in 1\.\.127"):
        Hit(0, velocity)


@pytest.mark.parametrize("ticks", [-TICKS_PER_STEP // 2 - 1, TICKS_PER_STEP // 2])
def test_microtiming_stays_within_half_a_step(ticks: int) -> None:
    with pytest.raises(ValueError, match="microtiming"):
        Hit(0, 100, ticks)


def test_a_hit_lasts_no_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="length must be 0 ticks or more, got -1"):
        Hit(0, 100, length_ticks=-1)


def test_a_bar_is_exactly_as_long_as_its_meter() -> None:
    with pytest.raises(ValueError, match="14 steps, got 16"):
        Bar(Meter(7, 8), ((),) * 16)


def test_a_step_stands_on_its_tick() -> None:
    assert Step(3).tick == 3 * TICKS_PER_STEP
