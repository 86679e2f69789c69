"""From trained weights to the files that the live drummer runs.

NAME.tflite is one step, NAME-details.tflite the details of its hits, NAME.json says what they are
and where they come from. The step is converted with a fixed batch and its state as an explicit
tensor: the other routes from Keras 3 to LiteRT fail, one of them silently.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.drummer.lstm.encoding import ENCODING_VERSION, FEATURES
from polyrhythmia_live.drummer.styles import PARENTS, STYLES
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.fills import fill_shapes
from polyrhythmia_live.training.learn.backend import tf
from polyrhythmia_live.training.learn.network import KerasNetwork, NetworkConfig

LICENCE = "CC BY 4.0"
ATTRIBUTION = (
    "Trained on the Groove MIDI Dataset (https://magenta.tensorflow.org/datasets/groove) by "
    "Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck and David Bamman, made available by "
    "Google LLC under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)."
)
PRECISIONS = ("float32", "float16", "int8")
"""Of the weights; "int8" also rounds what a matrix is multiplied with, each time anew."""
DEFAULT_PRECISION = "int8"
_LIBRARIES = ("tensorflow", "keras", "numpy", "mido")


def export(
    network: KerasNetwork,
    name: str,
    folder: Path,
    *,
    train: Sequence[Performance],
    provenance: Mapping[str, Any],
    precision: str = DEFAULT_PRECISION,
) -> Path:
    """Write the three files, the JSON file last; its path.

    `train` is the training data, for the density references and the usual tempos; `provenance`
    goes into the JSON; `precision` is one of `PRECISIONS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for role, model, file_name in (
        ("step", network.step, f"{name}.tflite"),
        ("details", network.details, f"{name}-details.tflite"),
    ):
        content = convert(model, precision)
        (folder / file_name).write_bytes(content)
        files[role] = {"name": file_name, "sha256": hashlib.sha256(content).hexdigest()}
    card = {
        "name": name,
        **_described(network.config),
        "precision": precision,
        "files": files,
        "hits_per_step": hits_per_step(train),
        "tempo_bpm": usual_tempos_bpm(train),
        "fills": fill_shapes(train),
        "lean_ms": lean_ms(train),
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "libraries": {library: metadata.version(library) for library in _LIBRARIES},
        **provenance,
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(card, indent=2) + "\n")
    return path


def _described(config: NetworkConfig) -> dict[str, Any]:
    """What goes in and comes out, which the live runtime checks before it plays."""
    return {
        "encoding_version": ENCODING_VERSION,
        "config": asdict(config),
        "features": FEATURES,
        "state_size": config.state_size,
        "key_size": config.key_size,
        "top_size": config.top_size,
        "lanes": [lane.name for lane in DRUM_LANES],
        "genres": list(STYLES),
    }


def convert(model: Any, precision: str = "float32") -> bytes:
    """A Keras model of fixed shape as a LiteRT model; its tensor names are kept.

    The converter reorders inputs and outputs: call it by name (`get_signature_runner`).
    """
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    with contextlib.redirect_stdout(io.StringIO()):
        content: bytes = converter.convert()
    return content


def hits_per_step(train: Sequence[Performance]) -> dict[str, dict[str, float]]:
    """The mean number of lanes struck per step, for beats and for fills, by style.

    Counted from a file's first hit to its last: a fill of three beats is recorded as a bar. "any"
    is that of all styles together; a style without files has its genre's, or else that.
    """
    densities = {}
    for kind, fill in (("beat", False), ("fill", True)):
        files = [p for p in train if p.fill is fill]
        found = {"any": _density(files, fallback=0.0)}
        for style in STYLES:
            fallback = found[PARENTS[style]] if style in PARENTS else found["any"]
            found[style] = _density([p for p in files if style in p.styles], fallback)
        densities[kind] = found
    return densities


def _density(files: Sequence[Performance], fallback: float) -> float:
    if not files:
        return fallback
    hits = steps = 0
    for performance in files:
        played = np.flatnonzero(performance.masks)
        hits += int(np.count_nonzero(performance.velocities))
        steps += int(played[-1] - played[0]) + 1
    return round(hits / steps, 4)


def usual_tempos_bpm(train: Sequence[Performance]) -> dict[str, float]:
    """The median tempo of the takes, by style; fills apart, which are recorded by themselves.

    "any" and a style without takes are as in `hits_per_step`.
    """
    takes = [p for p in train if not p.fill]
    found = {"any": _median_bpm(takes, fallback=LEVELS["tempo"].default)}
    for style in STYLES:
        fallback = found[PARENTS[style]] if style in PARENTS else found["any"]
        found[style] = _median_bpm([p for p in takes if style in p.styles], fallback)
    return found


def _median_bpm(takes: Sequence[Performance], fallback: float) -> float:
    return round(statistics.median(p.tempo_bpm for p in takes), 1) if takes else fallback


def lean_ms(train: Sequence[Performance]) -> float:
    """How late the hits are on average; negative = early."""
    total_ms = 0.0
    hits = 0
    for performance in train:
        struck = performance.velocities > 0
        ms_per_tick = 60_000 / (performance.tempo_bpm * PPQN)
        total_ms += float(performance.microtimings_ticks[struck].sum()) * ms_per_tick
        hits += int(struck.sum())
    return round(total_ms / max(hits, 1), 2)
