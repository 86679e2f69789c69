from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from polyrhythmia_live.training.data.reading import read_dataset

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


def test_styles_not_heard_again_keep_their_densities_and_primers(
    groove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polyrhythmia_live.training.export import priming
    from polyrhythmia_live.training.export.exported import Start
    from polyrhythmia_live.training.export.finish import export_adopted
    from polyrhythmia_live.training.learn.checkpoint import save_network
    from polyrhythmia_live.training.learn.finetune import FINE_TUNING, Outcome
    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    monkeypatch.setattr(priming, "RUNS_PER_GENRE", 1)
    monkeypatch.setattr(priming, "RUN_BARS", 2)
    own = read_dataset(groove)
    network = build_network(NetworkConfig(layers=1, units=6, mixed_units=6, detail_units=5))
    save_network(tmp_path / "best.npz", network)
    kept = {"any": 9.0, "rock": 9.0, "gospel": 9.0}
    phrases = [{"source": "mine, seed 1", "bar": 1, "hits": [[0, 0, 100, 0, 0]]}]
    earlier = {
        "hits_per_step": {"beat": kept, "fill": kept},
        "primers": {"rock": phrases, "gospel": phrases},
        "precision": "float32",
    }
    card = export_adopted(
        Outcome(1.0, 0.9, None, None, adopted=True),
        Start(network, "mine", earlier),
        tmp_path,
        own,
        None,
        hyper=FINE_TUNING,
        seed=1,
        command="polyrhythmia",
    )
    said = json.loads(card.read_text())
    assert said["hits_per_step"]["beat"]["gospel"] == 9.0
    assert said["hits_per_step"]["beat"]["rock"] < 9.0
    assert said["hits_per_step"]["beat"]["any"] < 9.0
    assert said["fine_tuning"]["from"] == "mine"
    assert said["precision"] == "float32"
    assert said["primers"]["gospel"] == phrases
    assert said["primers"]["rock"] != phrases
    assert (said["training"]["seed"], said["command"]) == (1, "polyrhythmia")
