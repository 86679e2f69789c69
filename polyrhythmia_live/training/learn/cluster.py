"""Where training runs: here, on all devices of this machine, or on several machines.

The same update runs in every *replica* on its share of the tracks; gradients are added up over all
replicas, so that all keep the same weights, and the result is that of one replica that hears all
tracks. A machine is a *worker*; the first is the *chief*. Only the chief reads and writes
checkpoints and judges; the others are told, so that workers need no folder in common and none can
decide otherwise than the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.training.learn.backend import Tensor, tf

Array = NDArray[Any]

STRATEGIES = ("none", "mirrored", "multiworker")


class Cluster:
    """The replicas that train together.

    With "mirrored" they are the devices of this machine. With "multiworker" they are those of all
    machines that TF_CONFIG lists, each of which runs the same command on the same data with its own
    index. Make it before anything else of TensorFlow: devices cannot be joined later.

    Raises ConfigError for "multiworker" without a usable TF_CONFIG.

    Threads: one.
    """

    def __init__(self, strategy: str = "none") -> None:
        if strategy not in STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, got {strategy!r}")
        self._strategy = tf.distribute.get_strategy()
        if strategy == "mirrored":
            self._strategy = tf.distribute.MirroredStrategy()
        elif strategy == "multiworker":
            _check_tf_config()
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()

    @property
    def replicas(self) -> int:
        return int(self._strategy.num_replicas_in_sync)

    @property
    def chief(self) -> bool:
        """Whether this process reads, writes and judges."""
        resolver = self._strategy.cluster_resolver
        return resolver is None or not resolver.task_type or resolver.task_id == 0

    def scope(self) -> AbstractContextManager[Any]:
        """Variables made within it are kept alike in all replicas."""
        scope: AbstractContextManager[Any] = self._strategy.scope()
        return scope

    def per_replica(self, make: Callable[[int], Any]) -> Any:
        """What `make` gives for each replica of this worker, by its number among all replicas."""
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: make(context.replica_id_in_sync_group)
        )

    def run(self, update: Callable[..., Any], *arguments: Any) -> Any:
        """Call `update` in every replica, each with its own part of `arguments`."""
        return self._strategy.run(update, args=arguments)

    def summed(self, value: Any) -> Tensor:
        """The sum over replicas of what `run` gave."""
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)

    def assign(self, variable: Any, value: Callable[..., Tensor], *read: Any) -> None:
        """Set a Keras variable, in every replica, to `value` of it and of others there."""
        self._strategy.extended.update(
            variable.value,
            lambda target, *others: target.assign(value(target, *others)),
            args=tuple(other.value for other in read),
        )

    def from_chief(self, arrays: Sequence[Array]) -> list[Array]:
        """The chief's arrays, in every worker; those given there are of the same shapes.

        Every worker waits here until all have come.
        """
        if self.replicas == 1:
            return list(arrays)

        return [
            self.summed(self.per_replica(partial(_of_first, array))).numpy() for array in arrays
        ]

    def wait(self) -> None:
        """Until all workers have come here: one that ends early takes the others down."""
        self.from_chief([np.zeros(1)])


def add_up(tensors: Any) -> Any:
    """The sum over all replicas, told to each; to be called within `run`."""
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def _of_first(array: Array, replica: int) -> Tensor:
    return tf.constant(array if replica == 0 else np.zeros_like(array))


def _check_tf_config() -> None:
    text = os.environ.get("TF_CONFIG", "")
    try:
        said = json.loads(text)
        usable = bool(said["cluster"]["worker"]) and said["task"]["type"] in said["cluster"]
        usable = usable and isinstance(said["task"]["index"], int)
    except (ValueError, KeyError, TypeError):
        usable = False
    if not usable:
        raise ConfigError(
            "expected TF_CONFIG to list the workers and say which this one is, got "
            f'{text!r}: set it to {{"cluster": {{"worker": ["HOST:PORT", "HOST:PORT"]}}, '
            '"task": {"type": "worker", "index": 0}}, with another index on each machine'
        )
