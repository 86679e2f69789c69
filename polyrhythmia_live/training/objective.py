"""What training makes smaller, and the figures by which a pass is judged."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from polyrhythmia_live.drummer.encoding import MASK_LANES, MASKS
from polyrhythmia_live.training.metrics import PER_HIT, Figures, Tally
from polyrhythmia_live.training.network import (
    Network,
    Tensor,
    apply_details,
    apply_logits,
    unroll,
)
from polyrhythmia_live.training.performance import Performance
from polyrhythmia_live.training.windows import Window, whole, windows

EVALUATION_TRACKS = 16
EVALUATION_WINDOW_STEPS = 128


def losses(
    network: Network, batch: dict[str, Tensor], state: Tensor, dropout: float
) -> tuple[Tensor, Tensor, Tensor]:
    """(nats per step of the masks, nats per hit of their details, next state)."""
    top, state = unroll(network, batch["features"], batch["keep"], state, dropout)
    flat = tf.reshape(top, (-1, top.shape[-1]))
    masks = tf.reshape(batch["masks"], (-1,))
    weight = tf.reshape(batch["weight"], (-1,))
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(masks, apply_logits(network, flat))
    struck = tf.matmul(tf.one_hot(masks, MASKS), tf.constant(MASK_LANES))
    heads = apply_details(network, flat, struck)
    details = tf.add_n(
        [
            tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.reshape(batch[name], tf.shape(heads[name])[:2]), heads[name]
            )
            for name in PER_HIT
        ]
    )
    return _mean(nats, weight), _mean(details, struck * weight[:, None]), state


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return tf.reduce_sum(values * weight) / tf.maximum(tf.reduce_sum(weight), 1.0)


def evaluate(network: Network, performances: Sequence[Performance]) -> Figures:
    """The clean protocol's figures for a Keras network, every file whole.

    Quick enough to run after every pass; `metrics.judge` is the same through the live runtime.
    """
    tally = Tally()
    listen = tf.function(lambda features, keep, state: unroll(network, features, keep, state))
    state = tf.zeros((EVALUATION_TRACKS, network.config.state_size))
    for window in windows(
        whole(performances), tracks=EVALUATION_TRACKS, window_steps=EVALUATION_WINDOW_STEPS
    ):
        top, state = listen(window.features, window.keep, state)
        scored = window.weight > 0
        _score(tally, network, top.numpy()[scored], window, scored)
    return tally.figures()


def _score(tally: Tally, network: Network, top: Tensor, window: Window, scored: Tensor) -> None:
    masks = window.masks[scored]
    struck = MASK_LANES[masks] > 0
    heads = apply_details(network, top, MASK_LANES[masks])
    tally.add(apply_logits(network, top).numpy(), masks)
    tally.add_details(
        {name: heads[name].numpy()[struck] for name in PER_HIT},
        {name: getattr(window, name)[scored][struck] for name in PER_HIT},
    )
