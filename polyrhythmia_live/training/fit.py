"""Training: epochs over the data, an averaged network, and the best one kept.

Everything that shapes a run stands in `Hyperparameters`. A run writes to its folder `log.csv` (one
line per epoch), `last.npz` (to resume from) and `best.npz` (the averaged weights with the lowest
validation negative log-likelihood on the clean protocol).
"""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import keras
import numpy as np
import tensorflow as tf

from polyrhythmia_live.training import checkpoint
from polyrhythmia_live.training.metrics import Figures
from polyrhythmia_live.training.network import NetworkConfig, Tensor, build_network
from polyrhythmia_live.training.objective import evaluate, losses
from polyrhythmia_live.training.performance import Performance
from polyrhythmia_live.training.splice import in_context
from polyrhythmia_live.training.windows import Window, cut, windows


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What shapes a run, besides the network's size and the seed.

    A piece is at most `piece_bars` long, gradients reach `window_steps` back, `tracks` pieces are
    heard at once. `spliced_fills` is the share of fills that are heard within a beat,
    `genre_dropout` that of pieces that do not say their genre. `average_decay` is per update.
    Training stops after `patience` epochs without a better validation figure. `compiled` is for
    XLA, which halves the time of an epoch here and takes seconds to start.
    """

    epochs: int = 40
    patience: int = 8
    tracks: int = 32
    window_steps: int = 128
    piece_bars: int = 48
    learning_rate: float = 2e-3
    final_learning_rate: float = 5e-5
    warmup_updates: int = 100
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    spliced_fills: float = 0.5
    dropout: float = 0.35
    genre_dropout: float = 0.15
    details_weight: float = 0.2
    average_decay: float = 0.998
    compiled: bool = True


@dataclass(slots=True)
class Progress:
    """How far a run has come."""

    epochs: int = 0
    updates: int = 0
    best_epoch: int = 0
    best_nll: float = math.inf


class Trainer:
    """One run in one folder.

    Threads: one.
    """

    def __init__(
        self, config: NetworkConfig, hyper: Hyperparameters, folder: Path, seed: int
    ) -> None:
        """A run that has not begun; `resume` takes up an earlier one."""
        keras.utils.set_random_seed(seed)
        self.progress = Progress()
        self._hyper = hyper
        self._folder = folder
        self._seed = seed
        self._network = build_network(config)
        self._averaged = build_network(config)
        for average, weight in zip(self._averaged.weights, self._network.weights, strict=True):
            average.assign(weight)
        self._optimizer = keras.optimizers.AdamW(
            hyper.learning_rate, weight_decay=hyper.weight_decay
        )
        self._optimizer.build(self._network.weights)
        self._update = tf.function(self._learn, jit_compile=hyper.compiled)

    @property
    def best(self) -> Path:
        """The best weights so far."""
        return self._folder / "best.npz"

    @property
    def last(self) -> Path:
        """Where to resume from."""
        return self._folder / "last.npz"

    @property
    def log(self) -> Path:
        """The figures of every epoch."""
        return self._folder / "log.csv"

    def resume(self) -> None:
        """Go on where the folder's last run stopped, if there was one.

        Raises CheckpointError when it was of another network.
        """
        if self.last.is_file():
            self.progress = Progress(**checkpoint.load(self.last, self._variables())["progress"])

    def run(self, train: Sequence[Performance], validation: Sequence[Performance]) -> Figures:
        """Train until the epochs are done or nothing gets better; the best figures."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.progress.epochs == 0:
            for earlier in (self.best, self.last, self.log):
                earlier.unlink(missing_ok=True)
        while self.progress.epochs < self._hyper.epochs:
            if self.progress.epochs - self.progress.best_epoch >= self._hyper.patience:
                click.echo(f"no better for {self._hyper.patience} epochs: stopping", err=True)
                break
            self._epoch(train, validation)
        return evaluate(checkpoint.load_network(self.best), validation)

    def _epoch(self, train: Sequence[Performance], validation: Sequence[Performance]) -> None:
        started = time.monotonic()
        loss = self._hear(train)
        self.progress.epochs += 1
        figures = evaluate(self._averaged, validation)
        if figures.nll < self.progress.best_nll:
            self.progress.best_nll = figures.nll
            self.progress.best_epoch = self.progress.epochs
            checkpoint.save_network(self.best, self._averaged)
        checkpoint.save(self.last, {"progress": asdict(self.progress)}, self._variables())
        self._log(loss, figures, time.monotonic() - started)

    def _variables(self) -> checkpoint.Variables:
        return {
            "network": self._network.weights,
            "averaged": self._averaged.weights,
            "optimizer": self._optimizer.variables,
        }

    def _hear(self, train: Sequence[Performance]) -> float:
        """All training data once; the mean loss of the masks, in nats per step."""
        hyper = self._hyper
        rng = np.random.default_rng([self._seed, self.progress.epochs])
        batches = list(
            windows(
                cut(in_context(train, hyper.spliced_fills, rng), hyper.piece_bars, rng),
                tracks=hyper.tracks,
                window_steps=hyper.window_steps,
                rng=rng,
                genre_dropout=hyper.genre_dropout,
            )
        )
        state = tf.zeros((hyper.tracks, self._network.config.state_size))
        nats = []
        label = f"epoch {self.progress.epochs + 1}/{hyper.epochs}"
        with click.progressbar(batches, label=label, file=sys.stderr) as shown:
            for batch in shown:
                self._optimizer.learning_rate = self._rate(len(batches))
                loss, state = self._update(_tensors(batch), state, self._decay())
                nats.append(float(loss))
                self.progress.updates += 1
        return float(np.mean(nats))

    def _rate(self, updates_per_epoch: int) -> float:
        """Linear warm-up, times half a cosine down to the final rate."""
        hyper = self._hyper
        done = min(1.0, self.progress.updates / (hyper.epochs * updates_per_epoch))
        wave = (1 + math.cos(math.pi * done)) / 2
        rate = hyper.final_learning_rate + (hyper.learning_rate - hyper.final_learning_rate) * wave
        return rate * min(1.0, (self.progress.updates + 1) / hyper.warmup_updates)

    def _decay(self) -> Tensor:
        """The share of the old average that is kept: little at first, when all is still moving."""
        updates = self.progress.updates
        return tf.constant(min(self._hyper.average_decay, (1 + updates) / (10 + updates)))

    def _learn(
        self, batch: dict[str, Tensor], state: Tensor, decay: Tensor
    ) -> tuple[Tensor, Tensor]:
        weights = self._network.weights
        with tf.GradientTape() as tape:
            masks, details, state = losses(self._network, batch, state, self._hyper.dropout)
            loss = masks + self._hyper.details_weight * details
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), self._hyper.clip_norm)
        self._optimizer.apply(gradients, weights)
        for average, weight in zip(self._averaged.weights, weights, strict=True):
            average.assign(decay * average + (1 - decay) * weight)
        return masks, state

    def _log(self, loss: float, figures: Figures, seconds: float) -> None:
        row = {"epoch": self.progress.epochs, "train_nll": loss, **asdict(figures)}
        row["seconds"] = round(seconds, 1)
        fresh = not self.log.exists()
        with self.log.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        click.echo(
            f"epoch {self.progress.epochs}: train {loss:.4f}; validation {figures}", err=True
        )


def _tensors(window: Window) -> dict[str, Tensor]:
    return {name: tf.constant(getattr(window, name)) for name in Window.__slots__}
