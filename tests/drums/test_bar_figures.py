"""What a bar is like, in a few numbers; the same as those that the drummer is judged by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.bar_figures import bar_figures
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data import measures

KICK, SNARE, HAT = LANE["kick"], LANE["snare"], LANE["closed-hat"]
FOUR = Meter()
EIGHTHS = [(step, HAT, 0) for step in range(0, 16, 2)]


def test_a_plain_backbeat_is_not_syncopated_and_does_not_swing() -> None:
    bar = [*EIGHTHS, (0, KICK, 0), (8, KICK, 0), (4, SNARE, 0), (12, SNARE, 0)]
    found = bar_figures(bar, FOUR, 120.0)
    assert found.density == 12
    assert found.polyphony == 12 / 8
    assert found.swing == 0.5
    assert found.groove == 0
    assert found.syncopation < bar_figures([*bar[:8], (3, SNARE, 0)], FOUR, 120.0).syncopation


def test_a_shuffle_is_read_off_its_hats() -> None:
    late = [
        (step, HAT, TICKS_PER_STEP * 2 // 3 - 1120 if step % 4 else 0) for step, _, _ in EIGHTHS
    ]
    shuffled = [
        (step + (step % 4 == 2), lane, -1120 + 560 if step % 4 else 0) for step, lane, _ in late
    ]
    assert bar_figures(shuffled, FOUR, 120.0).swing == pytest.approx(2 / 3, abs=0.01)


def test_how_far_hits_are_off_is_said_in_milliseconds() -> None:
    found = bar_figures([(0, KICK, 168), (4, SNARE, -168)], FOUR, 100.0)
    assert found.groove == pytest.approx(15.0)


def test_a_silent_bar_has_no_figures_but_its_silence() -> None:
    found = bar_figures([], FOUR, 120.0)
    assert (found.density, found.syncopation) == (0, 0)
    assert (found.polyphony, found.swing, found.groove) == (None, None, None)


meters = st.sampled_from((Meter(), Meter(7, 8), Meter(6, 8), Meter(5, 4)))


@given(meter=meters, struck=st.sets(st.tuples(st.integers(0, 19), st.integers(0, 8))))
def test_syncopation_is_the_one_that_the_drummer_is_judged_by(
    meter: Meter, struck: set[tuple[int, int]]
) -> None:
    hits = [(step, lane, 0) for step, lane in struck if step < meter.bar_steps]
    grid = np.zeros((meter.bar_steps, 9), np.int16)
    for step, lane, _ in hits:
        grid[step, lane] = 100
    (judged,) = measures.syncopation(grid, meter)
    assert bar_figures(hits, meter, 120.0).syncopation == pytest.approx(judged)
