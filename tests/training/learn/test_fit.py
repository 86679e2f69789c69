from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.training.data.reading import read_dataset

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


def trainer(folder: Path, *, epochs: int, units: int = 8, **said: Any) -> Any:
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
    from polyrhythmia_live.training.learn.network import NetworkConfig

    said = {"tracks": 2, "window_steps": 32, "warmup_updates": 1, "balance": 0.0, **said}
    config = NetworkConfig(layers=2, units=units, mixed_units=8, detail_units=6)
    return Trainer(config, Hyperparameters(epochs=epochs, **said), folder, seed=5)


def epochs_logged(folder: Path) -> list[int]:
    with (folder / "log.csv").open(newline="") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def test_training_gets_better_and_keeps_the_best(groove: Path, tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.checkpoint import load_network
    from polyrhythmia_live.training.learn.objective import evaluate

    dataset = read_dataset(groove)
    validation = dataset.split("validation")
    run = trainer(tmp_path, epochs=6, learning_rate=0.02)
    run.run(dataset.split("train"), validation)
    figures = evaluate(load_network(run.best), validation)
    assert figures.nll < np.log(512) - 0.5
    assert figures.nll == pytest.approx(run.progress.best_nll)
    assert epochs_logged(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_an_interrupted_run_goes_on_where_it_stopped(groove: Path, tmp_path: Path) -> None:
    dataset = read_dataset(groove)
    train, validation = dataset.split("train"), dataset.split("validation")
    trainer(tmp_path, epochs=2).run(train, validation)
    resumed = trainer(tmp_path, epochs=3)
    resumed.resume()
    assert resumed.progress.epochs == 2
    resumed.run(train, validation)
    assert epochs_logged(tmp_path) == [1, 2, 3]


def test_an_interrupted_epoch_leaves_the_last_finished_one(
    groove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    dataset = read_dataset(groove)
    train, validation = dataset.split("train"), dataset.split("validation")
    trainer(tmp_path, epochs=1).run(train, validation)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    resumed = trainer(tmp_path, epochs=2)
    resumed.resume()
    with monkeypatch.context() as patched:
        patched.setattr("polyrhythmia_live.training.learn.fit.Examiner.evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            resumed.run(train, validation)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == kept


def test_a_run_that_gets_no_better_stops(groove: Path, tmp_path: Path) -> None:
    dataset = read_dataset(groove)
    run = trainer(tmp_path, epochs=9, patience=2, learning_rate=0.0, final_learning_rate=0.0)
    run.run(dataset.split("train"), dataset.split("validation"))
    assert run.progress.epochs == run.progress.best_epoch + 2 < 9


def test_a_network_that_is_not_acceptable_is_not_kept(groove: Path, tmp_path: Path) -> None:
    dataset = read_dataset(groove)
    run = trainer(tmp_path, epochs=2)
    run.run(dataset.split("train"), dataset.split("validation"), acceptable=lambda _network: False)
    assert run.progress.best_epoch == 0
    assert not run.best.exists()


def test_resuming_with_another_size_says_what_to_do(groove: Path, tmp_path: Path) -> None:
    dataset = read_dataset(groove)
    trainer(tmp_path, epochs=1).run(dataset.split("train"), dataset.split("validation"))
    with pytest.raises(CheckpointError, match=r"another size: train without --resume"):
        trainer(tmp_path, epochs=1, units=4).resume()


def test_missing_broken_and_outdated_weights_each_say_so(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.checkpoint import load_network

    with pytest.raises(CheckpointError, match="found none"):
        load_network(tmp_path / "none.npz")
    (tmp_path / "broken.npz").write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match="not a file of weights"):
        load_network(tmp_path / "broken.npz")
    np.savez(tmp_path / "old.npz", heading='{"encoding_version": 0}')
    with pytest.raises(CheckpointError, match="is of 0: train again"):
        load_network(tmp_path / "old.npz")
