"""The whole path a musician with recordings walks: train, export, evaluate what was exported."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli.evaluate import evaluate
from polyrhythmia_live.cli.train import train
from polyrhythmia_live.errors import DatasetError, PolyrhythmiaError
from polyrhythmia_live.training.export import priming


def needs_tensorflow(test: Any) -> Any:
    missing = find_spec("tensorflow") is None
    skipped = pytest.mark.skipif(missing, reason="needs the extra 'train'")(test)
    return pytest.mark.train(skipped)


@needs_tensorflow
def test_from_recordings_to_the_figures_of_the_exported_network(
    groove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priming, "RUNS_PER_GENRE", 1)
    monkeypatch.setattr(priming, "RUN_BARS", 2)
    out = tmp_path / "run"
    said = ["--data", str(groove), "--out", str(out), "--size", "small", "--epochs", "1"]
    trained = CliRunner().invoke(train, said, catch_exceptions=False)
    assert trained.exit_code == 0
    card = json.loads((out / "small.json").read_text())
    assert card["data"]["bars"] == 10
    assert card["training"]["seed"] == card["training"]["best_epoch"] == 1
    assert set(card["primers"]) == set(card["genres"])
    for name in ("log.csv", "curves.png", "last.npz", "best.npz"):
        assert (out / name).stat().st_size

    asked = ["--model", str(out / "small.json"), "--data", str(groove), "--json"]
    judged = CliRunner().invoke(evaluate, asked, catch_exceptions=False)
    whole = json.loads(judged.stdout)["groups"]["all"]
    figures = {**whole["steps"], **whole["hits"]}
    for name in ("nll", "f1", "velocity_nll", "microtiming_nll"):
        assert figures[name] == pytest.approx(card["validation"][name], abs=1e-3)


def test_a_folder_without_recordings_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected the Groove MIDI Dataset"):
        CliRunner().invoke(
            train, ["--data", str(tmp_path), "--out", str(tmp_path)], catch_exceptions=False
        )


def test_without_tensorflow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "polyrhythmia_live.training.learn.backend"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(PolyrhythmiaError, match=r"pip install -e '\.\[train\]'"):
        importlib.import_module(name)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--epochs", "0"],
        ["--init", "medium", "--size", "small"],
        ["--init", "medium", "--resume"],
        ["--init", "medium", "--strategy", "mirrored"],
        ["--base-data", "."],
    ],
)
def test_a_wrong_option_is_a_usage_error(wrong: list[str], tmp_path: Path) -> None:
    said = ["--data", str(tmp_path), "--out", str(tmp_path), *wrong]
    assert CliRunner().invoke(train, said).exit_code == 2


@needs_tensorflow
@pytest.mark.parametrize(("epochs", "word"), [(3, "all up to epoch 3"), (0, "nothing to resume")])
def test_interrupted_it_says_how_to_go_on(
    groove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epochs: int, word: str
) -> None:
    from polyrhythmia_live.training.learn import fit

    def interrupted(trainer: fit.Trainer, *_: object) -> None:
        trainer.progress.epochs = epochs
        raise KeyboardInterrupt

    monkeypatch.setattr(fit.Trainer, "run", interrupted)
    said = ["--data", str(groove), "--out", str(tmp_path / "run"), "--size", "small"]
    stopped = CliRunner().invoke(train, said)
    assert stopped.exit_code == 130
    assert word in stopped.stderr
    assert ("--resume" in stopped.stderr) == (epochs > 0)


@needs_tensorflow
def test_ones_own_playing_is_learnt_from_what_was_exported(
    groove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not adopted at first, because nothing was learnt; then with steps that are large enough."""
    from polyrhythmia_live.training.export.export import export
    from polyrhythmia_live.training.learn import finetune, network

    monkeypatch.setattr(priming, "RUNS_PER_GENRE", 1)
    monkeypatch.setattr(priming, "RUN_BARS", 2)
    config = network.NetworkConfig(layers=1, units=6, mixed_units=6, detail_units=5)
    start = network.build_network(config)
    rng = np.random.default_rng(1)
    for variable in start.weights:
        variable.assign(0.1 * rng.normal(size=variable.shape))
    card = export(start, "tiny", tmp_path, train=[], provenance={}, precision="float32")
    out = tmp_path / "mine"
    said = ["--init", str(card), "--data", str(groove), "--out", str(out), "--epochs", "1"]
    for rate, status, word in ((0.0, 1, "tiny stays as it was"), (0.02, 0, "adopted")):
        hyper = replace(finetune.FINE_TUNING, learning_rate=rate, final_learning_rate=rate)
        monkeypatch.setattr(finetune, "FINE_TUNING", replace(hyper, tracks=2, window_steps=32))
        tuned = CliRunner().invoke(train, said, catch_exceptions=False)
        assert (tuned.exit_code, word in tuned.stdout) == (status, True)
        assert (out / "tiny.json").exists() == (status == 0)
    assert json.loads((out / "tiny.json").read_text())["fine_tuning"]["adopted"]
