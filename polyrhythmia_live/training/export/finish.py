"""How a run ends: its best network as files to play with, whose card says where it comes from.

Both ways end with priming, since a network without primers starts from silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.export import DEFAULT_PRECISION, export
from polyrhythmia_live.training.export.exported import Start
from polyrhythmia_live.training.export.priming import prime
from polyrhythmia_live.training.learn.checkpoint import load_network
from polyrhythmia_live.training.learn.finetune import Outcome
from polyrhythmia_live.training.learn.fit import Trainer
from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters
from polyrhythmia_live.training.learn.metrics import Figures
from polyrhythmia_live.training.learn.objective import evaluate
from polyrhythmia_live.training.progress import ProgressCallback, unwatched


def export_best(
    trainer: Trainer,
    dataset: Dataset,
    name: str,
    *,
    command: str,
    progress: ProgressCallback = unwatched,
) -> tuple[Path, Figures]:
    """Export the best network of a run into its folder; the card's path, and its figures.

    `command` is the command line that made it, for the card. `progress` is as in `prime`. Raises
    CheckpointError where no epoch was good enough to be kept.
    """
    network, train = load_network(trainer.best), dataset.split("train")
    figures = evaluate(network, dataset.split("validation", meter=Meter()))
    done = trainer.progress
    provenance = {
        "data": dataset.provenance("train"),
        "training": {
            **asdict(trainer.hyper),
            "seed": trainer.seed,
            "last_epoch": done.epochs,
            "best_epoch": done.best_epoch,
        },
        "validation": asdict(figures),
        "command": command,
    }
    card = export(network, name, trainer.folder, train=train, provenance=provenance)
    prime(card, train=train, seed=trainer.seed, progress=progress)
    return card, figures


def export_adopted(
    outcome: Outcome,
    start: Start,
    folder: Path,
    own: Dataset,
    base: Dataset | None,
    *,
    hyper: Hyperparameters,
    seed: int,
    command: str,
    progress: ProgressCallback = unwatched,
) -> Path:
    """Export best.npz of a folder into it, under the name that `start` had; the path of the card.

    Styles that were not heard again keep the densities and primers that they had in the card of
    `start`, if there is one. `command` and `progress` are as in `export_best`.
    """
    earlier = start.card
    heard = [*own.split("train"), *(base.split("train") if base else ())]
    provenance = {
        "data": own.provenance("train"),
        "base_data": base.provenance("train") if base else earlier.get("data"),
        "fine_tuning": {"from": start.name, **asdict(outcome)},
        "training": {**asdict(hyper), "seed": seed},
        "command": command,
    }
    card = export(
        load_network(folder / "best.npz"),
        start.name,
        folder,
        train=heard,
        provenance=provenance,
        precision=earlier.get("precision", DEFAULT_PRECISION),
    )
    _keep_other_styles(card, earlier, heard)
    styles = {style for performance in own.performances for style in performance.styles}
    prime(card, train=heard, styles=styles, seed=seed, progress=progress)
    return card


def _keep_other_styles(
    card: Path, earlier: Mapping[str, Any], heard: Sequence[Performance]
) -> None:
    said = json.loads(card.read_text())
    styles = {style for performance in heard for style in performance.styles}
    for kind, densities in said["hits_per_step"].items():
        kept = earlier.get("hits_per_step", {}).get(kind, {})
        densities.update({style: kept[style] for style in kept.keys() - styles - {"any"}})
    tempos, kept = said["tempo_bpm"], earlier.get("tempo_bpm", {})
    tempos.update({style: kept[style] for style in kept.keys() - styles - {"any"}})
    fills = earlier.get("fills", {})
    said["fills"].update({style: fills[style] for style in fills.keys() - styles - {"any"}})
    said["primers"] = earlier.get("primers", {})
    with replacing(card) as draft:
        draft.write_text(json.dumps(said, indent=2) + "\n")
