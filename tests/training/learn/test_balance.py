from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.windows import Piece, whole
from polyrhythmia_live.training.learn.balance import balanced, drawn, heard_in_epoch
from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters

BAR = Meter().bar_steps


def take(genre: str, bars: int) -> Performance:
    blank = np.zeros((bars * BAR, LANES), np.int16)
    return Performance(
        name=f"{genre}-{bars}",
        split="train",
        genre=genre,
        style=genre,
        tempo_bpm=120.0,
        meter=Meter(),
        fills=np.zeros(len(blank), np.bool_),
        velocities=blank,
        microtimings_ticks=blank,
        articulations=blank,
    )


def steps_of(pieces: list[Piece]) -> Counter[str]:
    count: Counter[str] = Counter()
    for piece in pieces:
        count[piece.performance.genre] += piece.steps
    return count


collections = st.lists(
    st.builds(take, st.sampled_from(["rock", "jazz", "gospel"]), st.integers(1, 40)),
    min_size=1,
    max_size=20,
).map(whole)


@given(collections, st.integers(0, 99))
def test_without_balance_all_is_heard_once(pieces: list[Piece], seed: int) -> None:
    heard = balanced(pieces, 0.0, np.random.default_rng(seed))
    assert Counter(map(id, heard)) == Counter(map(id, pieces))


@given(collections, st.floats(0.0, 1.0), st.integers(0, 99))
def test_an_epoch_stays_about_as_long(pieces: list[Piece], balance: float, seed: int) -> None:
    heard = balanced(pieces, balance, np.random.default_rng(seed))
    there, now = steps_of(pieces), steps_of(heard)
    longest = max(piece.steps for piece in pieces)
    assert abs(now.total() - there.total()) <= len(there) * (longest / 2 + 1)


def test_a_genre_is_heard_by_the_square_root_of_its_bars() -> None:
    pieces = whole([take("rock", 4)] * 225 + [take("jazz", 4)] * 100 + [take("gospel", 4)] * 4)
    heard = steps_of(balanced(pieces, 1.0, np.random.default_rng(1)))
    unit = heard.total() / (15 + 10 + 2)
    assert heard["rock"] == pytest.approx(15 * unit, rel=0.03)
    assert heard["jazz"] == pytest.approx(10 * unit, rel=0.03)
    assert heard["gospel"] == pytest.approx(2 * unit, rel=0.05)


def test_a_rare_genre_is_repeated_evenly_and_a_common_one_differs_by_epoch() -> None:
    rock, gospel = [take("rock", 4) for _ in range(100)], [take("gospel", 4) for _ in range(3)]
    pieces = whole([*rock, *gospel])
    epochs = [balanced(pieces, 1.0, np.random.default_rng(seed)) for seed in (1, 2)]
    for heard in epochs:
        repeats = Counter(id(p.performance) for p in heard if p.performance.genre == "gospel")
        assert len(repeats) == 3
        assert max(repeats.values()) - min(repeats.values()) <= 1
    rocked = [{id(p) for p in heard if p.performance.genre == "rock"} for heard in epochs]
    assert rocked[0] != rocked[1]


@given(collections, st.integers(0, 5000), st.integers(0, 99))
def test_a_draw_is_off_by_half_a_piece_at_most(pieces: list[Piece], steps: int, seed: int) -> None:
    chosen = drawn(pieces, steps, np.random.default_rng(seed))
    longest = max(piece.steps for piece in pieces)
    assert abs(sum(piece.steps for piece in chosen) - steps) <= longest / 2
    counted = Counter(map(id, chosen))
    times = [counted[id(piece)] for piece in pieces]
    assert max(times) - min(times) <= 1


def test_nothing_can_be_drawn_from_nothing() -> None:
    assert drawn([], 100, np.random.default_rng(1)) == []


def test_as_much_again_is_heard_of_the_base_recordings() -> None:
    own, base = [take("rock", 8)] * 5, [take("jazz", 4)] * 300
    hyper = Hyperparameters(balance=0.0, piece_bars=4)
    heard = steps_of(heard_in_epoch(own, base, hyper, np.random.default_rng(1)))
    assert heard["rock"] == 40 * BAR
    assert abs(heard["jazz"] - heard["rock"]) <= 2 * BAR


def test_a_balance_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match=r"balance must be in 0\.\.1, got 2"):
        balanced([], 2.0, np.random.default_rng(1))
