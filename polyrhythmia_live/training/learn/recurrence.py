"""An LSTM layer over many steps, as quick as TensorFlow gets on a CPU.

The loops over time are compiled by XLA, each on its own; all other products go to oneDNN, in
bfloat16. Compiling a whole update instead takes twice as long per update: XLA accumulates the
gradient of the recurrent weights step by step, and its random numbers (for dropout) are slow.
"""

from __future__ import annotations

from typing import Any

from polyrhythmia_live.training.learn.backend import Tensor, tf


def product(flow: Tensor, kernel: Tensor) -> Tensor:
    """A matrix product in bfloat16, and so its gradients; only sums are float32, inside oneDNN.

    For the products over all steps at once (input shares of the gates, logits, details).
    """
    halves = tf.cast(flow, tf.bfloat16), tf.cast(kernel, tf.bfloat16)
    return tf.cast(tf.tensordot(*halves, 1), tf.float32)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def recur(
    driven: Tensor, keep: Tensor, hidden: Tensor, carry: Tensor, recurrent: Tensor
) -> tuple[tuple[Tensor, Tensor, Tensor], Any]:
    """One LSTM layer over time: outputs (time, batch, units), last hidden state, last carry.

    `driven` (time, batch, 4 * units) is the input's share of the gates, in Keras's order: update,
    forget, candidate, output. `keep` (time, batch, 1) is 0 where the state is dropped before a
    step.

    The gradient is written out: the one that TensorFlow derives adds up that of the recurrent
    weights step by step, which moves the whole matrix through memory each time; here it is one
    product over all steps.
    """
    gates, outputs, carries = _forward(driven, keep, hidden, carry, recurrent)

    def gradient(
        to_outputs: Tensor, to_hidden: Tensor, to_carry: Tensor
    ) -> tuple[Tensor | None, ...]:
        before = tf.concat([carry[None], carries[:-1]], 0) * keep
        transposed = tf.transpose(recurrent)  # once: a transposed product per step is 3 x slower
        to_gates, to_hidden, to_carry = _backward(
            gates, tf.tanh(carries), before, keep, transposed, to_outputs, to_hidden, to_carry
        )
        heard = tf.concat([hidden[None], outputs[:-1]], 0) * keep
        units = heard.shape[2]
        heard, driving = tf.reshape(heard, (-1, units)), tf.reshape(to_gates, (-1, 4 * units))
        to_recurrent = product(tf.transpose(heard), driving)
        return to_gates, None, to_hidden, to_carry, to_recurrent

    return (outputs, outputs[-1], carries[-1]), gradient


@tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
def _forward(
    driven: Tensor, keep: Tensor, hidden: Tensor, carry: Tensor, recurrent: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Of every step: the four gates, opened; the output; the carry."""
    time = driven.shape[0]
    kind = driven.dtype
    drives = tf.TensorArray(kind, time).unstack(driven)
    keeps = tf.TensorArray(kind, time).unstack(keep)

    def advance(
        at: Tensor, hidden: Tensor, carry: Tensor, gates: Tensor, outputs: Tensor, carries: Tensor
    ) -> tuple[Tensor, ...]:
        kept = keeps.read(at)
        opened = drives.read(at) + tf.matmul(hidden * kept, recurrent)
        update, forget, candidate, output = tf.split(opened, 4, axis=1)
        update, forget, output = tf.sigmoid(update), tf.sigmoid(forget), tf.sigmoid(output)
        candidate = tf.tanh(candidate)
        carry = forget * carry * kept + update * candidate
        hidden = output * tf.tanh(carry)
        opened = tf.concat([update, forget, candidate, output], 1)
        return (
            at + 1,
            hidden,
            carry,
            gates.write(at, opened),
            outputs.write(at, hidden),
            carries.write(at, carry),
        )

    empty = [tf.TensorArray(kind, time) for _ in range(3)]
    done = tf.while_loop(
        lambda at, *_: at < time, advance, (0, hidden, carry, *empty), maximum_iterations=time
    )
    return done[3].stack(), done[4].stack(), done[5].stack()


@tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
def _backward(
    gates: Tensor,
    squashed: Tensor,
    before: Tensor,
    keep: Tensor,
    transposed: Tensor,
    to_outputs: Tensor,
    to_hidden: Tensor,
    to_carry: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of the driven gates of all steps, and of the first hidden state and carry."""
    time = gates.shape[0]
    kind = gates.dtype
    update, forget, candidate, output = tf.split(gates, 4, axis=2)
    through_carry = output * (1 - squashed * squashed)
    slopes = tf.concat(
        [
            candidate * update * (1 - update),
            before * forget * (1 - forget),
            update * (1 - candidate * candidate),
            squashed * output * (1 - output),
        ],
        2,
    )
    arrays = [
        tf.TensorArray(kind, time).unstack(each)
        for each in (slopes, through_carry, forget * keep, keep, to_outputs)
    ]

    def retreat(at: Tensor, to_hidden: Tensor, to_carry: Tensor, to_gates: Tensor) -> Any:
        slope, through, kept_forget, kept, to_output = (array.read(at) for array in arrays)
        to_hidden = to_hidden + to_output
        to_carry = to_carry + to_hidden * through
        to_gate = slope * tf.concat([to_carry, to_carry, to_carry, to_hidden], 1)
        to_hidden = tf.matmul(to_gate, transposed) * kept
        return at - 1, to_hidden, to_carry * kept_forget, to_gates.write(at, to_gate)

    _, to_hidden, to_carry, to_gates = tf.while_loop(
        lambda at, *_: at >= 0,
        retreat,
        (time - 1, to_hidden, to_carry, tf.TensorArray(kind, time)),
        maximum_iterations=time,
    )
    return to_gates.stack(), to_hidden, to_carry
