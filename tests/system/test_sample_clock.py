from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.system.sample_clock import (
    HELD_FRAMES,
    SPAN_SECONDS,
    SPAN_SIGHTS,
    SampleClock,
)

RATE_HZ = 48_000
BEGAN_SECONDS = 100.0
WINDOW_SECONDS = 8.0
SIGHT_SECONDS = SPAN_SECONDS / SPAN_SIGHTS
TRUE_FRAMES = 1 + HELD_FRAMES
"""One that is rounded, and those to which the line is held."""

periods = st.sampled_from([64, 256, 1024])
lateness = st.floats(0.0, 0.8)
"""Of a sight, in periods."""


def see(
    clock: SampleClock, at_seconds: float, late_seconds: float, began: float = BEGAN_SECONDS
) -> None:
    clock.see(round((at_seconds - late_seconds - began) * RATE_HZ), at_seconds)


def told(clock: SampleClock, seconds: float = 200.0) -> float:
    """How many frames the clock is ahead of the stream that began at `BEGAN_SECONDS`."""
    frame = clock.frame_at(seconds)
    assert frame is not None
    return frame - (seconds - BEGAN_SECONDS) * RATE_HZ


def test_before_anything_was_rendered_there_is_no_frame() -> None:
    assert SampleClock(RATE_HZ, 0.02, WINDOW_SECONDS).frame_at(1.0) is None


@given(periods, st.lists(lateness, min_size=1, max_size=200), st.data())
def test_one_sight_in_time_is_enough(period: int, late: list[float], data: st.DataObject) -> None:
    period_seconds = period / RATE_HZ
    clock = SampleClock(RATE_HZ, period_seconds, WINDOW_SECONDS)
    prompt = data.draw(st.integers(0, len(late) - 1))
    late[prompt] = 0.0
    for number, periods_late in enumerate(late):
        see(clock, 101.0 + number * SIGHT_SECONDS, periods_late * period_seconds)
    assert abs(told(clock)) <= TRUE_FRAMES


@given(periods, st.lists(lateness, min_size=1, max_size=300))
def test_no_frame_is_told_later_than_it_was_seen(period: int, late: list[float]) -> None:
    """What is late in the telling would be placed where the driver has been already."""
    period_seconds = period / RATE_HZ
    clock = SampleClock(RATE_HZ, period_seconds, WINDOW_SECONDS)
    for number, periods_late in enumerate(late):
        at_seconds = 101.0 + number * SIGHT_SECONDS
        see(clock, at_seconds, periods_late * period_seconds)
        assert told(clock) >= -periods_late * period - TRUE_FRAMES
        assert told(clock) <= TRUE_FRAMES


@given(periods, st.integers(1, 5))
def test_periods_that_were_not_played_are_made_up_for_within_half_a_second(
    period: int, missed: int
) -> None:
    period_seconds = period / RATE_HZ
    clock = SampleClock(RATE_HZ, period_seconds, WINDOW_SECONDS)
    for number in range(200):
        see(clock, 101.0 + number * SIGHT_SECONDS, 0.0)
    later = BEGAN_SECONDS + missed * period_seconds
    for number in range(200, 200 + 2 * SPAN_SIGHTS + 2):
        see(clock, 101.0 + number * SIGHT_SECONDS, 0.0, began=later)
    assert abs(told(clock) + missed * period) <= TRUE_FRAMES


def test_a_sound_card_that_goes_slower_is_followed_a_window_behind() -> None:
    clock = SampleClock(RATE_HZ, 0.02, WINDOW_SECONDS)
    drift = 50e-6
    seconds = 101.0
    while seconds < 200.0:
        see(clock, seconds, (seconds - 101.0) * drift)
        seconds += SIGHT_SECONDS
    behind_seconds = told(clock) / RATE_HZ + (seconds - 101.0) * drift
    held_seconds = TRUE_FRAMES / RATE_HZ
    most_seconds = (WINDOW_SECONDS + 2 * SPAN_SECONDS) * drift
    assert -held_seconds <= behind_seconds <= most_seconds + held_seconds


@given(periods, st.lists(st.floats(0.0, HELD_FRAMES - 0.1), min_size=1, max_size=300))
def test_sights_that_nearly_agree_leave_every_frame_in_its_place(
    period: int, frames_late: list[float]
) -> None:
    clock = SampleClock(RATE_HZ, period / RATE_HZ, WINDOW_SECONDS)
    placed = []
    for number, late in enumerate(frames_late):
        frame = 48_000 + number * round(SIGHT_SECONDS * RATE_HZ)
        clock.see(frame, BEGAN_SECONDS + (frame + late) / RATE_HZ)
        placed.append(clock.seconds_at(0))
    assert len(set(placed)) == 1
