from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.judging.generation import features
from polyrhythmia_live.judging.generation.features import FEATURES
from polyrhythmia_live.judging.generation.phrases import cut
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.rhythm.bar import Hit
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data import measures
from tests.judging.generation.doubles import HAT, JAZZ, KICK, ROCK, SILENCE, SNARE, take


def first(name: str, *bars: Steps) -> list[float]:
    vector: list[float] = FEATURES[name](cut([take(*bars)]))[0].tolist()
    return vector


def bar(*hits: tuple[int, Hit]) -> Steps:
    return tuple(tuple(hit for place, hit in hits if place == step) for step in range(16))


def test_density_is_hits_per_step_of_each_lane() -> None:
    density = first("density", ROCK, SILENCE)
    assert density[:3] == [2 / 32, 2 / 32, 8 / 32]
    assert sum(density[3:]) == 0


def test_polyphony_is_how_many_lanes_are_struck_together() -> None:
    assert first("polyphony", ROCK, ROCK)[:4] == [0.5, 0.25, 0.25, 0]


def test_gaps_are_counted_from_onset_to_onset_whatever_the_lane() -> None:
    assert first("inter-onset", ROCK, ROCK) == [0, 1, 0, 0, 0, 0, 0, 0]
    sparse = bar((0, Hit(KICK, 1)), (3, Hit(SNARE, 1)))
    assert first("inter-onset", sparse, sparse) == pytest.approx([0, 0, 2 / 3, 0, 0, 0, 0, 1 / 3])


def test_swing_is_where_the_offbeat_eighth_stands_in_its_beat() -> None:
    assert first("swing", ROCK, ROCK) == [0.5]
    assert first("swing", JAZZ, JAZZ) == pytest.approx([2 / 3])


def test_sixteenths_and_other_drums_say_nothing_of_swing() -> None:
    sixteenths = tuple((Hit(HAT, 60),) for _ in range(16))
    snare = bar((2, Hit(SNARE, 60)))
    assert np.isnan(first("swing", sixteenths, sixteenths)).all()
    assert np.isnan(first("swing", snare, snare)).all()


def test_loudness_is_a_histogram_of_the_hits() -> None:
    assert first("velocity", bar((0, Hit(KICK, 1)), (1, Hit(KICK, 127))), SILENCE) == [
        0.5, 0, 0, 0, 0, 0, 0, 0.5,
    ]  # fmt: skip


def test_a_repeated_bar_is_one_and_a_changed_one_is_less() -> None:
    assert first("bar-to-bar F1", ROCK, ROCK) == [1.0]
    assert first("bar-to-bar F1", ROCK, SILENCE) == [0.0]


def test_syncopation_of_a_phrase_is_that_of_its_bars_and_of_no_neighbour() -> None:
    pushed = bar((3, Hit(SNARE, 90)), (14, Hit(KICK, 90)))
    alone = first("syncopation", pushed, ROCK)
    beside = FEATURES["syncopation"](cut([take(pushed, ROCK, SILENCE, pushed)]))[0].tolist()
    velocities = take(pushed, ROCK).velocities.reshape(-1, 9)
    assert alone == beside == [measures.syncopation(velocities, Meter()).mean()]
    assert alone[0] > first("syncopation", ROCK, ROCK)[0]


def test_silence_has_no_gaps_no_loudness_and_no_likeness_of_bars() -> None:
    nothing = {name for name in FEATURES if np.isnan(first(name, SILENCE, SILENCE)).any()}
    assert nothing == {"inter-onset", "swing", "velocity", "bar-to-bar F1"}


lanes = st.lists(st.integers(0, 8), max_size=3, unique=True)
velocities = st.integers(1, 127)
steps = st.builds(
    lambda struck, loud: tuple(Hit(lane, loud) for lane in sorted(struck)), lanes, velocities
)
bars = st.lists(steps, min_size=16, max_size=16).map(tuple)


@settings(max_examples=30, deadline=None)
@given(bars, bars)
def test_shares_add_up_to_one(one: Steps, two: Steps) -> None:
    for name in ("polyphony", "inter-onset", "velocity"):
        vector = first(name, one, two)
        assert np.isnan(vector).all() or sum(vector) == pytest.approx(1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(bars, bars), min_size=1, max_size=4))
def test_every_feature_is_a_vector_per_phrase_whatever_the_other_phrases(
    pairs: list[tuple[Steps, Steps]],
) -> None:
    together = cut([take(*pair) for pair in pairs])
    for feature in FEATURES.values():
        alone = np.concatenate([feature(cut([take(*pair)])) for pair in pairs])
        np.testing.assert_array_equal(feature(together), alone)
    assert features.density(together).shape == (len(pairs), 9)
