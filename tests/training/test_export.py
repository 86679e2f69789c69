from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.training.dataset import read_dataset

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    from polyrhythmia_live.training.network import NetworkConfig, build_network

    keras.utils.set_random_seed(3)
    return build_network(NetworkConfig(layers=2, units=8, detail_units=6))


@pytest.mark.parametrize("role", ["step", "details"])
def test_the_exported_network_says_what_the_trained_one_says(network: Any, role: str) -> None:
    from ai_edge_litert.interpreter import Interpreter

    from polyrhythmia_live.training.export import convert

    trained = getattr(network, role)
    interpreter = Interpreter(model_content=convert(trained))
    exported = interpreter.get_signature_runner()
    rng = np.random.default_rng(0)
    for _ in range(10):
        inputs = {
            name: rng.normal(size=tensor["shape"]).astype(np.float32)
            for name, tensor in exported.get_input_details().items()
        }
        said = exported(**inputs)
        meant = trained([inputs[tensor.name] for tensor in trained.inputs])
        assert set(said) == set(meant)
        for name, logits in said.items():
            assert np.abs(logits - meant[name].numpy()).max() < 1e-4


def test_the_card_says_what_the_files_are(network: Any, groove: Path, tmp_path: Path) -> None:
    from polyrhythmia_live.training.export import export

    train = read_dataset(groove).split("train")
    path = export(network, "tiny", tmp_path, train=train, provenance={"command": "this"})
    card = json.loads(path.read_text())
    assert (card["name"], card["state_size"], card["command"]) == ("tiny", 32, "this")
    assert card["genres"] == list(GENRES)
    for role, name in (("step", "tiny.tflite"), ("details", "tiny-details.tflite")):
        assert card["files"][role]["name"] == name
        content = (tmp_path / name).read_bytes()
        assert card["files"][role]["sha256"] == hashlib.sha256(content).hexdigest()


def test_density_is_counted_from_the_first_hit_to_the_last(groove: Path) -> None:
    from polyrhythmia_live.training.export import hits_per_step

    densities = hits_per_step(read_dataset(groove).split("train"))
    assert densities["fill"]["funk"] == 1.0
    assert densities["fill"]["rock"] == densities["fill"]["any"] == 1.0
    assert densities["beat"]["rock"] == pytest.approx((6 * 11 + 1) / (6 * 16 - 1), abs=1e-4)
