from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.training.data.references import LEAST_BARS, POINTS, References, tables_of

steps_of_sixteen = st.lists(st.integers(0, 60).map(lambda hits: hits / 16), min_size=1)


def references(**genres: list[float]) -> References:
    return References({"density": tables_of({g: np.array(v) for g, v in genres.items()})})


def test_the_middle_bar_is_in_the_middle() -> None:
    known = references(rock=[float(hits) for hits in range(101)])
    assert known.rank("density", "rock", [0, 50, 100]).tolist() == [0, 0.5, 1]
    assert known.rank("density", "rock", [-3, 25, 1000]).tolist() == [0, 0.25, 1]


def test_equal_bars_count_half() -> None:
    known = references(rock=[0.0] * 60 + [1.0] * 40)
    assert known.rank("density", "rock", [0, 1]) == pytest.approx([0.3, 0.8], abs=1 / POINTS)


def test_a_genre_with_few_bars_is_ranked_among_all() -> None:
    known = references(rock=[1.0] * 100, gospel=[9.0] * (LEAST_BARS - 1))
    assert known.rank("density", "gospel", 1.0) == known.rank("density", "", 1.0)
    assert known.rank("density", "gospel", 1.0) != known.rank("density", "rock", 1.0)
    assert known.rank("density", "polka", 9.0) == known.rank("density", "", 9.0)


def test_a_value_that_is_not_known_has_no_rank() -> None:
    known = references(rock=[1.0, 2.0, np.nan] * 40)
    assert np.isnan(known.rank("density", "rock", np.nan))
    assert np.isnan(references().rank("density", "rock", 1.0))
    assert np.isnan(references().value("density", "rock", 0.5))


def test_a_knob_in_hits_becomes_a_rank_and_back() -> None:
    known = references(rock=list(np.linspace(0.1, 0.9, 200)))
    rank = float(known.rank("density", "rock", 0.37))
    assert known.value("density", "rock", rank) == pytest.approx(0.37, abs=1e-5)


def test_a_card_carries_the_tables() -> None:
    known = references(rock=[n / 7 for n in range(100)])
    assert References.from_dict(json.loads(json.dumps(known.as_dict()))) == known


@pytest.mark.parametrize("table", [[1, 2, 3], [*range(20), 0], [float("nan")] * 21])
def test_a_table_of_the_wrong_shape_is_refused(table: list[float]) -> None:
    with pytest.raises(ValueError, match="21 ascending numbers"):
        References.from_dict({"density": {"": table}})


@given(steps_of_sixteen, st.lists(st.floats(-1, 5), min_size=2))
def test_more_never_ranks_lower(bars: list[float], asked: list[float]) -> None:
    ranks = references(rock=bars).rank("density", "rock", sorted(asked))
    assert ((ranks >= 0) & (ranks <= 1)).all()
    assert (np.diff(ranks) >= 0).all()


@given(steps_of_sixteen, st.floats(0, 1))
def test_a_rank_turned_into_a_value_stays_near(bars: list[float], rank: float) -> None:
    known = references(rock=bars)
    value = known.value("density", "rock", rank)
    assert min(bars) - 1e-6 <= value <= max(bars) + 1e-6
    assert known.value("density", "rock", float(known.rank("density", "rock", value))) == (
        pytest.approx(value, abs=1e-4)
    )
