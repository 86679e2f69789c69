from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm import encoding
from polyrhythmia_live.drummer.lstm.encoding import (
    FEATURES,
    HISTORY_STEPS,
    LANES,
    MASK_LANES,
    MASKS,
    MICROTIMING_BINS,
    STEP_WIDTH,
    VELOCITY_BINS,
    Asked,
    style_vector,
)
from polyrhythmia_live.drummer.styles import PARENTS, STYLES
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Hit
from polyrhythmia_live.rhythm.meter import Meter

SILENCE = np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)
"""The past of a song that has not begun."""

velocities = st.integers(1, 127)
microtimings = st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS)
meters = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(7, 8), Meter(12, 8), Meter(5, 4)])


def random_take(steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    struck = rng.random((steps, LANES)) < 0.3
    loud = np.where(struck, rng.integers(1, 128, struck.shape), 0)
    late = rng.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS + 1, struck.shape)
    return loud, late


def hits_of(loud: np.ndarray, late: np.ndarray) -> tuple[Hit, ...]:
    return tuple(
        Hit(lane, int(loud[lane]), int(late[lane])) for lane in range(LANES) if loud[lane] > 0
    )


@given(st.integers(0, MASKS - 1))
def test_a_mask_is_the_set_of_its_lanes(mask: int) -> None:
    assert encoding.mask_of(np.flatnonzero(MASK_LANES[mask])) == mask


@given(velocities)
def test_a_velocity_comes_back_within_two(velocity: int) -> None:
    index = encoding.velocity_bin(velocity)
    assert 0 <= index < VELOCITY_BINS
    assert abs(int(encoding.velocity_of_bin(index)) - velocity) <= 2


def test_every_velocity_bin_stands_for_itself_and_is_playable() -> None:
    bins = np.arange(VELOCITY_BINS)
    decoded = encoding.velocity_of_bin(bins)
    assert (encoding.velocity_bin(decoded) == bins).all()
    assert decoded.min() >= 1
    assert decoded.max() == 127


@given(microtimings)
def test_a_microtiming_comes_back_within_half_a_bin(microtiming_ticks: int) -> None:
    index = encoding.microtiming_bin(microtiming_ticks)
    assert 0 <= index < MICROTIMING_BINS
    assert abs(int(encoding.microtiming_of_bin(index)) - microtiming_ticks) <= 26


def test_every_microtiming_bin_stands_for_itself_and_the_middle_one_for_the_grid() -> None:
    bins = np.arange(MICROTIMING_BINS)
    decoded = encoding.microtiming_of_bin(bins)
    assert (encoding.microtiming_bin(decoded) == bins).all()
    assert decoded.min() >= MICROTIMING_MIN_TICKS
    assert decoded.max() <= MICROTIMING_MAX_TICKS
    assert encoding.microtiming_of_bin(MICROTIMING_BINS // 2) == 0


@given(velocities, microtimings, st.integers(0, LANES - 1))
def test_a_hit_leaves_its_velocity_and_lateness_in_the_past(
    velocity: int, microtiming_ticks: int, lane: int
) -> None:
    row = encoding.encode_hits((Hit(lane, velocity, microtiming_ticks),)).reshape(3, LANES)
    assert row[0].tolist() == [float(at == lane) for at in range(LANES)]
    assert round(float(row[1, lane]) * 127) == velocity
    assert round(float(row[2, lane]) * -MICROTIMING_MIN_TICKS) == microtiming_ticks


@given(meters, st.integers(1, 150), st.integers(0, 200), st.integers(0, 2**32))
@settings(deadline=None)
def test_a_take_read_at_once_is_the_take_read_live(
    meter: Meter, steps: int, first_index: int, seed: int
) -> None:
    loud, late = random_take(steps, seed)
    played = encoding.encode_steps(loud, late)
    asked = Asked(style_vector({"jazz": 1.0}), 93.0, fill_soon=True, density=0.8)
    past = np.concatenate([SILENCE, played[:-1]])
    at_once = encoding.features(past, first_index=first_index, meter=meter, asked=asked)
    history = SILENCE
    for step in range(steps):
        live = encoding.features(history, first_index=first_index + step, meter=meter, asked=asked)
        assert (live == at_once[step]).all()
        row = encoding.encode_hits(hits_of(loud[step], late[step]))
        history = np.concatenate([history[1:], row[None]])


def test_the_table_of_columns_is_what_is_read() -> None:
    loud, late = random_take(HISTORY_STEPS, seed=5)
    past = encoding.encode_steps(loud, late)
    styles = style_vector({"rock": 0.25, "gospel": 0.75})
    asked = Asked(styles, 240.0, fill=True, density=0.9, syncopation=0.5, intensity=0.0)
    [row] = encoding.features(past, first_index=16 * 5 + 6, meter=Meter(4, 4), asked=asked)
    struck = (loud > 0).astype(np.float32)
    assert (row[0:27] == past[-1]).all()
    for bars, start in ((1, 27), (2, 36), (3, 45), (4, 54)):
        assert (row[start : start + 9] == struck[HISTORY_STEPS - 16 * bars]).all()
    assert (row[63:72] == struck[HISTORY_STEPS - 15]).all()
    assert row[72:81] == pytest.approx(loud[HISTORY_STEPS - 16] / 127)
    last_bar = loud[-16:] > 0
    assert row[81] == pytest.approx(loud[-16:][last_bar].mean() / 127)
    assert row[82] == pytest.approx(late[-16:][last_bar].mean() / -MICROTIMING_MIN_TICKS, abs=1e-6)
    assert row[83:87].tolist() == [0, 0, 1, 0]
    turns = np.array([6 / 16, 12 / 16, 1 / 4, 5 / 8]) * 2 * np.pi
    assert row[87:95] == pytest.approx(
        np.stack([np.sin(turns), np.cos(turns)], 1).ravel(), abs=1e-6
    )
    assert (encoding.STYLE_COLUMNS.start, encoding.STYLE_COLUMNS.stop) == (95, 129)
    assert (row[95:129] == styles).all()
    assert row[129:133].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert row[133:] == pytest.approx([1.0, 0.4, 1.0, 0.0, 1.0, -0.5])
    assert len(row) == FEATURES


def test_the_future_is_never_read() -> None:
    loud, late = random_take(40, seed=1)
    past = np.concatenate([SILENCE, encoding.encode_steps(loud, late)])
    asked = Asked(style_vector({}), 120.0)
    before = encoding.features(past, first_index=0, meter=Meter(), asked=asked)
    past[HISTORY_STEPS + 20 :] = 9.0
    after = encoding.features(past, first_index=0, meter=Meter(), asked=asked)
    assert (before[:21] == after[:21]).all()
    assert (before[21] != after[21]).any()


def test_after_a_bar_of_rest_there_is_no_level_to_speak_of() -> None:
    loud, late = random_take(HISTORY_STEPS, seed=2)
    loud[-16:] = 0
    past = encoding.encode_steps(loud, late)
    [row] = encoding.features(
        past, first_index=0, meter=Meter(), asked=Asked(style_vector({}), 120.0)
    )
    assert row[81:83].tolist() == [0.0, 0.0]


def test_bars_longer_than_the_memory_are_silence_not_an_error() -> None:
    history = np.ones((HISTORY_STEPS, STEP_WIDTH), np.float32)
    asked = Asked(style_vector({}), 120.0)
    [row] = encoding.features(history, first_index=0, meter=Meter(64, 1), asked=asked)
    assert row[0:9].all()
    assert not row[27:81].any()


def test_a_step_that_is_a_whole_bar_is_read_too() -> None:
    asked = Asked(style_vector({}), 120.0)
    rows = encoding.features(SILENCE, first_index=3, meter=Meter(1, 16), asked=asked)
    assert rows.shape == (1, FEATURES)


@pytest.mark.parametrize(
    ("name", "column"), [("density", 133), ("syncopation", 135), ("intensity", 137)]
)
def test_a_rank_that_is_not_a_number_is_not_known(name: str, column: int) -> None:
    cases: list[dict[str, Any]] = [{name: rank} for rank in (0.75, 0.5, math.nan)]
    known, middle, unknown = (
        Asked(style_vector({}), 120.0, **ranks).columns(1)[0, column - 95 :][:2].tolist()
        for ranks in cases
    )
    assert (known, middle, unknown) == ([1.0, 0.25], [1.0, 0.0], [0.0, 0.0])


def test_nothing_asked_for_leaves_everything_to_the_drummer() -> None:
    assert not Asked(style_vector({}), 120.0).columns(3).any()


def test_flags_and_ranks_may_differ_from_step_to_step() -> None:
    fill = np.array([False, False, True])
    ranks = np.array([0.0, math.nan, 1.0], np.float32)
    columns = Asked(style_vector({}), 120.0, fill=fill, after_fill=~fill, density=ranks).columns(3)
    assert columns[:, 130 - 95].tolist() == [0.0, 0.0, 1.0]
    assert columns[:, 132 - 95].tolist() == [1.0, 1.0, 0.0]
    assert columns[:, 133 - 95 : 135 - 95].tolist() == [[1.0, -0.5], [0.0, 0.0], [1.0, 0.5]]


@pytest.mark.parametrize("name", PARENTS)
def test_a_sub_style_brings_its_genre_along(name: str) -> None:
    asked_for = {
        STYLES[index]: float(weight) for index, weight in enumerate(style_vector({name: 1.0}))
    }
    assert asked_for == dict.fromkeys(STYLES, 0.0) | {name: 1.0, PARENTS[name]: 1.0}


def test_a_morph_between_sub_styles_of_one_genre_stays_in_the_genre() -> None:
    vector = style_vector({"bossa": 0.25, "samba": 0.75})
    assert vector[STYLES.index("latin")] == 1.0
    assert vector[STYLES.index("samba")] == 0.75


def test_an_unknown_style_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"one of rock, latin.*bossa.*got 'polka'"):
        style_vector({"polka": 1.0})
