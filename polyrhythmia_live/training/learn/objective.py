"""What training makes smaller, and the figures by which a pass is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    MASK_LANES,
    MEMORY_BARS,
)
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.windows import Window, whole, windows
from polyrhythmia_live.training.learn.backend import Tensor, tf
from polyrhythmia_live.training.learn.metrics import PER_HIT, Figures, Tally
from polyrhythmia_live.training.learn.network import (
    LEAST_PROBABILITY,
    KerasNetwork,
    NetworkConfig,
    gates,
    hear,
    mixture,
    say_details,
    unroll,
)

EVALUATION_TRACKS = 16
EVALUATION_WINDOW_STEPS = 128


class Carried(NamedTuple):
    """What goes from one window into the next: (tracks, state_size) and (tracks, 384, key_size)."""

    state: Tensor
    keys: Tensor


class Expected(NamedTuple):
    """What the network expects of n steps; see `network.mixture`."""

    logits: Tensor
    shares: Tensor
    attention: Tensor
    recalled: Tensor
    top: Tensor


def nothing_carried(config: NetworkConfig, tracks: int) -> Carried:
    """Before the first window."""
    return Carried(
        tf.zeros((tracks, config.state_size)),
        tf.zeros((tracks, HISTORY_STEPS, config.key_size)),
    )


def expect(
    network: KerasNetwork, batch: dict[str, Tensor], carried: Carried, dropout: float = 0.0
) -> tuple[Expected, Carried]:
    """What is expected of all steps of a window, track by track, and what is carried on.

    No gradient goes back into earlier windows.
    """
    layers, config = network.layers, network.config
    hidden, state = unroll(network, batch["features"], batch["keep"], carried.state, dropout)
    steps = hidden.shape[1]
    flat = tf.reshape(hidden, (-1, config.units))
    keys = tf.reshape(layers.key(flat), (-1, steps, config.key_size))
    keys = tf.concat([carried.keys, keys], 1)
    places, played = _same_places(batch)
    recalled = _at(batch["rows"], places)
    attention = layers.attention(flat, _at(keys, places), played)
    top = hear(layers, flat, attention, recalled)
    mixed = top[:, : config.mixed_units]
    if dropout:
        mixed = tf.nn.dropout(mixed, dropout)
        top = tf.concat([mixed, top[:, config.mixed_units :]], 1)
    shares = gates(layers, flat, attention, played, tf.zeros((1, 1)))
    expected = Expected(layers.logits(mixed), shares, attention, recalled, top)
    return expected, Carried(tf.stop_gradient(state), tf.stop_gradient(keys[:, -HISTORY_STEPS:]))


def _same_places(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The rows of the same step in bars -1, -2 .., (tracks, steps, MEMORY_BARS), and which are."""
    back = batch["bar_steps"][:, :, None] * tf.range(1, MEMORY_BARS + 1)
    known = (back <= batch["age"][:, :, None]) & (back <= HISTORY_STEPS)
    here = HISTORY_STEPS + tf.range(tf.shape(back)[1])[None, :, None]
    return tf.where(known, here - back, 0), tf.reshape(
        tf.cast(known, tf.float32), (-1, MEMORY_BARS)
    )


def _at(rows: Tensor, places: Tensor) -> Tensor:
    """Rows of each track, (tracks * steps, MEMORY_BARS, width)."""
    return tf.reshape(tf.gather(rows, places, batch_dims=1), (-1, MEMORY_BARS, rows.shape[2]))


def losses(
    network: KerasNetwork, batch: dict[str, Tensor], carried: Carried, dropout: float
) -> tuple[Tensor, Tensor, Carried]:
    """(nats per step of the masks, nats per hit of their details, what is carried on)."""
    expected, carried = expect(network, batch, carried, dropout)
    masks = tf.reshape(batch["masks"], (-1,))
    weight = tf.reshape(batch["weight"], (-1,))
    struck = tf.gather(tf.constant(MASK_LANES), masks)
    said = say_details(network.layers, expected.top, struck)
    details = tf.add_n(
        [
            tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.reshape(batch[name], (-1, LANES)), said[name]
            )
            for name in PER_HIT
        ]
    )
    nats = nats_of(expected, masks)
    return _mean(nats, weight), _mean(details, struck * weight[:, None]), carried


def nats_of(expected: Expected, masks: Tensor) -> Tensor:
    """The negative log-likelihood of n masks, as in `network.mixture`, without the other 511."""
    own = tf.nn.sparse_softmax_cross_entropy_with_logits(masks, expected.logits)
    lanes = tf.gather(tf.constant(MASK_LANES), masks)
    differing = tf.reduce_sum(tf.abs(expected.recalled[:, :, :LANES] - lanes[:, None]), 2)
    same = tf.cast(differing < 0.5, tf.float32)
    copied = tf.einsum("nhm,nm->nh", expected.attention, same)
    copied = tf.reduce_sum(expected.shares[:, 1:] * copied, 1)
    return -tf.math.log(expected.shares[:, 0] * tf.exp(-own) + copied + LEAST_PROBABILITY)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return tf.reduce_sum(values * weight) / tf.maximum(tf.reduce_sum(weight), 1.0)


class Examiner:
    """The clean protocol's figures for a Keras network, as its weights are at the moment.

    Quick enough to ask after every pass (the graph is made once); the same through the live
    runtime is `evaluate` on the command line.
    """

    def __init__(self, network: KerasNetwork) -> None:
        self._network = network
        self._listen = tf.function(
            lambda batch, carried: expect(network, batch, carried), autograph=False
        )

    def evaluate(self, performances: Sequence[Performance]) -> Figures:
        """The figures of these performances, every file whole."""
        tally, network = Tally(), self._network
        carried = nothing_carried(network.config, EVALUATION_TRACKS)
        for window in windows(
            whole(performances), tracks=EVALUATION_TRACKS, window_steps=EVALUATION_WINDOW_STEPS
        ):
            expected, carried = self._listen(tensors(window), carried)
            scored = np.flatnonzero(window.weight.reshape(-1) > 0)
            heard = Expected(*(tf.gather(part, scored) for part in expected))
            _score(tally, network, heard, window)
        return tally.figures()


def evaluate(network: KerasNetwork, performances: Sequence[Performance]) -> Figures:
    """As `Examiner`, once."""
    return Examiner(network).evaluate(performances)


def tensors(window: Window) -> dict[str, Tensor]:
    """A window for the network."""
    return {name: tf.constant(getattr(window, name)) for name in Window.__slots__}


def _score(tally: Tally, network: KerasNetwork, expected: Expected, window: Window) -> None:
    scored = window.weight > 0
    masks = window.masks[scored]
    struck = MASK_LANES[masks] > 0
    said = say_details(network.layers, expected.top, MASK_LANES[masks])
    odds = mixture(expected.logits, expected.shares, expected.attention, expected.recalled)
    tally.add(odds.numpy(), masks)
    tally.add_details(
        {name: said[name].numpy()[struck] for name in PER_HIT},
        {name: getattr(window, name)[scored][struck] for name in PER_HIT},
    )
