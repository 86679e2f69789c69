"""The network on one page: an LSTM with a memory of this performance.

A step is heard by LSTM layers. What they make of it is compared with what they made of the same
step of earlier bars (attention over `MEMORY_BARS` rows, so a groove that came back is found again),
and what was played there bears on what comes next twice: as a hint to the network's own odds of all
512 lane masks, and as outcomes to be copied outright; a gate weighs the two. This is the pointer
sentinel mixture of Merity et al. (arXiv 1609.07843) over a memory like that of Grave et al. (arXiv
1612.04426), learnt together. Once a mask is drawn, `details` gives velocity, microtiming and
articulation of its hits.

It is *defined* as one step with an explicit state, which is what runs live; training unrolls the
same layers over time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import (
    ARTICULATIONS,
    FEATURES,
    LANES,
    LISTENERS,
    MASKS,
    MEMORY_BARS,
    MICROTIMING_BINS,
    RECALLED_WIDTH,
    VELOCITY_BINS,
)
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.training.learn.backend import Tensor, keras, tf
from polyrhythmia_live.training.learn.recurrence import product, recur

ops = keras.ops

IMPOSSIBLE = -1e9
"""The logit of what cannot be: an articulation that a lane does not have, a bar not played yet."""
LEAST_PROBABILITY = 1e-9
"""Of a mask: keeps logarithms finite in float32."""
OWN_ODDS_FIRST = 1.5
"""The gate's bias towards the network's own odds before training."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The size of a network."""

    layers: int = 2
    units: int = 384
    heads: int = 4
    key_units: int = 16
    mixed_units: int = 384
    detail_units: int = 256

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state: h and c of every layer."""
        return 2 * self.layers * self.units

    @property
    def key_size(self) -> int:
        """Numbers by which a step is found again."""
        return self.heads * self.key_units

    @property
    def top_size(self) -> int:
        """Numbers that the details hear."""
        return self.mixed_units + self.heads * RECALLED_WIDTH


SIZES = {
    "small": NetworkConfig(layers=1, units=128, mixed_units=128, detail_units=128),
    "medium": NetworkConfig(),
    "large": NetworkConfig(layers=3, units=512, mixed_units=512),
}


class Attention(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """How much each remembered bar has to do with a step: (n, heads, MEMORY_BARS).

    A head's shares sum to 1, or to 0 where nothing was played yet. For n steps: `hidden`
    (n, units), `keys` (n, MEMORY_BARS, key_size) of the same step in bars -1, -2 .., and `played`
    (n, MEMORY_BARS), which is 1 where there was such a bar and else 0.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(name="attention")
        self._shape = (MEMORY_BARS, config.heads, config.key_units)
        self._query = keras.layers.Dense(config.key_size, name="query")

    def build(self, hidden: Any, *_: Any) -> None:
        """At first older bars matter less, to each head at its own pace."""
        self._query.build(hidden)
        paces = np.linspace(0.0, 0.3, self._shape[1], dtype=np.float32)
        age = -paces[:, None] * np.arange(1, MEMORY_BARS + 1, dtype=np.float32)
        self._age = self.add_weight(shape=age.shape, initializer=lambda *_, **__: age, name="age")
        self.built = True

    def call(self, hidden: Tensor, keys: Tensor, played: Tensor) -> Tensor:
        """See the class."""
        bars, heads, units = self._shape
        query = ops.reshape(self._query(hidden), (-1, 1, heads, units))
        likeness = ops.sum(query * ops.reshape(keys, (-1, bars, heads, units)), axis=3)
        likeness = ops.transpose(likeness, (0, 2, 1)) / math.sqrt(units) + self._age
        played = ops.expand_dims(played, 1)
        return ops.softmax(likeness + (1.0 - played) * IMPOSSIBLE, axis=2) * played


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers in signal order."""

    cells: tuple[Any, ...]
    key: Any
    attention: Attention
    mixed: Any
    logits: Any
    gate: Any
    details: Any
    velocity: Any
    microtiming: Any
    articulation: Any


def _layers(config: NetworkConfig) -> Layers:
    dense = keras.layers.Dense
    return Layers(
        cells=tuple(
            keras.layers.LSTMCell(config.units, name=f"lstm_{layer}")
            for layer in range(config.layers)
        ),
        key=dense(config.key_size, name="key"),
        attention=Attention(config),
        mixed=dense(config.mixed_units, activation="relu", name="mixed"),
        logits=dense(MASKS, name="logits"),
        gate=dense(
            1 + config.heads,
            bias_initializer=lambda *_, **__: np.eye(1 + config.heads)[0] * OWN_ODDS_FIRST,
            name="gate",
        ),
        details=dense(config.detail_units, activation="relu", name="details"),
        velocity=dense(LANES * VELOCITY_BINS, name="velocity_logits"),
        microtiming=dense(LANES * MICROTIMING_BINS, name="microtiming_logits"),
        articulation=dense(LANES * ARTICULATIONS, name="articulation_logits"),
    )


@dataclass(frozen=True, slots=True)
class KerasNetwork:
    """The two Keras models and the layers that training unrolls.

    The step is for a batch of `LISTENERS`, the details for one.
    """

    config: NetworkConfig
    step: Any
    details: Any
    layers: Layers

    @property
    def weights(self) -> list[Any]:
        """All trainable variables."""
        return [*self.step.trainable_variables, *self.details.trainable_variables]


def build_network(config: NetworkConfig) -> KerasNetwork:
    """A network with fresh weights (drawn from Keras's global seed)."""
    layers = _layers(config)
    return KerasNetwork(config, _build_step(config, layers), _build_details(config, layers), layers)


def _build_step(config: NetworkConfig, layers: Layers) -> Any:
    inputs = {
        name: keras.Input(batch_shape=(LISTENERS, *shape), name=name)
        for name, shape in (
            ("features", (FEATURES,)),
            ("state", (config.state_size,)),
            ("keys", (MEMORY_BARS, config.key_size)),
            ("recalled", (MEMORY_BARS, RECALLED_WIDTH)),
            ("played", (MEMORY_BARS,)),
            ("stability", (1,)),
        )
    }
    parts = ops.split(inputs["state"], 2 * config.layers, axis=1)
    hidden, next_parts = inputs["features"], []
    for layer, cell in enumerate(layers.cells):
        hidden, carried = cell(hidden, parts[2 * layer : 2 * layer + 2])
        next_parts += carried
    attention = layers.attention(hidden, inputs["keys"], inputs["played"])
    top = hear(layers, hidden, attention, inputs["recalled"])
    shares = gates(layers, hidden, attention, inputs["played"], inputs["stability"])
    outputs = {
        "logits": mixture(
            layers.logits(top[:, : config.mixed_units]), shares, attention, inputs["recalled"]
        ),
        "top": top,
        "next_state": ops.concatenate(next_parts, axis=1),
        "key": layers.key(hidden),
    }
    return keras.Model(list(inputs.values()), outputs, name="step")


def hear(layers: Layers, hidden: Tensor, attention: Tensor, recalled: Tensor) -> Tensor:
    """What the details hear of n steps, (n, top_size): the mixed layer, and what is remembered."""
    remembered = ops.reshape(
        ops.matmul(attention, recalled), (-1, attention.shape[1] * RECALLED_WIDTH)
    )
    mixed = layers.mixed(ops.concatenate([hidden, remembered], axis=1))
    return ops.concatenate([mixed, remembered], axis=1)


def gates(
    layers: Layers, hidden: Tensor, attention: Tensor, played: Tensor, stability: Tensor
) -> Tensor:
    """Shares of the own odds and of what each head copies, (n, 1 + heads); their sum is 1.

    `stability` (n, 1) is added to the log-odds of copying. With no bar to copy from, all is own.
    """
    sureness = ops.sum(attention * attention, axis=2)
    bars = ops.sum(played, axis=1, keepdims=True)
    read = ops.concatenate([hidden, sureness, ops.log1p(bars)], axis=1)
    leaning = layers.gate(read)
    nothing = (1.0 - ops.minimum(bars, 1.0)) * IMPOSSIBLE
    return ops.softmax(
        ops.concatenate([leaning[:, :1], leaning[:, 1:] + stability + nothing], axis=1), axis=1
    )


def mixture(logits: Tensor, shares: Tensor, attention: Tensor, recalled: Tensor) -> Tensor:
    """Log-probabilities of all masks, (n, MASKS)."""
    copied = ops.matmul(ops.expand_dims(shares[:, 1:], 1), attention)
    lanes = ops.convert_to_tensor((1 << np.arange(LANES)).astype(np.float32))
    masks = ops.cast(ops.sum(recalled[:, :, :LANES] * lanes, axis=2), "int32")
    steps = ops.shape(logits)[0]
    places = ops.reshape(masks + MASKS * ops.expand_dims(ops.arange(steps), 1), (-1, 1))
    # Added up where they belong: a product with one-hot rows is a fifth of a live step.
    copies = ops.scatter(places, ops.reshape(copied, (-1,)), (steps * MASKS,))
    copies = ops.reshape(copies, (-1, MASKS))
    return ops.log(shares[:, :1] * ops.softmax(logits) + copies + LEAST_PROBABILITY)


def _build_details(config: NetworkConfig, layers: Layers) -> Any:
    top = keras.Input(batch_shape=(1, config.top_size), name="top")
    mask = keras.Input(batch_shape=(1, LANES), name="mask")
    return keras.Model([top, mask], say_details(layers, top, mask), name="details")


def say_details(layers: Layers, top: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """Logits of the details of n steps: (n, top_size), (n, 9) -> (n, 9, bins) each."""
    flow = layers.details(ops.concatenate([top, mask], axis=1))
    heads = {
        name: ops.reshape(getattr(layers, name)(flow), (-1, LANES, bins))
        for name, bins in (
            ("velocity", VELOCITY_BINS),
            ("microtiming", MICROTIMING_BINS),
            ("articulation", ARTICULATIONS),
        )
    }
    heads["articulation"] = heads["articulation"] + _impossible_articulations()
    return heads


def _impossible_articulations() -> np.ndarray[Any, np.dtype[np.float32]]:
    counts = np.array([len(lane.articulations) for lane in DRUM_LANES])
    missing = np.arange(ARTICULATIONS) >= counts[:, None]
    return np.where(missing, IMPOSSIBLE, 0.0).astype(np.float32)[None]


def unroll(
    network: KerasNetwork, features: Tensor, keep: Tensor, state: Tensor, dropout: float = 0.0
) -> tuple[Tensor, Tensor]:
    """The LSTM's output (batch, time, units), and its state after the last step.

    `keep` (batch, time) is 0 where a new performance begins, which starts from a zero state.
    Dropout is applied to the output of every layer.
    """
    flow = tf.transpose(features, (1, 0, 2))
    keep = tf.transpose(keep)[:, :, None]
    parts = tf.split(state, 2 * network.config.layers, axis=1)
    next_parts: list[Tensor] = []
    for layer, cell in enumerate(network.layers.cells):
        driven = product(flow, cell.kernel) + cell.bias
        before = parts[2 * layer : 2 * layer + 2]
        flow, *after = recur(driven, keep, *before, tf.convert_to_tensor(cell.recurrent_kernel))
        next_parts += after
        if dropout:
            flow = tf.nn.dropout(flow, dropout)
    return tf.transpose(flow, (1, 0, 2)), tf.concat(next_parts, 1)
