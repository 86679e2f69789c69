from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.errors import CheckpointError

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


def tiny_network(seed: int, units: int = 12) -> Any:
    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    network = build_network(
        NetworkConfig(layers=2, units=units, mixed_units=units, detail_units=10)
    )
    rng = np.random.default_rng(seed)
    for variable in network.weights:
        variable.assign(0.3 * rng.normal(size=variable.shape))
    return network


@pytest.mark.parametrize(("precision", "rounding"), [("float32", 0.0), ("int8", 0.01)])
def test_an_exported_network_can_be_trained_on(
    tmp_path: Path, precision: str, rounding: float
) -> None:
    from polyrhythmia_live.training.export.export import export
    from polyrhythmia_live.training.export.exported import read_network

    network = tiny_network(seed=1)
    card = export(network, "tiny", tmp_path, train=[], provenance={}, precision=precision)
    found = read_network(card)
    assert found.config == network.config
    for theirs, ours in zip(found.weights, network.weights, strict=True):
        same = np.abs(theirs.numpy() - ours.numpy()) <= rounding
        # What a lane does not have needs no bias, and has lost it.
        assert same.all() or (ours.path == "articulation_logits/bias" and same.sum() >= LANES)


def test_files_that_do_not_fit_their_card_say_so(tmp_path: Path) -> None:
    from polyrhythmia_live.training.export.export import export
    from polyrhythmia_live.training.export.exported import read_network

    card = export(tiny_network(1), "tiny", tmp_path, train=[], provenance={}, precision="float32")
    said = json.loads(card.read_text())
    said["config"]["units"] = 8
    card.write_text(json.dumps(said))
    with pytest.raises(CheckpointError, match=r"start from the best\.npz of its run"):
        read_network(card)
