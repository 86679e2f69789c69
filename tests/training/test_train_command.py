"""The whole path a musician with recordings walks: train, export, evaluate what was exported."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from polyrhythmia_live import priming
from polyrhythmia_live.cli.train import evaluate, train
from polyrhythmia_live.errors import DatasetError, PolyrhythmiaError


@pytest.mark.train
@pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'")
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

    asked = ["--model", str(out / "small.json"), "--data", str(groove), "--json"]
    judged = CliRunner().invoke(evaluate, asked, catch_exceptions=False)
    figures = json.loads(judged.stdout)
    for name in ("nll", "f1", "velocity_nll", "microtiming_nll"):
        assert figures[name] == pytest.approx(card["validation"][name], abs=1e-3)


def test_a_folder_without_recordings_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected the Groove MIDI Dataset"):
        CliRunner().invoke(
            train, ["--data", str(tmp_path), "--out", str(tmp_path)], catch_exceptions=False
        )


def test_without_tensorflow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "polyrhythmia_live.training.network"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(PolyrhythmiaError, match=r"pip install -e '\.\[train\]'"):
        importlib.import_module(name)


def test_a_wrong_option_is_a_usage_error(tmp_path: Path) -> None:
    said = ["--data", str(tmp_path), "--out", str(tmp_path), "--epochs", "0"]
    assert CliRunner().invoke(train, said).exit_code == 2
