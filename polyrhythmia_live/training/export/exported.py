"""From exported files back to a network that can be trained on.

What is shipped are LiteRT models, and in those the converter has transposed, merged, rounded and
renamed the weights as it saw fit. Rather than guess how, a network of the same config with known
random weights is converted in the same way, and where those went tells where the exported ones are.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import Floats
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.training.export.export import convert
from polyrhythmia_live.training.learn.backend import tf
from polyrhythmia_live.training.learn.checkpoint import load_network
from polyrhythmia_live.training.learn.network import KerasNetwork, NetworkConfig, build_network

TOLERANCE = 0.05
"""How far rounding (int8 at most) moves a weight drawn from the normal distribution."""
AGREEMENT = 0.1
"""How far what both networks say may differ, in standard deviations of what one says."""
FORBIDDEN = -1e4
"""Below it stands what cannot be (see `network.IMPOSSIBLE`): the converter adds it to a bias, and
makes it -65504 in float16."""


@dataclass(frozen=True, slots=True)
class Start:
    """A trained network, what it is called, and what its card says; {} for a run's weights."""

    network: KerasNetwork
    name: str
    card: Mapping[str, Any]


def read_start(source: str) -> Start:
    """What to go on from: the best.npz of a run, a model's name, or the path of its card.

    A run's weights are called by their folder. Raises CheckpointError where there is no such
    network, and as `read_network` does.
    """
    path = Path(source)
    if path.suffix == ".npz":
        return Start(load_network(path), path.resolve().parent.name, {})
    card = load_card(source)
    return Start(read_network(card.path), card.name, json.loads(card.path.read_text()))


def read_network(card: Path) -> KerasNetwork:
    """The network that was exported with the JSON file `card`, as exact as its files are.

    The card and the files beside it are taken to belong together: see `load_card`.
    Raises CheckpointError where the weights cannot be found in the files, or do not say the same.
    """
    said = json.loads(card.read_text())
    network = build_network(NetworkConfig(**said["config"]))
    for role, model in (("step", network.step), ("details", network.details)):
        _read(card.with_name(said["files"][role]["name"]), model, said["precision"])
    return network


def _read(path: Path, model: Any, precision: str) -> None:
    """Fill a Keras model with the weights of its exported likeness."""
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    template = _constants(_interpreter(convert(model, precision)))
    interpreter = _interpreter(path.read_bytes())
    found = _constants(interpreter)
    for variable in model.trainable_variables:
        name, transposed = _place(variable.numpy(), template)
        if name not in found or found[name].shape != template[name].shape:
            raise CheckpointError(
                f"cannot read the weights {variable.path} back out of {path}: it was exported by "
                "another version; start from the best.npz of its run instead"
            )
        value = found[name].T if transposed else found[name]
        variable.assign(np.where(value > FORBIDDEN, value, 0.0))
    _check(path, interpreter, model)


def _interpreter(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this class will move to another package
        interpreter = tf.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=(  # others take the weights away to pack them
                tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            ),
        )
    interpreter.allocate_tensors()
    return interpreter


def _constants(interpreter: Any) -> dict[str, Floats]:
    """The tensors of a model that has not run yet, by name; of what is no constant, anything."""
    constants: dict[str, Floats] = {}
    for detail in interpreter.get_tensor_details():
        if detail["dtype"] not in (np.float32, np.float16, np.int8):
            continue
        try:
            stored = interpreter.get_tensor(detail["index"]).astype(np.float32)
        except ValueError:  # no constant
            continue
        rounding = detail["quantization_parameters"]
        if len(rounding["scales"]):
            shape = [1] * stored.ndim
            shape[rounding["quantized_dimension"]] = -1
            stored = stored - rounding["zero_points"].reshape(shape)
            stored = stored * rounding["scales"].reshape(shape)
        constants.setdefault(detail["name"], stored)
    return constants


def _place(weights: Floats, template: Mapping[str, Floats]) -> tuple[str, bool]:
    """The name of the tensor that holds known weights, and whether it does so transposed."""
    for name, stored in template.items():
        for turned, value in ((False, stored), (True, stored.T)):
            if value.shape == weights.shape:
                allowed = value > FORBIDDEN
                if allowed.any() and np.abs(value - weights)[allowed].max() < TOLERANCE:
                    return name, turned
    return "", False


def _check(path: Path, interpreter: Any, model: Any) -> None:
    """Let both say a step of noise, which shows any weight in the wrong place."""
    rng = np.random.default_rng(1)
    heard = {tensor.name: rng.random(tensor.shape, np.float32) for tensor in model.inputs}
    runner = interpreter.get_signature_runner()
    exported = runner(**heard)
    for name, tensor in model(list(heard.values())).items():
        allowed = tensor.numpy() > FORBIDDEN
        ours, theirs = tensor.numpy()[allowed], exported[name][allowed]
        if np.abs(ours - theirs).max() > AGREEMENT * max(float(theirs.std()), 1e-3):
            raise CheckpointError(
                f"the weights read out of {path} do not say the same as it does ({name}): "
                "start from the best.npz of its run instead"
            )
