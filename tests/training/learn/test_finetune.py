from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.reading import read_dataset

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


@pytest.fixture
def own(groove: Path) -> Dataset:
    return read_dataset(groove)


def start() -> Any:
    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    return build_network(NetworkConfig(layers=1, units=6, mixed_units=6, detail_units=5))


def tuned(network: Any, own: Dataset, base: Dataset | None, folder: Path, **said: Any) -> Any:
    from polyrhythmia_live.training.learn.finetune import FINE_TUNING, fine_tune

    hyper = replace(FINE_TUNING, **{"epochs": 1, "tracks": 2, "window_steps": 32, **said})
    return fine_tune(network, own, base, folder, seed=1, hyper=hyper)


def test_a_network_that_predicts_ones_own_playing_better_is_adopted(
    own: Dataset, tmp_path: Path
) -> None:
    from polyrhythmia_live.training.learn.checkpoint import load_network
    from polyrhythmia_live.training.learn.objective import evaluate

    outcome = tuned(start(), own, own, tmp_path, learning_rate=0.02)
    assert outcome.adopted
    assert outcome.own_after < outcome.own_before
    adopted = load_network(tmp_path / "best.npz")
    assert evaluate(adopted, own.split("validation")).nll == pytest.approx(outcome.own_after)
    assert "own held-out files" in str(outcome)
    assert "base" in str(outcome)


def test_a_network_that_forgets_the_base_is_not_adopted(
    own: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polyrhythmia_live.training.learn import finetune

    monkeypatch.setattr(finetune, "BASE_TOLERANCE_NATS", -100.0)
    outcome = tuned(start(), own, own, tmp_path, learning_rate=0.02)
    assert outcome.own_after < outcome.own_before
    assert not outcome.adopted
    assert not (tmp_path / "best.npz").exists()


def test_a_network_that_gets_no_better_is_not_adopted_and_the_old_one_stays(
    own: Dataset, tmp_path: Path
) -> None:
    network = start()
    before = [variable.numpy() for variable in network.weights]
    outcome = tuned(network, own, None, tmp_path, learning_rate=0.0, final_learning_rate=0.0)
    assert not outcome.adopted
    assert outcome.own_after == pytest.approx(outcome.own_before)
    assert outcome.base_before is None
    assert "base" not in str(outcome)
    for variable, value in zip(network.weights, before, strict=True):
        assert np.array_equal(variable.numpy(), value)


def test_without_files_to_judge_by_it_says_what_to_add(own: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="found 3 and 0: add takes"):
        tuned(start(), own.only(["train"]), None, tmp_path)
