"""How a run ends: its best network as files to play with, which say where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.export import DEFAULT_PRECISION, export
from polyrhythmia_live.training.learn import checkpoint
from polyrhythmia_live.training.learn.finetune import Outcome


def export_adopted(
    outcome: Outcome,
    name: str,
    earlier: Mapping[str, Any],
    folder: Path,
    own: Dataset,
    base: Dataset | None,
    provenance: Mapping[str, Any],
) -> Path:
    """Export best.npz of a folder into it; the path of the card.

    `earlier` is what the card of the network called `name` says that was trained further: styles
    that were not heard again keep their densities and primers of it. Empty where there is none.
    """
    heard = [*own.split("train"), *(base.split("train") if base else ())]
    said = {
        "data": own.provenance("train"),
        "base_data": base.provenance("train") if base else earlier.get("data"),
        "fine_tuning": {"from": name, **asdict(outcome)},
    }
    card = export(
        checkpoint.load_network(folder / "best.npz"),
        name,
        folder,
        train=heard,
        provenance={**said, **provenance},
        precision=earlier.get("precision", DEFAULT_PRECISION),
    )
    _keep_other_styles(card, earlier, heard)
    return card


def _keep_other_styles(
    card: Path, earlier: Mapping[str, Any], heard: Sequence[Performance]
) -> None:
    said = json.loads(card.read_text())
    styles = {style for performance in heard for style in performance.styles}
    for kind, densities in said["hits_per_step"].items():
        kept = earlier.get("hits_per_step", {}).get(kind, {})
        densities.update({style: kept[style] for style in kept.keys() - styles - {"any"}})
    said["primers"] = earlier.get("primers", {})
    with replacing(card) as draft:
        draft.write_text(json.dumps(said, indent=2) + "\n")
