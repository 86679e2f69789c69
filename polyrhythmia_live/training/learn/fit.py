"""Training: epochs over the data, an averaged network, and the best one kept.

A run writes to its folder `last.npz` (to resume from), `best.npz` (the averaged weights with the
lowest validation negative log-likelihood on the clean protocol) and its journal, each whole or not
at all: what is there after an interruption is the last finished epoch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import MASK_LANES
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.windows import Window, windows
from polyrhythmia_live.training.learn import checkpoint
from polyrhythmia_live.training.learn.backend import Tensor, keras, tf
from polyrhythmia_live.training.learn.balance import heard_in_epoch
from polyrhythmia_live.training.learn.cluster import Cluster, add_up
from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
from polyrhythmia_live.training.learn.journal import Journal
from polyrhythmia_live.training.learn.network import KerasNetwork, NetworkConfig, build_network
from polyrhythmia_live.training.learn.objective import Examiner, losses, nothing_carried, tensors
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched


@dataclass(slots=True)
class Progress:
    """How far a run has come. The best epoch is 0 while none was better than the start."""

    epochs: int = 0
    updates: int = 0
    best_epoch: int = 0
    best_nll: float = math.inf


class Trainer:
    """One run in one folder.

    Every worker of the `cluster` runs it with the same arguments; the chief alone uses the folder.

    Threads: one.
    """

    def __init__(
        self,
        config: NetworkConfig,
        hyper: Hyperparameters,
        folder: Path,
        seed: int,
        cluster: Cluster | None = None,
        *,
        progress: ProgressCallback = unwatched,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """A run that has not begun; `start_from` and `resume` take up earlier weights.

        The chief tells `progress` of each update of an epoch, and says a line after each epoch.

        Raises ConfigError where the tracks cannot be shared out evenly.
        """
        self._cluster = cluster or Cluster()
        if hyper.tracks % self._cluster.replicas:
            raise ConfigError(
                f"expected a number of replicas that divides {hyper.tracks} tracks, "
                f"got {self._cluster.replicas}: use fewer devices"
            )
        keras.utils.set_random_seed(seed)
        self.progress = Progress()
        self.hyper = hyper
        self._watcher = progress if self._cluster.chief else unwatched
        self._say = say if self._cluster.chief else (lambda _line: None)
        self.folder = folder
        self._journal = Journal(folder)
        self.seed = seed
        with self._cluster.scope():
            self._network = build_network(config)
            self._averaged = build_network(config)
            self._optimizer = keras.optimizers.AdamW(
                hyper.learning_rate, weight_decay=hyper.weight_decay
            )
            self._optimizer.build(self._network.weights)
        checkpoint.copy(self._network, self._averaged)
        self._examiner = Examiner(self._averaged)
        # Nothing in it branches on tensors: rewriting Python for that costs seconds of the start.
        self._update = tf.function(self._learn_everywhere, autograph=False)

    @property
    def best(self) -> Path:
        """The best weights so far; missing while nothing was better than the start."""
        return self.folder / "best.npz"

    @property
    def averaged(self) -> KerasNetwork:
        """The averaged network as it is now."""
        return self._averaged

    @property
    def last(self) -> Path:
        """Where to resume from."""
        return self.folder / "last.npz"

    def start_from(self, network: KerasNetwork, best_nll: float) -> None:
        """Begin with a network's weights, and only keep what predicts better than `best_nll`."""
        checkpoint.copy(network, self._network)
        checkpoint.copy(network, self._averaged)
        self.progress.best_nll = best_nll

    def resume(self) -> None:
        """Go on where the folder's last run stopped, if there was one.

        Raises CheckpointError when it was of another network.
        """
        if self._cluster.chief and self.last.is_file():
            self.progress = Progress(**checkpoint.load(self.last, self._variables())["progress"])
            self._journal.resume(self.progress.epochs)
        self._hear_from_chief()

    def _hear_from_chief(self) -> None:
        done = self.progress
        variables = [variable for group in self._variables().values() for variable in group]
        counts, best_nll, *values = self._cluster.from_chief(
            [
                np.array([done.epochs, done.updates, done.best_epoch]),
                np.array(done.best_nll),
                *(variable.numpy() for variable in variables),
            ]
        )
        epochs, updates, best_epoch = map(int, counts)
        self.progress = Progress(epochs, updates, best_epoch, float(best_nll))
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def run(
        self,
        train: Sequence[Performance],
        validation: Sequence[Performance],
        *,
        beside: Sequence[Performance] = (),
        acceptable: Callable[[KerasNetwork], bool] = lambda _network: True,
    ) -> None:
        """Train until the epochs are done or nothing gets better.

        As many steps again are drawn from `beside` in each epoch. A network that predicts
        `validation` better is only kept if it is `acceptable`. Interrupted anywhere, `progress` and
        the folder say what was finished.
        """
        if self.progress.epochs == 0 and self._cluster.chief:
            self.folder.mkdir(parents=True, exist_ok=True)
            for earlier in (self.best, self.last):
                earlier.unlink(missing_ok=True)
            self._journal.begin()
        while self.progress.epochs < self.hyper.epochs:
            if self.progress.epochs - self.progress.best_epoch >= self.hyper.patience:
                self._say(f"no better for {self.hyper.patience} epochs: stopping")
                break
            started = time.monotonic()
            heard = self._hear(train, beside)
            self._judge(validation, acceptable, heard, started)

    def _judge(
        self,
        validation: Sequence[Performance],
        acceptable: Callable[[KerasNetwork], bool],
        heard: Mapping[str, float],
        started: float,
    ) -> None:
        """The end of an epoch: judged and written down by the chief, who tells the others."""
        done = replace(self.progress, epochs=self.progress.epochs + 1)
        if self._cluster.chief:
            figures = self._examiner.evaluate(validation)
            if figures.nll < done.best_nll and acceptable(self._averaged):
                done.best_nll, done.best_epoch = figures.nll, done.epochs
                checkpoint.save_network(self.best, self._averaged)
            row = {"epoch": done.epochs, **heard, **asdict(figures)}
            seconds = round(time.monotonic() - started, 1)
            self._journal.add({**row, "seconds": seconds}, done.best_epoch)
            # Last, so that whatever is resumed from has been written down.
            checkpoint.save(self.last, {"progress": asdict(done)}, self._variables())
            self._say(f"epoch {done.epochs}: train {heard['train_nll']:.4f}; validation {figures}")
        best_epoch, best_nll = self._cluster.from_chief(
            [np.array(done.best_epoch), np.array(done.best_nll)]
        )
        done.best_epoch, done.best_nll = int(best_epoch), float(best_nll)
        self.progress = done

    def _variables(self) -> checkpoint.Variables:
        return {
            "network": self._network.weights,
            "averaged": self._averaged.weights,
            "optimizer": self._optimizer.variables,
        }

    def _hear(
        self, train: Sequence[Performance], beside: Sequence[Performance]
    ) -> dict[str, float]:
        """An epoch; the mean losses, in nats per step and per hit, and the last learning rate."""
        hyper = self.hyper
        rng = np.random.default_rng([self.seed, self.progress.epochs])
        pieces = heard_in_epoch(train, beside, hyper, rng)
        batches = list(
            windows(pieces, tracks=hyper.tracks, window_steps=hyper.window_steps, rng=rng)
        )
        tracks = hyper.tracks // self._cluster.replicas
        carried = self._cluster.per_replica(
            lambda _replica: nothing_carried(self._network.config, tracks)
        )
        nats = []
        label = f"epoch {self.progress.epochs + 1}/{hyper.epochs}"
        for window in counted(batches, label, self._watcher):
            self._optimizer.learning_rate = rate = self._rate(len(batches))
            batch = self._cluster.per_replica(partial(_share, window, tracks))
            told, carried = self._update(batch, carried, self._decay())
            nats.append([float(each) for each in told])
            self.progress.updates += 1
        masks, details = np.mean(nats, axis=0)
        return {"train_nll": masks, "train_details_nll": details, "learning_rate": rate}

    def _rate(self, updates_per_epoch: int) -> float:
        """Linear warm-up, times half a cosine down to the final rate."""
        hyper = self.hyper
        done = min(1.0, self.progress.updates / (hyper.epochs * updates_per_epoch))
        wave = (1 + math.cos(math.pi * done)) / 2
        rate = hyper.final_learning_rate + (hyper.learning_rate - hyper.final_learning_rate) * wave
        return rate * min(1.0, (self.progress.updates + 1) / hyper.warmup_updates)

    def _decay(self) -> Tensor:
        """The share of the old average that is kept: little at first, when all is still moving."""
        updates = self.progress.updates
        return tf.constant(min(self.hyper.average_decay, (1 + updates) / (10 + updates)))

    def _learn_everywhere(
        self, batch: Tensor, carried: Tensor, decay: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """(nats per step and per hit, what is carried on), after an update of all replicas."""
        told, carried = self._cluster.run(self._learn, batch, carried)
        for average, weight in zip(self._averaged.weights, self._network.weights, strict=True):
            self._cluster.assign(average, lambda old, new: decay * old + (1 - decay) * new, weight)
        return [self._cluster.summed(each) for each in told], carried

    def _learn(self, batch: dict[str, Tensor], carried: Tensor) -> tuple[list[Tensor], Tensor]:
        """A replica's part of an update, and its part of the mean losses over all replicas."""
        weights = self._network.weights
        with tf.GradientTape() as tape:
            masks, details, carried = losses(self._network, batch, carried, self.hyper.dropout)
            share_of_steps, share_of_hits = _shares(batch)
            parts = [masks * share_of_steps, details * share_of_hits]
            loss = parts[0] + self.hyper.details_weight * parts[1]
        gradients = add_up(tape.gradient(loss, weights))
        gradients, _ = tf.clip_by_global_norm(gradients, self.hyper.clip_norm)
        # The optimizer adds up what it is given over all replicas: here, the same everywhere.
        self._optimizer.apply([each / self._cluster.replicas for each in gradients], weights)
        return parts, carried


def _share(window: Window, tracks: int, replica: int) -> dict[str, Tensor]:
    """So many tracks for each replica."""
    part = slice(replica * tracks, (replica + 1) * tracks)
    return tensors(Window(*(getattr(window, name)[part] for name in Window.__slots__)))


def _shares(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """How much of all replicas' steps and hits are this one's."""
    struck = tf.gather(tf.constant(MASK_LANES.sum(axis=1)), batch["masks"])
    steps, hits = tf.reduce_sum(batch["weight"]), tf.reduce_sum(batch["weight"] * struck)
    all_steps, all_hits = add_up([steps, hits])
    return steps / tf.maximum(all_steps, 1.0), hits / tf.maximum(all_hits, 1.0)
