from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.brain.phrase import Figure, Kind, Phrase
from polyrhythmia_live.drummer.lstm.encoding import FEATURES, LANES
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.training.data.features import asked_of, features_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset


def test_a_genre_may_be_kept_from_the_network(groove: Path) -> None:
    take = read_dataset(groove).performances[0]
    known, unknown = features_of(take), features_of(take, known=())
    assert known.shape == unknown.shape == (take.steps, FEATURES)
    assert (known != unknown).any(axis=0).sum() == 1
    assert np.flatnonzero(asked_of(take).styles).tolist() == [STYLES.index("rock")]
    assert not asked_of(take, known=()).styles.any()


def test_the_bars_around_a_fill_know_of_it(groove: Path) -> None:
    beat = read_dataset(groove).performances[0]
    bars = np.arange(beat.steps) // 16
    asked = asked_of(replace(beat, fills=bars == 2))
    assert np.array_equal(asked.fill_soon, bars == 1)
    assert np.array_equal(asked.after_fill, bars == 3)


@given(fill_bars=st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_fill_is_near_in_training_where_it_is_near_live(fill_bars: list[bool]) -> None:
    """In bars that are no fill themselves: a recording does not say where in a run one ends."""
    meter = Meter(7, 8)
    bar = meter.bar_steps
    played = np.repeat(fill_bars, bar)
    grid = np.zeros((len(played), LANES), np.int16)
    asked = asked_of(Performance("", "", "rock", "rock", 120.0, meter, played, grid, grid, grid))
    fills = tuple(
        Figure(Kind.FILL, bar * at, bar * (at + 1)) for at, fill in enumerate(fill_bars) if fill
    )
    phrase = Phrase(MeterMap.of(meter), fills)
    fill, soon, after = map(np.asarray, (asked.fill, asked.fill_soon, asked.after_fill))
    for step in range(len(played)):
        assert fill[step] == phrase.is_fill(step)
        if not phrase.is_fill(step):
            assert soon[step] == phrase.is_fill_soon(step)
            assert after[step] == phrase.is_after_fill(step)
