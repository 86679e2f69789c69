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


def test_styles_not_heard_again_keep_their_densities(groove: Path, tmp_path: Path) -> None:
    from polyrhythmia_live.training.export.finish import export_adopted
    from polyrhythmia_live.training.learn.checkpoint import save_network
    from polyrhythmia_live.training.learn.finetune import Outcome
    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    own = read_dataset(groove)
    network = build_network(NetworkConfig(layers=1, units=6, mixed_units=6, detail_units=5))
    save_network(tmp_path / "best.npz", network)
    kept = {"any": 9.0, "rock": 9.0, "gospel": 9.0}
    earlier = {"hits_per_step": {"beat": kept, "fill": kept}, "precision": "float32"}
    outcome = Outcome(1.0, 0.9, None, None, adopted=True)
    card = export_adopted(
        outcome, "mine", earlier, tmp_path, own, None, {"command": "polyrhythmia"}
    )
    said = json.loads(card.read_text())
    assert said["hits_per_step"]["beat"]["gospel"] == 9.0
    assert said["hits_per_step"]["beat"]["rock"] < 9.0
    assert said["hits_per_step"]["beat"]["any"] < 9.0
    assert said["fine_tuning"]["from"] == "mine"
    assert said["precision"] == "float32"
