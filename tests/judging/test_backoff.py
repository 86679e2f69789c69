from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.judging.backoff import Backoff

OUTCOMES = 4
pairs = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, OUTCOMES - 1)), max_size=30
)


def learnt(rows: list[tuple[int, int, int]]) -> Backoff:
    counts = Backoff(OUTCOMES)
    table = np.array(rows, np.int64).reshape(-1, 3)
    counts.learn(table[:, :2], table[:, 2])
    return counts


def test_having_seen_nothing_everything_is_equally_likely() -> None:
    odds = Backoff(OUTCOMES).probabilities(np.array([[1, 2]]))
    assert odds[0] == pytest.approx([0.25] * 4)


def test_one_context_gives_witten_and_bells_formula() -> None:
    counts = Backoff(OUTCOMES)
    counts.learn(np.empty((3, 0), np.int64), np.array([0, 0, 1]))
    [odds] = counts.probabilities(np.empty((1, 0), np.int64))
    # N = 3 observations of T = 2 outcomes, backed off to the uniform quarter.
    assert odds == pytest.approx([2.5 / 5, 1.5 / 5, 0.5 / 5, 0.5 / 5])


def test_an_unknown_context_is_as_good_as_its_beginning() -> None:
    counts = learnt([(0, 0, 1), (0, 1, 1), (0, 1, 2)])
    odds = counts.probabilities(np.array([[0, 2]]))
    shorter = Backoff(OUTCOMES)
    shorter.learn(np.array([[0], [0], [0]]), np.array([1, 1, 2]))
    assert odds == pytest.approx(shorter.probabilities(np.array([[0]])))


@settings(deadline=None)
@given(pairs, st.integers(0, 3), st.integers(0, 3))
def test_the_odds_add_up_and_nothing_is_impossible(
    rows: list[tuple[int, int, int]], first: int, second: int
) -> None:
    odds = learnt(rows).probabilities(np.array([[first, second]]))
    assert odds.sum() == pytest.approx(1)
    assert (odds > 0).all()


@settings(deadline=None)
@given(pairs)
def test_the_order_of_learning_does_not_matter(rows: list[tuple[int, int, int]]) -> None:
    asked = np.array([[0, 1]])
    assert learnt(rows).probabilities(asked) == pytest.approx(
        learnt(rows[::-1]).probabilities(asked)
    )
