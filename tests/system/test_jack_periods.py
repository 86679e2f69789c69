"""When JACK's periods begin, whatever JACK makes of it."""

from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.system.jack_periods import LAG_MAX_US, LAG_PERIODS, Lag
from polyrhythmia_live.system.sample_clock import HELD_FRAMES

PERIOD_US = 1333
HELD_US = HELD_FRAMES * 1e6 / 48_000


@given(st.lists(st.integers(0, 20_000), min_size=LAG_PERIODS, max_size=60))
def test_a_thread_that_is_woken_late_now_and_then_moves_no_period(lates_us: list[int]) -> None:
    lag = Lag(HELD_US)
    for number, late_us in enumerate(lates_us):
        start_us = number * PERIOD_US
        woken_us = start_us + (late_us if number % LAG_PERIODS else late_us % LAG_MAX_US)
        assert lag.correction_us(start_us, woken_us) == 0


@given(st.integers(LAG_MAX_US, 200_000), st.integers(0, LAG_MAX_US))
def test_after_a_standstill_periods_begin_when_they_do(behind_us: int, late_us: int) -> None:
    lag = Lag(HELD_US)
    for number in range(3 * LAG_PERIODS):
        start_us = number * PERIOD_US
        corrected_us = start_us + lag.correction_us(start_us, start_us + behind_us + late_us)
        if number >= LAG_PERIODS - 1:
            assert abs(corrected_us - start_us - behind_us) <= LAG_MAX_US


@given(st.lists(st.integers(-20_000, 20_000), max_size=60))
def test_no_period_begins_after_somebody_was_woken_for_it(lates_us: list[int]) -> None:
    lag = Lag(HELD_US)
    for number, late_us in enumerate(lates_us):
        start_us = number * PERIOD_US
        woken_us = start_us + late_us
        assert start_us + lag.correction_us(start_us, woken_us) <= woken_us + HELD_US + 1
