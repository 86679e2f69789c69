from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.training.data.features import asked_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.data.splice import BARS_AFTER, BARS_BEFORE, in_context
from tests.training.conftest import Onset, Take, rock, write_dataset

FILL: list[Onset] = [(step, 48, 90) for step in range(16)]
HIGH_TOM = 6


def takes(root: Path, *, fill_bpm: int = 120, fill_style: str = "rock") -> list[Performance]:
    fill = Take("fill", FILL, beat_type="fill", bpm=fill_bpm, style=fill_style)
    return list(read_dataset(write_dataset(root, [Take("beat", rock(20)), fill])).performances)


@pytest.mark.parametrize("seed", range(20))
def test_a_fill_takes_the_place_of_bars_of_a_beat(tmp_path: Path, seed: int) -> None:
    beat, spliced = in_context(takes(tmp_path), 1.0, np.random.default_rng(seed))
    assert beat.bars == 20
    assert not spliced.fill
    assert spliced.fills.sum() == 16
    assert (spliced.velocities[spliced.fills, HIGH_TOM] == 90).all()
    assert not spliced.velocities[~spliced.fills, HIGH_TOM].any()
    before = int(spliced.fills.argmax()) // 16
    assert 1 <= before <= BARS_BEFORE
    assert spliced.bars - before - 1 <= BARS_AFTER
    assert np.array_equal(asked_of(spliced).fill, spliced.fills)


def test_labels_go_with_their_bars(tmp_path: Path) -> None:
    beat, fill = takes(tmp_path)
    fill = replace(fill, density_ranks=np.full(16, 0.9, np.float32))
    beat = replace(
        beat,
        density_ranks=np.full(beat.steps, 0.4, np.float32),
        fill_like=np.ones(beat.steps, np.bool_),
    )
    _, spliced = in_context([beat, fill], 1.0, np.random.default_rng(0))
    assert np.array_equal(spliced.density_ranks > 0.5, spliced.fills)
    assert np.array_equal(spliced.fill_like, ~spliced.fills)


def test_a_fill_is_not_put_into_a_beat_of_another_genre_or_far_tempo(tmp_path: Path) -> None:
    for said in ({"fill_style": "jazz"}, {"fill_bpm": 180}):
        _, fill = in_context(takes(tmp_path, **said), 1.0, np.random.default_rng(0))
        assert fill.fill


def test_some_fills_stay_on_their_own(tmp_path: Path) -> None:
    heard = takes(tmp_path)
    assert in_context(heard, 0.0, np.random.default_rng(0)) == heard
