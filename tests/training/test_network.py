"""The unrolled network that is trained is the one step that runs live.

TensorFlow takes seconds to import, so it is imported in the tests and not while they are collected.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.encoding import FEATURES, LANES, MASK_LANES, MASKS
from polyrhythmia_live.rhythm.kit import DRUM_LANES

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]

BATCH, STEPS = 3, 12


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    from polyrhythmia_live.training.network import NetworkConfig, build_network

    keras.utils.set_random_seed(3)
    return build_network(NetworkConfig(layers=2, units=8, detail_units=6))


@pytest.fixture
def heard() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(BATCH, STEPS, FEATURES)).astype(np.float32)


def step_by_step(network: Any, features: np.ndarray, state: np.ndarray) -> np.ndarray:
    tops = []
    for row in features:
        said = network.step([row[None], state])
        state = said["next_state"].numpy()
        tops.append(said["top"].numpy()[0])
    return np.array(tops)


def test_what_is_trained_over_time_is_what_runs_step_by_step(
    network: Any, heard: np.ndarray
) -> None:
    from polyrhythmia_live.training.network import unroll

    state = np.random.default_rng(1).normal(size=(BATCH, network.config.state_size))
    state = state.astype(np.float32)
    tops, _ = unroll(network, heard, np.ones((BATCH, STEPS), np.float32), state)
    for row in range(BATCH):
        alone = step_by_step(network, heard[row], state[row : row + 1])
        assert np.abs(tops[row] - alone).max() < 1e-5


def test_the_state_after_one_window_goes_on_in_the_next(network: Any, heard: np.ndarray) -> None:
    from polyrhythmia_live.training.network import unroll

    keep = np.ones((BATCH, STEPS), np.float32)
    state = np.zeros((BATCH, network.config.state_size), np.float32)
    at_once, end = unroll(network, heard, keep, state)
    first, state = unroll(network, heard[:, :5], keep[:, :5], state)
    second, state = unroll(network, heard[:, 5:], keep[:, 5:], state)
    assert np.abs(np.concatenate([first, second], axis=1) - at_once).max() < 1e-6
    assert np.abs(state - end).max() < 1e-6


def test_a_new_piece_begins_from_nothing(network: Any, heard: np.ndarray) -> None:
    from polyrhythmia_live.training.network import unroll

    zero = np.zeros((BATCH, network.config.state_size), np.float32)
    keep = np.ones((BATCH, STEPS), np.float32)
    fresh, _ = unroll(network, heard[:, 7:], keep[:, 7:], zero)
    keep[:, 7] = 0
    both, _ = unroll(network, heard, keep, zero)
    assert np.abs(both[:, 7:] - fresh).max() < 1e-6


def test_details_for_many_are_the_details_for_one(network: Any) -> None:
    from polyrhythmia_live.training.network import apply_details

    rng = np.random.default_rng(2)
    tops = rng.normal(size=(BATCH, network.config.units)).astype(np.float32)
    masks = MASK_LANES[rng.integers(0, MASKS, BATCH)]
    many = apply_details(network, tops, masks)
    for row in range(BATCH):
        one = network.details([tops[row : row + 1], masks[row : row + 1]])
        for name, logits in one.items():
            assert np.abs(many[name][row] - logits[0]).max() < 1e-5


def test_a_lane_is_never_struck_in_a_way_it_has_not(network: Any) -> None:
    said = network.details([np.ones((1, 8), np.float32), np.ones((1, LANES), np.float32)])
    chances = np.exp(said["articulation"].numpy()[0])
    for lane, logits in zip(DRUM_LANES, chances, strict=True):
        assert (logits[: len(lane.articulations)] > 0).all()
        assert (logits[len(lane.articulations) :] == 0).all()
