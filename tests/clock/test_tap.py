"""Tap tempo believes a beat, and no accident."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.tap import EVEN


def tempo_after(*taps: float, before_bpm: float = 100.0) -> float:
    clock = InternalClock(before_bpm)
    for at_seconds in taps:
        clock.tap(at_seconds)
    return clock.tempo_bpm


@given(st.floats(0.0, 1e5), st.floats(0.0, 10.0))
def test_two_stray_taps_leave_the_tempo_alone(first: float, later: float) -> None:
    assert tempo_after(first, first + later) == 100.0


@given(st.floats(30.5, 320.0), st.floats(0.0, 1e5), st.integers(3, 12))
def test_three_even_taps_are_a_tempo(tempo_bpm: float, first: float, taps: int) -> None:
    beats = (first + n * 60.0 / tempo_bpm for n in range(taps))
    assert tempo_after(*beats) == pytest.approx(tempo_bpm)


def test_the_tempo_is_the_mean_over_the_last_four() -> None:
    assert tempo_after(0.0, 0.5, 1.02) == pytest.approx(60 * 2 / 1.02)
    assert tempo_after(0.0, 0.5, 1.02, 1.55, 2.1) == pytest.approx(60 * 3 / 1.6)


@given(st.floats(0.15, 2.0), st.floats(0.15, 2.0))
def test_three_taps_that_are_not_even_leave_the_tempo_alone(one: float, other: float) -> None:
    assume(max(one, other) > EVEN * min(one, other) + 1e-9)
    assert tempo_after(0.0, one, one + other) == 100.0


@given(
    st.floats(60.0, 180.0),
    st.integers(2, 10),
    st.floats(0.25, 0.7),
    st.lists(st.floats(-0.02, 0.02), min_size=16, max_size=16),
)
def test_a_stray_tap_among_even_ones_is_left_out(
    tempo_bpm: float, after: int, where: float, unevenness: list[float]
) -> None:
    beat = 60.0 / tempo_bpm
    taps = [beat * (n + uneven) for n, uneven in enumerate(unevenness)]
    taps.append(taps[after] + where * beat)
    clock = InternalClock(tempo_bpm)
    for at_seconds in sorted(taps):
        clock.tap(at_seconds)
        assert clock.tempo_bpm == pytest.approx(tempo_bpm, rel=0.05)


def test_a_tap_that_is_missing_changes_nothing() -> None:
    taps = [0.6 * n for n in range(12) if n != 5]
    for heard in range(3, len(taps)):
        assert tempo_after(*taps[:heard]) == pytest.approx(100.0)


def test_another_tempo_is_taken_up_while_tapping() -> None:
    slow = [0.6 * n for n in range(5)]
    fast = [slow[-1] + 0.3 * n for n in range(1, 5)]
    assert tempo_after(*slow, *fast[:2]) == pytest.approx(100.0)
    assert tempo_after(*slow, *fast) == pytest.approx(200.0)


@pytest.mark.parametrize("bounces", [(0.006,), (0.003, 0.009, 0.012)])
def test_a_switch_that_bounces_taps_once(bounces: tuple[float, ...]) -> None:
    taps = sorted(0.6 * n + later for n in range(4) for later in (0.0, *bounces))
    assert tempo_after(*taps, before_bpm=120.0) == pytest.approx(100.0)


@pytest.mark.parametrize("repeat_seconds", [0.025, 0.033, 0.09])
def test_a_key_that_is_held_down_is_no_tempo(repeat_seconds: float) -> None:
    assert tempo_after(0.0, *(0.5 + repeat_seconds * n for n in range(100))) == 100.0


def test_two_seconds_later_a_tap_is_the_first_of_a_new_tempo() -> None:
    clock = InternalClock(120.0)
    for at_seconds in (0.0, 1.0, 2.0, 4.5, 5.0):
        clock.tap(at_seconds)
    assert clock.tempo_bpm == pytest.approx(60.0)
    clock.tap(5.5)
    assert clock.tempo_bpm == pytest.approx(120.0)


def test_untap_goes_back_to_the_tempo_before_and_forth_again() -> None:
    clock = InternalClock(140.0)
    for n in range(8):
        clock.tap(0.6 * n + 0.01 * (n % 2))
    tapped = clock.tempo_bpm
    assert tapped == pytest.approx(100.0, rel=0.02)
    clock.untap(5.0)
    assert clock.tempo_bpm == 140.0
    clock.untap(6.0)
    assert clock.tempo_bpm == tapped


def test_untap_knows_no_older_tempo_than_that_of_the_last_taps() -> None:
    clock = InternalClock(140.0)
    for n in range(3):
        clock.tap(0.6 * n)
    for n in range(3):
        clock.tap(10.0 + 0.5 * n)
    clock.untap(12.0)
    assert clock.tempo_bpm == pytest.approx(100.0)


def test_untap_without_taps_does_nothing() -> None:
    clock = InternalClock(140.0)
    clock.untap(1.0)
    assert clock.tempo_bpm == 140.0


def test_the_song_does_not_move_when_a_tempo_is_tapped_or_taken_back() -> None:
    clock = InternalClock(140.0)
    clock.start(0.0)
    for at_seconds in (1.0, 1.5, 2.0):
        before = clock.timeline.tick_at(at_seconds)
        clock.tap(at_seconds)
        assert abs(clock.timeline.tick_at(at_seconds) - before) <= 1
    before = clock.timeline.tick_at(3.0)
    clock.untap(3.0)
    assert abs(clock.timeline.tick_at(3.0) - before) <= 1
