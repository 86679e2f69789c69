from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.drummer.lstm.encoding import HISTORY_STEPS, recalled
from polyrhythmia_live.training.data.features import features_of, past_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.data.windows import Window, cut, whole, windows

ALL_TOLD = {"genre": 1.0, "sub-style": 1.0}


@pytest.fixture
def takes(groove: Path) -> tuple[Performance, ...]:
    return read_dataset(groove).performances


def joined(pages: list[Window], name: str) -> np.ndarray:
    return np.concatenate([getattr(page, name) for page in pages], axis=1)


def test_every_step_of_every_take_is_heard_once(takes: tuple[Performance, ...]) -> None:
    pages = list(windows(whole(takes), tracks=2, window_steps=32))
    heard = joined(pages, "masks")[joined(pages, "weight") > 0]
    played = np.concatenate([take.masks for take in takes])
    assert sorted(heard) == sorted(played)


def test_pieces_cover_a_take_without_gap_or_overlap(takes: tuple[Performance, ...]) -> None:
    for seed in range(20):
        for take in takes:
            pieces = cut([take], 2, np.random.default_rng(seed), ALL_TOLD)
            steps = [step for piece in pieces for step in range(piece.start, piece.stop)]
            assert steps == list(range(take.steps))
            assert all(piece.start % take.meter.bar_steps == 0 for piece in pieces)
            assert all(0 < piece.steps <= 2 * take.meter.bar_steps for piece in pieces)


def test_a_piece_forgets_the_state_but_not_the_bars_before_it(
    takes: tuple[Performance, ...],
) -> None:
    take = takes[0]
    pieces = cut([take], 2, np.random.default_rng(0), ALL_TOLD)
    [page] = windows(pieces, tracks=1, window_steps=take.steps)
    assert np.flatnonzero(page.keep[0] == 0).tolist() == [piece.start for piece in pieces]
    assert (page.features[0] == features_of(take)).all()


def test_windows_follow_each_other_on_a_track(takes: tuple[Performance, ...]) -> None:
    one = list(windows(whole(takes[:1]), tracks=1, window_steps=96))
    many = list(windows(whole(takes[:1]), tracks=1, window_steps=32))
    assert (joined(one, "features") == joined(many, "features")).all()
    assert all(page.masks.shape == (1, 32) for page in many)


def test_bins_stand_where_the_hits_are(takes: tuple[Performance, ...]) -> None:
    [page] = windows(whole(takes[:1]), tracks=1, window_steps=takes[0].steps)
    kick_on_one = (0, 16, 0)
    assert page.velocity[kick_on_one] == (100 - 1) // 4
    assert page.microtiming[kick_on_one] == 16


def test_the_same_seed_gives_the_same_order_and_another_one_another(
    takes: tuple[Performance, ...],
) -> None:
    def order(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        pieces = cut(takes, 1, rng, {"genre": 0.5})
        pages = windows(pieces, tracks=2, window_steps=16, rng=rng)
        return joined(list(pages), "features")

    assert (order(1) == order(1)).all()
    assert any(order(1).shape != order(s).shape or (order(1) != order(s)).any() for s in (2, 3))


def test_a_window_recalls_what_the_live_drummer_recalls(
    takes: tuple[Performance, ...],
) -> None:
    take = takes[0]
    pages = list(windows(whole([take]), tracks=1, window_steps=32))
    past, bar = past_of(take), take.meter.bar_steps
    for number, page in enumerate(pages):
        for step in np.flatnonzero(page.weight[0]):
            age = 32 * number + step
            assert (page.age[0, step], page.bar_steps[0, step]) == (age, bar)
            live = recalled(past[age : age + HISTORY_STEPS], take.meter)
            for bars in range(1, 1 + age // bar):
                assert (page.rows[0, HISTORY_STEPS + step - bars * bar] == live[bars - 1]).all()


def test_a_network_is_told_each_label_for_its_share_of_the_pieces(
    takes: tuple[Performance, ...],
) -> None:
    rng = np.random.default_rng(1)
    pieces = [piece for _ in range(200) for piece in cut(takes[:1], 6, rng, {"genre": 0.8})]
    share = np.mean(["genre" in piece.known for piece in pieces])
    assert share == pytest.approx(0.8, abs=0.08)
    assert not any("density" in piece.known for piece in pieces)
