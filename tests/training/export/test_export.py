from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.training.data.reading import read_dataset

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    keras.utils.set_random_seed(3)
    return build_network(NetworkConfig(layers=2, units=8, mixed_units=8, detail_units=6))


def random_inputs(details: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """What could be asked of a network: strikes are 0 or 1, and the last bars were played."""
    inputs = {
        name: rng.normal(size=tensor["shape"]).astype(np.float32)
        for name, tensor in details.items()
    }
    for name in inputs.keys() & {"recalled", "mask"}:
        inputs[name] = (inputs[name] > 0.5).astype(np.float32)
    if "played" in inputs:
        listeners, bars = inputs["played"].shape
        bars_played = rng.integers(0, bars + 1, size=(listeners, 1))
        inputs["played"] = (np.arange(bars) < bars_played).astype(np.float32)
    return inputs


@pytest.mark.parametrize("role", ["step", "details"])
def test_on_a_thousand_random_steps_the_exported_network_says_what_the_trained_one_says(
    network: Any, role: str
) -> None:
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    from polyrhythmia_live.training.export.export import convert

    trained = getattr(network, role)
    meant = tf.function(lambda *inputs: trained(list(inputs)))
    exported = Interpreter(model_content=convert(trained)).get_signature_runner()
    rng = np.random.default_rng(0)
    for _ in range(1000):
        inputs = random_inputs(exported.get_input_details(), rng)
        said = exported(**inputs)
        expected = meant(*(tf.constant(inputs[tensor.name]) for tensor in trained.inputs))
        assert set(said) == set(expected)
        for name, numbers in said.items():
            assert np.abs(numbers - expected[name].numpy()).max() < 1e-4


def test_rounded_weights_predict_as_well(network: Any, groove: Path, tmp_path: Path) -> None:
    from polyrhythmia_live.judging.listening import listen, load_candidate
    from polyrhythmia_live.training.export.export import PRECISIONS, export
    from polyrhythmia_live.training.learn.metrics import log_softmax

    dataset = read_dataset(groove)
    [take] = [p for p in dataset.split("validation") if p.name.endswith("4_rock.mid")]
    nats = {}
    for precision in PRECISIONS:
        card = export(
            network,
            "tiny",
            tmp_path / precision,
            train=dataset.split("train"),
            provenance={},
            precision=precision,
        )
        heard = listen(load_candidate(card), take)
        odds = log_softmax(heard.logits)[np.arange(take.steps), take.masks]
        nats[precision] = -float(odds.mean())
    assert nats["float16"] == pytest.approx(nats["float32"], abs=0.005)
    assert nats["int8"] == pytest.approx(nats["float32"], abs=0.005)


def test_the_card_says_what_the_files_are(network: Any, groove: Path, tmp_path: Path) -> None:
    from polyrhythmia_live.training.export.export import export

    train = read_dataset(groove).split("train")
    path = export(network, "tiny", tmp_path, train=train, provenance={"command": "this"})
    card = json.loads(path.read_text())
    assert (card["name"], card["state_size"], card["command"]) == ("tiny", 32, "this")
    assert (card["key_size"], card["precision"]) == (network.config.key_size, "int8")
    assert card["genres"] == list(STYLES)
    for role, name in (("step", "tiny.tflite"), ("details", "tiny-details.tflite")):
        assert card["files"][role]["name"] == name
        content = (tmp_path / name).read_bytes()
        assert card["files"][role]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_lean_is_the_mean_lateness_in_milliseconds(groove: Path) -> None:
    from polyrhythmia_live.training.export.export import lean_ms

    rock = [p for p in read_dataset(groove).split("train") if p.name.endswith("1_rock.mid")]
    step_ms, bars = 125.0, 6
    hits = 11 * bars + 1
    assert lean_ms(rock) == pytest.approx(bars * (2 * 0.1 - 7 * 0.2) * step_ms / hits, abs=0.02)


def test_the_usual_tempo_of_a_style_is_the_median_of_its_takes(groove: Path) -> None:
    from polyrhythmia_live.training.export.export import usual_tempos_bpm

    train = read_dataset(groove).split("train")
    tempos_bpm = usual_tempos_bpm(train)
    rock = [p.tempo_bpm for p in train if "rock" in p.styles and not p.fill]
    assert tempos_bpm["rock"] == pytest.approx(np.median(rock), abs=0.05)
    assert set(tempos_bpm) == {"any", *STYLES}
    assert tempos_bpm["gospel"] == tempos_bpm["any"]
    assert tempos_bpm["halftime"] == tempos_bpm["rock"], "a sub-style without takes has its genre's"


def test_density_is_counted_from_the_first_hit_to_the_last(groove: Path) -> None:
    from polyrhythmia_live.training.export.export import hits_per_step

    densities = hits_per_step(read_dataset(groove).split("train"))
    assert densities["fill"]["funk"] == 1.0
    assert densities["fill"]["rock"] == densities["fill"]["any"] == 1.0
    assert densities["beat"]["rock"] == pytest.approx((6 * 11 + 1) / (6 * 16 - 1), abs=1e-4)
