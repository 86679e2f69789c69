from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.training.dataset import read_dataset
from polyrhythmia_live.training.performance import Performance
from polyrhythmia_live.training.splice import BARS_AFTER, BARS_BEFORE, in_context
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
    assert spliced.features()[:, -1].tolist() == spliced.fills.tolist()


def test_a_fill_is_not_put_into_a_beat_of_another_genre_or_far_tempo(tmp_path: Path) -> None:
    for said in ({"fill_style": "jazz"}, {"fill_bpm": 180}):
        _, fill = in_context(takes(tmp_path, **said), 1.0, np.random.default_rng(0))
        assert fill.fill


def test_some_fills_stay_on_their_own(tmp_path: Path) -> None:
    heard = takes(tmp_path)
    assert in_context(heard, 0.0, np.random.default_rng(0)) == heard
