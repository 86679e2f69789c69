from __future__ import annotations

import pytest

from polyrhythmia_live.judging.generation.vacuous import (
    DENSITY_L1_MARK,
    K_L1_MARK,
    SILENCE,
    rates,
)
from tests.judging.generation.doubles import ROCK, take


def test_the_corpus_is_at_no_distance_from_itself() -> None:
    corpus = rates([take(ROCK).struck[0]])
    assert corpus.distance(corpus) == (0, 0)


def test_pieces_count_by_their_steps() -> None:
    once, twice = take(ROCK).struck[0], take(ROCK, ROCK).struck.reshape(-1, 9)
    assert rates([once, twice]).lanes.tolist() == rates([once]).lanes.tolist()


def test_silence_passes_both_marks() -> None:
    density_l1, k_l1 = SILENCE.distance(rates([take(ROCK).struck[0]]))
    assert density_l1 == pytest.approx(12 / 16 / 9)
    assert k_l1 == pytest.approx((0.5 + 0.25 + 0.25) / 10)
    assert density_l1 < DENSITY_L1_MARK
    assert k_l1 < K_L1_MARK
