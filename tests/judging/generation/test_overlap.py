from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.judging.generation import overlap
from polyrhythmia_live.judging.generation.estimate import ROUNDS, resampled
from polyrhythmia_live.judging.generation.overlap import Sample, likeness, sample


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(
    centre: float, *, files: int = 10, each: int = 20, seed: int = 0, wide: float = 1
) -> Sample:
    """Phrases of several files around a centre."""
    rng = chance(seed)
    vectors = rng.normal(centre, wide, (files * each, 2))
    return sample(vectors, np.repeat(np.arange(files), each), resampled(files, rng))


def test_players_whom_nobody_can_tell_apart_overlap_wholly() -> None:
    found = likeness(drawn(0.0), drawn(0.0, seed=1), chance())
    assert found.overlap[0] > 0.95
    assert found.kl[0] < 0.02


def test_the_further_off_the_less_overlap_and_the_more_divergence() -> None:
    found = [likeness(drawn(0.0), drawn(off, seed=1), chance()) for off in (0.0, 1.0, 3.0, 20.0)]
    areas = [float(one.overlap[0]) for one in found]
    divergences = [float(one.kl[0]) for one in found]
    assert areas == sorted(areas, reverse=True)
    assert divergences == sorted(divergences)
    assert areas[-1] < 0.01


def test_a_player_who_always_plays_the_average_is_found_out() -> None:
    everyone = drawn(0.0)
    average = drawn(0.0, seed=1, wide=0.01)
    assert likeness(everyone, average, chance()).overlap[0] < 0.85


def test_phrases_of_one_file_are_not_compared_with_each_other() -> None:
    rng = chance()
    loops = np.repeat(rng.normal(0, 1, (12, 2)), 5, axis=0)
    people = sample(loops, np.repeat(np.arange(12), 5), resampled(12, rng))
    found = likeness(people, drawn(0.0, files=60, each=1, seed=2), chance())
    assert found.overlap[0] > 0.85


def test_a_genre_of_one_file_has_no_figure() -> None:
    found = likeness(drawn(0.0, files=1), drawn(0.0), chance())
    assert np.isnan(found.overlap).all()
    assert np.isnan(found.kl).all()


def test_a_genre_that_nobody_plays_has_no_figure() -> None:
    nobody = sample(np.empty((0, 2)), np.empty(0, np.intp), resampled(0, chance()))
    assert np.isnan(likeness(drawn(0.0), nobody, chance()).overlap).all()
    assert np.isnan(likeness(nobody, drawn(0.0), chance()).overlap).all()


def test_phrases_without_the_feature_are_left_out() -> None:
    whole = drawn(0.0)
    vectors = np.concatenate([whole.vectors, [[np.nan, 1.0]]])
    found = sample(vectors, np.append(whole.recordings, 0), whole.weights)
    np.testing.assert_array_equal(found.vectors, whole.vectors)


def test_files_that_are_all_the_same_overlap_wholly_with_more_of_the_same() -> None:
    same = sample(np.ones((6, 1)), np.arange(6), resampled(6, chance()))
    found = likeness(same, same, chance())
    assert found.overlap[0] == pytest.approx(1)
    assert found.kl[0] == pytest.approx(0)


def test_some_of_the_pairs_tell_nearly_as_much_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    people, drummer = drawn(0.0), drawn(0.7, seed=1)
    whole = likeness(people, drummer, chance())
    monkeypatch.setattr(overlap, "PAIRS", 4000)
    capped = likeness(people, drummer, chance())
    assert capped.overlap[0] == pytest.approx(whole.overlap[0], abs=0.03)


def test_few_files_give_a_wider_interval_than_many() -> None:
    widths = []
    for files in (4, 40):
        people = drawn(0.0, files=files, each=80 // files)
        values = likeness(people, drawn(0.5, seed=1), chance()).overlap[1:]
        widths.append(np.subtract(*np.nanpercentile(values, [97.5, 2.5])))
    assert widths[0] > widths[1]


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 5), st.integers(0, 100))
def test_an_area_is_a_share_and_a_divergence_is_not_negative(
    off: float, wide: float, seed: int
) -> None:
    people = drawn(0.0, files=4, each=4)
    found = likeness(people, drawn(off, wide=wide, files=4, each=4, seed=seed), chance())
    assert len(found.overlap) == 1 + ROUNDS
    known = np.isfinite(found.overlap)
    assert ((found.overlap[known] >= 0) & (found.overlap[known] <= 1 + 1e-9)).all()
    assert (found.kl[known] >= -1e-9).all()
