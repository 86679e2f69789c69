"""The unrolled network that is trained is the one step that runs live.

TensorFlow takes seconds to import, so it is imported in the tests and not while they are collected.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    LISTENERS,
    MASK_LANES,
    MASKS,
    MEMORY_BARS,
    RECALLED_WIDTH,
    Floats,
)
from polyrhythmia_live.drummer.lstm.past import recollect
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.training.data.features import features_of, past_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.data.windows import whole, windows

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]

TRACKS, WINDOW_STEPS = 3, 32


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    keras.utils.set_random_seed(3)
    config = NetworkConfig(layers=2, units=8, key_units=4, mixed_units=7, detail_units=6)
    return build_network(config)


@pytest.fixture
def takes(groove: Path) -> tuple[Performance, ...]:
    return read_dataset(groove).performances


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products in float32, as they are live; training's are in bfloat16."""
    import tensorflow as tf

    from polyrhythmia_live.training.learn import network, recurrence

    for module in (network, recurrence):
        monkeypatch.setattr(module, "product", lambda flow, kernel: tf.tensordot(flow, kernel, 1))


def unrolled(network: Any, takes: tuple[Performance, ...], steps: int) -> list[tuple[Any, ...]]:
    """Log-probabilities, masks and weights of whole takes on three tracks, in windows."""
    from polyrhythmia_live.training.learn.network import mixture
    from polyrhythmia_live.training.learn.objective import expect, nothing_carried, tensors

    carried = nothing_carried(network.config, TRACKS)
    heard = []
    for window in windows(whole(takes), tracks=TRACKS, window_steps=steps):
        said, carried = expect(network, tensors(window), carried)
        odds = mixture(said.logits, said.shares, said.attention, said.recalled).numpy()
        heard.append((odds.reshape(TRACKS, steps, MASKS), window.masks, window.weight))
    return heard


def step_by_step(network: Any, take: Performance) -> Floats:
    """Log-probabilities of a take as the live drummer gets them, (steps, 512)."""
    past, config = past_of(take), network.config
    rows = np.hstack([past, np.zeros((len(past), config.key_size), np.float32)])
    states = np.zeros((LISTENERS, config.state_size), np.float32)
    odds = []
    for step, features in enumerate(features_of(take)):
        memory = recollect(rows[step : step + HISTORY_STEPS], step, take.meter)
        shared = (memory.keys, memory.recalled, memory.played, np.zeros(1, np.float32))
        of_all = [np.stack([part] * LISTENERS) for part in (features, *shared)]
        said = network.step([of_all[0], states, *of_all[1:]])
        states = said["next_state"].numpy()
        rows[step + HISTORY_STEPS, past.shape[1] :] = said["key"].numpy()[0]
        odds.append(said["logits"].numpy()[0])
    return np.array(odds)


@pytest.mark.usefixtures("exact")
def test_training_in_windows_and_running_step_by_step_agree(
    network: Any, takes: tuple[Performance, ...]
) -> None:
    for take in takes:
        heard = unrolled(network, (take,), WINDOW_STEPS)
        tracks = np.concatenate([odds for odds, _, _ in heard], axis=1)
        weights = np.concatenate([weight for _, _, weight in heard], axis=1)
        [track] = np.flatnonzero(weights.any(axis=1))
        together = tracks[track][weights[track] > 0]
        assert np.abs(together - step_by_step(network, take)).max() < 1e-4


@pytest.mark.usefixtures("exact")
def test_the_length_of_the_windows_does_not_matter(
    network: Any, takes: tuple[Performance, ...]
) -> None:
    short, long = (
        np.concatenate([odds for odds, _, _ in unrolled(network, takes, steps)], axis=1)
        for steps in (16, 96)
    )
    steps = min(short.shape[1], long.shape[1])
    assert np.abs(short[:, :steps] - long[:, :steps]).max() < 1e-4


def test_the_odds_of_what_was_played_are_those_of_the_whole_mixture(
    network: Any, takes: tuple[Performance, ...]
) -> None:
    from polyrhythmia_live.training.learn.network import mixture
    from polyrhythmia_live.training.learn.objective import expect, nats_of, nothing_carried, tensors

    [window] = windows(whole(takes[:1]), tracks=1, window_steps=takes[0].steps)
    said, _ = expect(network, tensors(window), nothing_carried(network.config, 1))
    odds = mixture(said.logits, said.shares, said.attention, said.recalled).numpy()
    masks = window.masks.reshape(-1)
    assert np.exp(odds).sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert nats_of(said, masks).numpy() == pytest.approx(
        -odds[np.arange(len(masks)), masks], abs=1e-4
    )


def test_without_an_earlier_bar_nothing_is_copied_and_a_later_one_can_be(network: Any) -> None:
    from polyrhythmia_live.training.learn.network import gates

    hidden = np.ones((2, network.config.units), np.float32)
    keys = np.ones((2, MEMORY_BARS, network.config.key_size), np.float32)
    played = np.zeros((2, MEMORY_BARS), np.float32)
    played[1, :3] = 1
    attention = network.layers.attention(hidden, keys, played)
    shares = gates(network.layers, hidden, attention, played, np.zeros((1, 1), np.float32)).numpy()
    assert attention.numpy().sum(axis=2) == pytest.approx(
        np.array([[0.0] * 4, [1.0] * 4]), abs=1e-6
    )
    assert shares[0] == pytest.approx([1, 0, 0, 0, 0], abs=1e-6)
    assert (shares[1] > 0.01).all()
    steadier = gates(network.layers, hidden, attention, played, np.full((1, 1), 2, np.float32))
    assert (steadier.numpy()[1, 1:] > shares[1, 1:]).all()


def test_the_written_gradient_is_the_one_that_tensorflow_derives() -> None:
    import tensorflow as tf

    from polyrhythmia_live.training.learn.recurrence import recur

    rng = np.random.default_rng(4)
    time, batch, units = 9, 3, 5
    shapes = ((time, batch, 4 * units), (batch, units), (batch, units), (units, 4 * units))
    driven, hidden, carry, recurrent = (
        tf.constant(rng.normal(size=shape).astype(np.float32)) for shape in shapes
    )
    keep = np.ones((time, batch, 1), np.float32)
    keep[4, 1] = 0

    def plain(driven: Any, hidden: Any, carry: Any, recurrent: Any) -> Any:
        outputs = []
        for at in range(time):
            opened = driven[at] + tf.matmul(hidden * keep[at], recurrent)
            update, forget, candidate, output = tf.split(opened, 4, axis=1)
            carry = tf.sigmoid(forget) * carry * keep[at] + tf.sigmoid(update) * tf.tanh(candidate)
            hidden = tf.sigmoid(output) * tf.tanh(carry)
            outputs.append(hidden)
        return tf.stack(outputs), hidden, carry

    given = (driven, hidden, carry, recurrent)

    def gradients_through(layer: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            outputs, last, carried = layer(*given)
            loss = tf.reduce_sum(outputs**2) + tf.reduce_sum(last * carried)
        return [loss, *tape.gradient(loss, given)]

    through = tf.function(gradients_through)  # as training runs: XLA's loops want a graph
    gradients = [through(plain), through(lambda d, h, c, r: recur(d, tf.constant(keep), h, c, r))]
    for derived, written in zip(*gradients, strict=True):
        scale = float(tf.reduce_max(tf.abs(derived)))
        assert float(tf.reduce_max(tf.abs(derived - written))) < 0.01 * scale


def test_details_for_many_are_the_details_for_one(network: Any) -> None:
    from polyrhythmia_live.training.learn.network import say_details

    rng = np.random.default_rng(2)
    tops = rng.normal(size=(TRACKS, network.config.top_size)).astype(np.float32)
    masks = MASK_LANES[rng.integers(0, MASKS, TRACKS)]
    many = say_details(network.layers, tops, masks)
    for row in range(TRACKS):
        one = network.details([tops[row : row + 1], masks[row : row + 1]])
        for name, logits in one.items():
            assert np.abs(many[name][row] - logits[0]).max() < 1e-5


def test_a_lane_is_never_struck_in_a_way_it_has_not(network: Any) -> None:
    top = np.ones((1, network.config.top_size), np.float32)
    said = network.details([top, np.ones((1, LANES), np.float32)])
    chances = np.exp(said["articulation"].numpy()[0])
    for lane, logits in zip(DRUM_LANES, chances, strict=True):
        assert (logits[: len(lane.articulations)] > 0).all()
        assert (logits[len(lane.articulations) :] == 0).all()


def test_a_recollection_is_as_wide_as_the_details_expect(network: Any) -> None:
    config = network.config
    assert config.top_size == config.mixed_units + config.heads * RECALLED_WIDTH
