"""The network on one page: an LSTM that hears a step and says what may be struck next.

It is *defined* as one step with an explicit state, which is what runs live; training unrolls the
same weights over time. Two stages: `step` gives the odds of all 512 lane masks, and once a mask is
drawn, `details` gives velocity, microtiming and articulation of its hits.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from polyrhythmia_live.drummer.encoding import (
    ARTICULATIONS,
    FEATURES,
    LANES,
    MASKS,
    MICROTIMING_BINS,
    VELOCITY_BINS,
)
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.rhythm.kit import DRUM_LANES

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # or it reports on GPUs that are not there

try:
    import keras
    import tensorflow as tf
except ImportError as error:  # the base install has no TensorFlow
    raise PolyrhythmiaError(
        "training needs TensorFlow, which is not installed: pip install -e '.[train]'"
    ) from error

Tensor = Any
"""A tf.Tensor or a Keras symbolic tensor; TensorFlow has no usable types."""

IMPOSSIBLE = -1e9
"""The logit of an articulation that a lane does not have."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The size of a network."""

    layers: int = 2
    units: int = 384
    detail_units: int = 256

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state: h and c of every layer."""
        return 2 * self.layers * self.units


SIZES = {
    "small": NetworkConfig(units=192, detail_units=128),
    "medium": NetworkConfig(),
    "large": NetworkConfig(units=640),
}


@dataclass(frozen=True, slots=True)
class Network:
    """The two Keras models (batch of one) and the cells whose weights training unrolls."""

    config: NetworkConfig
    step: Any
    details: Any
    cells: tuple[Any, ...]

    @property
    def weights(self) -> list[Any]:
        """All trainable variables."""
        return [*self.step.trainable_variables, *self.details.trainable_variables]


def build_network(config: NetworkConfig) -> Network:
    """A network with fresh weights (drawn from Keras's global seed)."""
    cells = tuple(
        keras.layers.LSTMCell(config.units, name=f"lstm_{layer}") for layer in range(config.layers)
    )
    return Network(config, _build_step(config, cells), _build_details(config), cells)


def _build_step(config: NetworkConfig, cells: tuple[Any, ...]) -> Any:
    features = keras.Input(batch_shape=(1, FEATURES), name="features")
    state = keras.Input(batch_shape=(1, config.state_size), name="state")
    parts = keras.ops.split(state, 2 * config.layers, axis=1)
    flow, next_parts = features, []
    for layer, cell in enumerate(cells):
        flow, carried = cell(flow, parts[2 * layer : 2 * layer + 2])
        next_parts += carried
    logits = keras.layers.Dense(MASKS, name="logits")(flow)
    next_state = keras.layers.Concatenate(axis=1, name="next_state")(next_parts)
    top = keras.layers.Identity(name="top")(flow)
    return keras.Model(
        [features, state], {"logits": logits, "top": top, "next_state": next_state}, name="step"
    )


def _build_details(config: NetworkConfig) -> Any:
    top = keras.Input(batch_shape=(1, config.units), name="top")
    mask = keras.Input(batch_shape=(1, LANES), name="mask")
    flow = keras.layers.Concatenate(axis=1)([top, mask])
    flow = keras.layers.Dense(config.detail_units, activation="relu", name="details")(flow)
    heads = {}
    for name, bins in (
        ("velocity", VELOCITY_BINS),
        ("microtiming", MICROTIMING_BINS),
        ("articulation", ARTICULATIONS),
    ):
        head = keras.layers.Dense(LANES * bins, name=f"{name}_logits")(flow)
        heads[name] = keras.ops.reshape(head, (-1, LANES, bins))
    heads["articulation"] = heads["articulation"] + _impossible_articulations()
    return keras.Model([top, mask], heads, name="details")


def _impossible_articulations() -> np.ndarray[Any, np.dtype[np.float32]]:
    counts = np.array([len(lane.articulations) for lane in DRUM_LANES])
    missing = np.arange(ARTICULATIONS) >= counts[:, None]
    return np.where(missing, IMPOSSIBLE, 0.0).astype(np.float32)[None]


def unroll(
    network: Network, features: Tensor, keep: Tensor, state: Tensor, dropout: float = 0.0
) -> tuple[Tensor, Tensor]:
    """The top hidden states (batch, time, units) and the state after the last step.

    `keep` (batch, time) is 0 where a new performance begins, which starts from a zero state.
    Dropout is applied to the output of every layer.
    """
    flow = tf.transpose(features, (1, 0, 2))
    keep = tf.transpose(keep)[:, :, None]
    parts = tf.split(state, 2 * network.config.layers, axis=1)
    next_parts: list[Tensor] = []
    for layer, cell in enumerate(network.cells):
        driven = tf.tensordot(flow, cell.kernel, 1) + cell.bias
        hidden, carry = parts[2 * layer], parts[2 * layer + 1]
        flow, carried = _run(driven, keep, hidden, carry, cell.recurrent_kernel)
        next_parts += carried
        if dropout:
            flow = tf.nn.dropout(flow, dropout)
    return tf.transpose(flow, (1, 0, 2)), tf.concat(next_parts, 1)


def _run(
    driven: Tensor, keep: Tensor, hidden: Tensor, carry: Tensor, recurrent: Tensor
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """One LSTM layer over time; the input's share of the gates is already in `driven`."""
    time = driven.shape[0]
    drives = tf.TensorArray(tf.float32, time).unstack(driven)
    keeps = tf.TensorArray(tf.float32, time).unstack(keep)

    def advance(at: Tensor, hidden: Tensor, carry: Tensor, outputs: Tensor) -> tuple[Tensor, ...]:
        kept = keeps.read(at)
        gates = drives.read(at) + tf.matmul(hidden * kept, recurrent)
        update, forget, candidate, output = tf.split(gates, 4, axis=1)
        carry = tf.sigmoid(forget) * carry * kept + tf.sigmoid(update) * tf.tanh(candidate)
        hidden = tf.sigmoid(output) * tf.tanh(carry)
        return at + 1, hidden, carry, outputs.write(at, hidden)

    _, hidden, carry, outputs = tf.while_loop(
        lambda at, *_: at < time,
        advance,
        (0, hidden, carry, tf.TensorArray(tf.float32, time)),
        maximum_iterations=time,
    )
    return outputs.stack(), (hidden, carry)


def apply_details(network: Network, top: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """The details heads over any number of rows: (n, units), (n, 9) -> (n, 9, bins) each.

    The Keras model is fixed to one row, for the live runtime.
    """
    layer = network.details.get_layer
    flow = layer("details")(tf.concat([top, mask], 1))
    heads = {
        name: tf.reshape(layer(f"{name}_logits")(flow), (tf.shape(flow)[0], LANES, -1))
        for name in ("velocity", "microtiming", "articulation")
    }
    heads["articulation"] += _impossible_articulations()
    return heads


def apply_logits(network: Network, top: Tensor) -> Tensor:
    """The odds of all masks over any leading shape."""
    return network.step.get_layer("logits")(top)
