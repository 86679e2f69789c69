from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    MEMORY_BARS,
    RECALLED_WIDTH,
    STEP_WIDTH,
    SUCCESSORS,
    Floats,
    encode_steps,
    recalled,
    with_successors,
)
from polyrhythmia_live.drummer.lstm.past import BLOCK_STEPS, Past, recollect
from polyrhythmia_live.rhythm.meter import Meter

KEY_SIZE = 2
WIDTH = STEP_WIDTH + KEY_SIZE

steps = st.integers(0, HISTORY_STEPS + 3 * BLOCK_STEPS)
meters = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(7, 8), Meter(12, 8), Meter(5, 1)])


def numbered(count: int, first: int = 1) -> Floats:
    """Rows that can be told apart by what is in any of their columns."""
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, None], WIDTH, axis=1)


def played_on(past: Past, rows: Floats) -> Past:
    for row in rows:
        past = past.with_step(row)
    return past


def arrays_of(past: Past) -> list[Floats]:
    return [*past.blocks, past.begun]


# the past


@given(steps, steps)
@settings(max_examples=30, deadline=None)
def test_the_past_is_the_last_steps_and_silence_before_them(before: int, after: int) -> None:
    rows = numbered(before + after)
    past = played_on(Past.of(rows[:before], before), rows[before:])
    silence = np.zeros((HISTORY_STEPS, WIDTH), np.float32)
    assert np.array_equal(past.rows(), np.concatenate([silence, rows])[-HISTORY_STEPS:])
    assert past.heard_steps == min(before + after, HISTORY_STEPS)


def test_before_the_song_there_is_silence_of_which_nothing_was_heard() -> None:
    past = Past.silence(KEY_SIZE)
    assert past.rows().shape == (HISTORY_STEPS, WIDTH)
    assert not past.rows().any()
    assert past.heard_steps == 0


def test_no_more_steps_can_have_been_heard_than_there_are() -> None:
    assert Past.of(numbered(5), 9).heard_steps == 5


def test_steps_put_into_its_ears_do_not_count_as_heard() -> None:
    past = Past.of(numbered(HISTORY_STEPS), 0)
    assert past.heard_steps == 0
    assert played_on(past, numbered(3)).heard_steps == 3


def test_one_step_more_shares_all_whole_bars_with_the_step_before() -> None:
    past = Past.of(numbered(HISTORY_STEPS), HISTORY_STEPS)
    for row in numbered(3 * BLOCK_STEPS):
        later = past.with_step(row)
        shared = {id(block) for block in past.blocks}
        own = [array for array in arrays_of(later) if id(array) not in shared]
        assert len(own) <= 2
        assert sum(array.nbytes for array in own) <= BLOCK_STEPS * WIDTH * 4
        past = later


def test_a_state_is_not_changed_by_what_is_played_after_it() -> None:
    past = played_on(Past.silence(KEY_SIZE), numbered(BLOCK_STEPS - 1))
    before = past.rows()
    one, other = past.with_step(numbered(1, 7)[0]), past.with_step(numbered(1, 8)[0])
    assert np.array_equal(past.rows(), before)
    assert (one.rows()[-1, 0], other.rows()[-1, 0]) == (7, 8)


@pytest.mark.parametrize("count", [0, 5, BLOCK_STEPS, HISTORY_STEPS + 3])
def test_rows_that_states_share_cannot_be_written_to(count: int) -> None:
    past = played_on(Past.silence(KEY_SIZE), numbered(count))
    for array in arrays_of(past):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 9.0
    past.rows()[:] = 9.0
    assert not (past.rows() == 9.0).all()


@given(steps, st.integers(0, 40))
@settings(max_examples=30, deadline=None)
def test_without_its_last_steps_a_past_is_as_if_they_had_not_been_played(
    count: int, dropped: int
) -> None:
    dropped = min(dropped, count)
    rows = numbered(count)
    shorter = played_on(Past.silence(KEY_SIZE), rows).without_last(dropped)
    never = played_on(Past.silence(KEY_SIZE), rows[: count - dropped])
    assert np.array_equal(shorter.rows()[dropped:], never.rows()[dropped:])
    assert shorter.heard_steps == max(0, min(count, HISTORY_STEPS) - dropped)
    # Of a full past the oldest steps are gone for good, and are neither played nor heard.
    kept = HISTORY_STEPS - shorter.heard_steps
    assert not shorter.rows()[:kept].any()


def test_without_its_last_0_steps_a_past_is_itself() -> None:
    past = played_on(Past.silence(KEY_SIZE), numbered(20))
    assert past.without_last(0) is past


# what is remembered


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(3, 4), Meter(7, 8)], ids=str)
def test_the_same_step_of_earlier_bars_is_remembered_with_its_key_and_what_followed(
    meter: Meter,
) -> None:
    rows = numbered(HISTORY_STEPS)
    found = recollect(rows, HISTORY_STEPS, meter)
    bars = min(MEMORY_BARS, HISTORY_STEPS // meter.bar_steps)
    assert bars == MEMORY_BARS
    places = HISTORY_STEPS - meter.bar_steps * np.arange(1, bars + 1)
    assert np.array_equal(found.keys, rows[places, :KEY_SIZE])
    assert np.array_equal(found.recalled[:, :STEP_WIDTH], rows[places, :STEP_WIDTH])
    for after in range(1, 1 + SUCCESSORS):
        columns = slice(STEP_WIDTH + (after - 1) * LANES, STEP_WIDTH + after * LANES)
        assert np.array_equal(found.recalled[:, columns], rows[places + after, :LANES])
    assert found.played.tolist() == [1.0] * bars


@given(meters, st.integers(0, HISTORY_STEPS))
def test_only_bars_that_the_network_has_heard_are_played(meter: Meter, heard: int) -> None:
    found = recollect(numbered(HISTORY_STEPS), heard, meter)
    bars = min(heard // meter.bar_steps, MEMORY_BARS)
    assert found.played.tolist() == [1.0] * bars + [0.0] * (MEMORY_BARS - bars)


def test_long_bars_are_remembered_as_far_back_as_there_is_a_past() -> None:
    found = recollect(numbered(HISTORY_STEPS), HISTORY_STEPS, Meter(5, 1))
    bars = HISTORY_STEPS // 80
    assert found.played.sum() == bars
    assert found.recalled[:bars].all()
    assert not found.recalled[bars:].any()
    assert not found.keys[bars:].any()


def test_of_bars_longer_than_the_memory_nothing_is_remembered() -> None:
    found = recollect(numbered(HISTORY_STEPS), HISTORY_STEPS, Meter(64, 1))
    assert found.keys.shape == (MEMORY_BARS, KEY_SIZE)
    assert found.recalled.shape == (MEMORY_BARS, RECALLED_WIDTH)
    for array in (found.keys, found.recalled, found.played):
        assert not array.any()


def test_steps_that_have_not_followed_yet_are_silence() -> None:
    rows = np.ones((HISTORY_STEPS, WIDTH), np.float32)
    for bar_steps in range(1, SUCCESSORS + 2):
        found = recollect(rows, HISTORY_STEPS, Meter(bar_steps, 16))
        followers = found.recalled[0, STEP_WIDTH:].reshape(SUCCESSORS, LANES)
        assert followers.all(axis=1).sum() == followers.any(axis=1).sum() == bar_steps - 1


@given(meters, st.integers(1, 150), st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_the_live_drummer_and_training_remember_the_same(
    meter: Meter, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    loud = rng.integers(0, 128, (count, LANES)) * (rng.random((count, LANES)) < 0.3)
    played = encode_steps(loud, np.zeros_like(loud))
    at_once = with_successors(played)
    history = np.zeros((HISTORY_STEPS, STEP_WIDTH), np.float32)
    for step in range(count):
        live = recalled(history, meter)
        for bar in range(1, min(MEMORY_BARS, step // meter.bar_steps) + 1):
            assert np.array_equal(live[bar - 1], at_once[step - bar * meter.bar_steps])
        history = np.concatenate([history[1:], played[step, None]])
