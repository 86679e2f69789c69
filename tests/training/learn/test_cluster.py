"""Real processes that really talk to each other, on loopback, with a network of a few units."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import socket
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.errors import ConfigError

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]

EPOCHS = 2
LEARNING_RATE = 1e-3
SECONDS = 100.0


def learn(groove: Path, folder: Path, strategy: str, tf_config: str | None) -> None:
    """A worker's whole life, in its own process; those of a cluster resume for each epoch."""
    if tf_config is not None:
        os.environ["TF_CONFIG"] = tf_config
    from polyrhythmia_live.training.data.reading import read_dataset
    from polyrhythmia_live.training.learn.backend import tf
    from polyrhythmia_live.training.learn.cluster import Cluster
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
    from polyrhythmia_live.training.learn.network import NetworkConfig

    if strategy == "mirrored":
        processor = tf.config.list_physical_devices("CPU")[0]
        two = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
        tf.config.set_logical_device_configuration(processor, two)
    cluster = Cluster(strategy)
    assert cluster.replicas == (1 if strategy == "none" else 2)
    dataset = read_dataset(groove)
    train, validation = dataset.split("train"), dataset.split("validation")
    config = NetworkConfig(layers=1, units=6, mixed_units=6, detail_units=5)
    for epochs in range(1, EPOCHS + 1) if strategy == "multiworker" else (EPOCHS,):
        hyper = Hyperparameters(
            epochs=epochs,
            tracks=4,
            window_steps=32,
            warmup_updates=1,
            final_learning_rate=LEARNING_RATE,  # or it would hang on the number of epochs
            learning_rate=LEARNING_RATE,
            dropout=0.0,
        )
        trainer = Trainer(config, hyper, folder / "run", seed=5, cluster=cluster)
        if epochs > 1 and strategy == "multiworker":
            trainer.resume()
        trainer.run(train, validation)
    weights = [variable.numpy().ravel() for variable in trainer.averaged.weights]
    np.savez(folder / "end.npz", weights=np.concatenate(weights), best=trainer.progress.best_nll)
    cluster.wait()


def free_ports(count: int) -> list[int]:
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def tf_config(ports: list[int], index: int) -> str:
    workers = [f"127.0.0.1:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


@pytest.fixture
def runs(groove: Path, tmp_path: Path) -> dict[str, Path]:
    """The folders of one worker alone, of one with two devices, and of two workers."""
    ports = free_ports(2)
    kinds = {
        "alone": ("none", None),
        "mirrored": ("mirrored", None),
        "chief": ("multiworker", tf_config(ports, 0)),
        "second": ("multiworker", tf_config(ports, 1)),
    }
    spawn = multiprocessing.get_context("spawn")
    folders = {name: tmp_path / name for name in kinds}
    workers = []
    for name, kind in kinds.items():
        folders[name].mkdir()
        workers.append(spawn.Process(target=learn, args=(groove, folders[name], *kind)))
        workers[-1].start()
    for worker in workers:
        worker.join(SECONDS)
    ended = [worker.exitcode for worker in workers]
    for worker in workers:
        worker.kill()
    assert ended == [0] * len(kinds)
    return folders


def losses(folder: Path) -> list[float]:
    with (folder / "run" / "log.csv").open(newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file) for name in ("train_nll", "nll")]


@pytest.mark.timeout(300)  # four processes that load TensorFlow, on two cores that may be busy
def test_workers_end_with_the_same_weights_and_learn_as_one_alone_does(
    runs: dict[str, Path],
) -> None:
    ends = {name: np.load(folder / "end.npz") for name, folder in runs.items()}
    assert np.array_equal(ends["chief"]["weights"], ends["second"]["weights"])
    assert ends["chief"]["best"] == ends["second"]["best"]
    assert {path.name for path in (runs["chief"] / "run").iterdir()} >= {"last.npz", "best.npz"}
    assert not (runs["second"] / "run").exists()
    alone = losses(runs["alone"])
    assert len(alone) == 2 * EPOCHS
    assert losses(runs["mirrored"]) == pytest.approx(alone, rel=1e-3)
    assert losses(runs["chief"]) == pytest.approx(alone, rel=1e-3)


def test_without_a_list_of_workers_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from polyrhythmia_live.training.learn.cluster import Cluster

    for text in ("", "rubbish", '{"cluster": {"worker": []}, "task": {"type": "worker"}}'):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(ConfigError, match="expected TF_CONFIG to list the workers"):
            Cluster("multiworker")


def test_tracks_that_cannot_be_shared_out_are_a_wrong_setting(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.cluster import Cluster
    from polyrhythmia_live.training.learn.fit import Trainer
    from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
    from polyrhythmia_live.training.learn.network import NetworkConfig

    class Three(Cluster):
        replicas = 3

    with pytest.raises(ConfigError, match="divides 16 tracks, got 3"):
        Trainer(NetworkConfig(), Hyperparameters(tracks=16), tmp_path, 1, Three())
