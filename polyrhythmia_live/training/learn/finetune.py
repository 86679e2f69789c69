"""One's own playing: a trained network goes on learning from a few recordings, for minutes.

A few files are soon known by heart, and what was learnt from many is soon forgotten. Against both:
small steps, few epochs, base recordings mixed in bar for bar, and held-out files of either kind,
which decide. Only a network that predicts one's own held-out files better by `LEAST_GAIN_NATS`, and
the base's not worse by more than `BASE_TOLERANCE_NATS`, takes the old one's place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn import checkpoint
from polyrhythmia_live.training.learn.fit import Trainer
from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
from polyrhythmia_live.training.learn.network import KerasNetwork
from polyrhythmia_live.training.learn.objective import evaluate
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

BASE_TOLERANCE_NATS = 0.02
"""Per step: what may be lost on the base recordings, 2 % in perplexity."""

LEAST_GAIN_NATS = 0.001
"""Per step, on one's own held-out files: less is noise."""

FINE_TUNING = Hyperparameters(
    epochs=16,
    patience=4,
    tracks=8,
    piece_bars=16,
    balance=0.0,
    learning_rate=1e-4,
    final_learning_rate=1e-5,
    warmup_updates=10,
    average_decay=0.95,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Nats per step on the held-out files, before and after; the base's are None without a base.

    After is the network that was adopted, or else the last that was tried.
    """

    own_before: float
    own_after: float
    base_before: float | None
    base_after: float | None
    adopted: bool

    def __str__(self) -> str:
        own = f"own held-out files {self.own_before:.4f} -> {self.own_after:.4f} nats per step"
        if self.base_before is None:
            return own
        return f"{own}, base {self.base_before:.4f} -> {self.base_after:.4f}"


def fine_tune(
    start: KerasNetwork,
    own: Dataset,
    base: Dataset | None,
    folder: Path,
    *,
    seed: int,
    hyper: Hyperparameters = FINE_TUNING,
    progress: ProgressCallback = unwatched,
    say: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Train `start` further in a folder, where best.npz is what was adopted, if anything was.

    `start` is left as it is. `progress` and `say` are as in `Trainer`. Raises DatasetError where
    there is nothing to learn from, or nothing to judge by.
    """
    train, held_out = _split(own, "own")
    beside, base_held_out = _split(base, "base") if base else ((), ())
    own_before = evaluate(start, held_out).nll
    base_before = evaluate(start, base_held_out).nll if base else None

    def remembers(network: KerasNetwork) -> bool:
        if base_before is None:
            return True
        return evaluate(network, base_held_out).nll <= base_before + BASE_TOLERANCE_NATS

    trainer = Trainer(start.config, hyper, folder, seed, progress=progress, say=say)
    trainer.start_from(start, best_nll=own_before - LEAST_GAIN_NATS)
    trainer.run(train, held_out, beside=beside, acceptable=remembers)
    adopted = trainer.progress.best_epoch > 0
    tried = checkpoint.load_network(trainer.best) if adopted else trainer.averaged
    return Outcome(
        own_before,
        evaluate(tried, held_out).nll,
        base_before,
        evaluate(tried, base_held_out).nll if base else None,
        adopted,
    )


def _split(dataset: Dataset, whose: str) -> tuple[tuple[Performance, ...], tuple[Performance, ...]]:
    train, held_out = dataset.split("train"), dataset.split("validation")
    if not train or not held_out:
        raise DatasetError(
            f"expected {whose} recordings to learn from and others to judge by, found "
            f"{len(train)} and {len(held_out)}: add takes, or say the split in styles.csv"
        )
    return train, held_out
