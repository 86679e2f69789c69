"""Weights and optimiser state in files, written whole or not at all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import ENCODING_VERSION
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.learn.network import KerasNetwork, NetworkConfig, build_network

Variables = Mapping[str, list[Any]]
"""Keras variables by group; their order within a group is the order of the file."""


def save(path: Path, heading: Mapping[str, Any], variables: Variables) -> None:
    """Write variables and what there is to say about them (plain JSON values)."""
    arrays = {
        f"{group}.{index}": variable.numpy()
        for group, members in variables.items()
        for index, variable in enumerate(members)
    }
    stamped = json.dumps({"encoding_version": ENCODING_VERSION, **heading})
    with replacing(path) as draft:
        np.savez(draft, heading=stamped, **arrays)


def load(path: Path, variables: Variables) -> dict[str, Any]:
    """Read variables back into place; the heading.

    Raises CheckpointError for a file that is missing, unreadable, of another encoding or of
    another network.
    """
    with _open(path) as arrays:
        heading = _heading(path, arrays)
        for group, members in variables.items():
            for index, variable in enumerate(members):
                name = f"{group}.{index}"
                if name not in arrays or arrays[name].shape != tuple(variable.shape):
                    raise CheckpointError(
                        f"{path} holds a network of another size: "
                        "train without --resume, or into another folder"
                    )
                variable.assign(arrays[name])
    return heading


def save_network(path: Path, network: KerasNetwork) -> None:
    """Write just a network's weights."""
    save(path, {"config": asdict(network.config)}, {"network": network.weights})


def copy(source: KerasNetwork, target: KerasNetwork) -> None:
    """Give one network the weights of another of the same config."""
    for theirs, ours in zip(source.weights, target.weights, strict=True):
        ours.assign(theirs.numpy())


def load_network(path: Path) -> KerasNetwork:
    """The network that `save_network` wrote. Raises CheckpointError as `load` does."""
    with _open(path) as arrays:
        config = NetworkConfig(**_heading(path, arrays)["config"])
    network = build_network(config)
    load(path, {"network": network.weights})
    return network


def _open(path: Path) -> Any:
    try:
        return np.load(path)
    except FileNotFoundError as error:
        raise CheckpointError(f"expected trained weights at {path}, found none: train") from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} is not a file of weights: delete it and train") from error


def _heading(path: Path, arrays: Any) -> dict[str, Any]:
    heading: dict[str, Any] = json.loads(str(arrays["heading"])) if "heading" in arrays else {}
    if heading.get("encoding_version") != ENCODING_VERSION:
        raise CheckpointError(
            f"{path} should be of encoding {ENCODING_VERSION}, "
            f"is of {heading.get('encoding_version')}: train again"
        )
    return heading
