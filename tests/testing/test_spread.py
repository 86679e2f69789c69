"""How evenly things lie in a stream of frames, and what of it is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.testing.spread import (
    Frames,
    Losses,
    Mark,
    Spread,
    best,
    in_order,
    nearest,
    off_grid,
    spread,
    window_bpm,
)

STEP = 6000
SECOND = 48_000
CALM = 3 * SECOND
NONE = Losses((), SECOND // 10, 2 * SECOND)


def sixteenths(count: int, start: int = 777) -> Frames:
    return start + STEP * np.arange(count, dtype=np.int64)


def off(frames: Frames, losses: Losses = NONE, judged_from: int = 0) -> list[float]:
    return [float(it) for it in off_grid(frames, STEP, losses, CALM, judged_from)]


@given(start=st.integers(0, 10**7), rests=st.sets(st.integers(0, 79), max_size=60))
def test_even_sixteenths_lie_on_the_grid_wherever_it_starts_and_whatever_rests(
    start: int, rests: set[int]
) -> None:
    kept = np.array([place not in rests for place in range(80)])
    assert set(off(sixteenths(80, start)[kept])) == {0.0}


@given(late=st.integers(-2000, 2000), place=st.integers(24, 79))
def test_one_late_hit_is_off_by_as_much_and_the_others_not_at_all(late: int, place: int) -> None:
    frames = sixteenths(80)
    frames[place] += late
    heard = off(frames)
    assert heard.pop(place) == late
    assert set(heard) == {0.0}


def test_constant_lateness_counts_for_nobody_but_lateness_that_comes_with_the_load_does() -> None:
    frames = sixteenths(80)
    began = int(frames[40])
    frames[40:] += 50
    assert off(frames + 999, judged_from=began) == [50.0] * 40


def test_drift_counts() -> None:
    fast = (sixteenths(160) * 1.001).astype(np.int64)
    assert off(fast)[-1] > 800


def test_what_a_server_that_lost_time_did_to_the_grid_is_nobodys_fault() -> None:
    frames = sixteenths(160)
    loss = int(frames[80])
    frames[80:] += 1234
    losses = Losses((loss,), SECOND // 10, 2 * SECOND)
    heard = off(frames, losses)
    assert set(heard) == {0.0}
    assert len(frames) - len(heard) == 16, "two seconds of sixteenths"


def test_while_all_settle_after_a_loss_nothing_counts() -> None:
    frames = sixteenths(160)
    frames[80:90] += 2000
    assert set(off(frames, Losses((int(frames[79]),), 0, 2 * SECOND))) == {0.0}


def test_losses_on_top_of_each_other_are_as_one() -> None:
    losses = Losses((300_000, 300_064, 310_000), 0, SECOND)
    before, after = losses.stretches(sixteenths(160))
    assert before[-1] < 300_000
    assert after[0] >= 310_000 + SECOND


def test_a_server_that_loses_time_all_the_time_leaves_nothing() -> None:
    often = Losses(range(0, 160 * STEP, SECOND), SECOND // 10, 2 * SECOND)
    assert spread(np.array(off(sixteenths(160), often)), 160) == Spread(0, 160, None, None, None)


def test_pulses_are_counted_where_each_may_be_off_by_more_than_half_a_pulse() -> None:
    true = 1000 * np.arange(480, dtype=np.int64)
    rounded_up = -(-true // 1024) * 1024
    heard = off_grid(rounded_up, 1000, NONE, CALM, 0, in_order)
    assert np.ptp(heard) == 1016
    assert np.abs(heard).max() < 1024


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_figures_are_in_frames(values: list[int]) -> None:
    figures = spread(np.array(values, dtype=float), len(values) + 3)
    assert figures.left_out == 3
    assert figures.range == max(values) - min(values)
    assert figures.p99 in {abs(it) for it in values}
    assert figures.sd == pytest.approx(np.std(values))


@given(bpm=st.integers(60, 180))
def test_gear_takes_even_pulses_for_their_tempo(bpm: int) -> None:
    pulses = np.round(SECOND * 60 / bpm / 24 * np.arange(100)).astype(np.int64)
    heard = window_bpm(pulses, NONE, SECOND)
    assert len(heard) == 100 - 24
    assert np.abs(heard - bpm).max() < 0.02


def test_no_window_reaches_over_lost_time() -> None:
    pulses = 1000 * np.arange(480, dtype=np.int64)
    pulses[240:] += 5000
    assert set(window_bpm(pulses, Losses((240_000,), 0, 0), SECOND)) == {120.0}
    assert len(window_bpm(pulses[:20], NONE, SECOND)) == 0


def test_steps_are_counted_from_the_first_hit() -> None:
    assert nearest(np.array([100, 6103, 17_990]), STEP).tolist() == [0, 1, 3]


@pytest.mark.parametrize(
    ("value", "limit", "verdict"),
    [
        (2.0, 2.0, "pass"),
        (2.1, 2.0, "FAIL"),
        (None, 2.0, "not measured"),
        (0.0, None, "not measured"),
    ],
)
def test_what_was_not_measured_does_not_pass(
    value: float | None, limit: float | None, verdict: str
) -> None:
    assert Mark("it", value, limit).verdict == verdict


def test_the_best_of_the_others_is_one_that_was_measured() -> None:
    assert best([None, 3.0, 0.0]) == 0.0
    assert best([None]) is None
