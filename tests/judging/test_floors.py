from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm.encoding import MASKS
from polyrhythmia_live.judging.floors import (
    BEFORE_THE_START,
    CACHE,
    CACHED,
    COUNTED,
    REPEAT,
    Predictor,
    contexts,
    floors,
    repeat_last_bar,
)
from tests.judging.listeners import BACKBEAT, take

OTHER_BAR = [9, 0, 2, 0] * 4


@pytest.fixture(scope="module")
def learnt() -> dict[str, Predictor]:
    return floors([take(BACKBEAT * 3), take(OTHER_BAR * 2)])


def test_there_is_a_floor_for_every_table_and_for_the_loop(learnt: dict[str, Predictor]) -> None:
    assert list(learnt) == [*COUNTED, *CACHED, REPEAT]


def test_a_step_looks_at_its_position_the_last_two_and_the_last_two_bars() -> None:
    performance = take(list(range(48)))
    assert contexts(performance)[37].tolist() == [5, 36, 35, 21, 5]
    assert contexts(performance)[0].tolist() == [0, *[BEFORE_THE_START] * 4]


def test_the_last_bar_again_begins_with_a_bar_of_silence() -> None:
    odds = repeat_last_bar(take(BACKBEAT + OTHER_BAR))
    assert odds.argmax(axis=1).tolist() == [0] * 16 + BACKBEAT
    assert odds.max(axis=1).tolist() == [1.0] * 32


def test_more_to_look_at_tells_more_about_what_was_learnt(learnt: dict[str, Predictor]) -> None:
    performance = take(BACKBEAT * 3)
    rows = np.arange(performance.steps)
    nats = {
        name: -np.log(learnt[name](performance)[rows, performance.masks]).mean() for name in COUNTED
    }
    assert nats["unigram"] > nats["position"] > nats["position, bar -1"]


def test_a_cache_learns_a_bar_it_never_heard_in_training(learnt: dict[str, Predictor]) -> None:
    strange = [300] * 16
    odds = learnt[CACHE](take(strange * 4))[:, 300]
    first, second, third, fourth = odds.reshape(4, 16).mean(axis=1)
    assert first < 0.01
    # After once half of the half, after twice two thirds of it, after three times three quarters.
    assert [second, third, fourth] == pytest.approx([1 / 4, 1 / 3, 3 / 8], abs=0.01)


def test_all_odds_add_up(learnt: dict[str, Predictor]) -> None:
    performance = take(BACKBEAT + [511] * 16)
    for name, predictor in learnt.items():
        odds = predictor(performance)
        assert odds.shape == (32, MASKS)
        assert odds.sum(axis=1) == pytest.approx(np.ones(32)), name


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 5), min_size=48, max_size=48),
    st.lists(st.integers(0, 5), min_size=48, max_size=48),
    st.integers(0, 47),
)
def test_no_floor_looks_ahead(
    learnt: dict[str, Predictor], one: list[int], other: list[int], shared: int
) -> None:
    for name, predictor in learnt.items():
        there = predictor(take(one))
        elsewhere = predictor(take(one[:shared] + other[shared:]))
        assert (there[: shared + 1] == elsewhere[: shared + 1]).all(), name
