"""A run at a glance: the picture of its log. The one door to Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from polyrhythmia_live.system.files import replacing

PANELS = (
    ("nats per step", {"train_nll": "training, as heard", "nll": "validation"}),
    ("nats per hit", {"velocity_nll": "velocity", "microtiming_nll": "microtiming"}),
    ("learning rate", {"learning_rate": ""}),
)
"""What stands on the axis, and the columns of the log that are drawn there with their names."""

SIZE_INCHES = (7.0, 8.0)
DOTS_PER_INCH = 110


def draw_curves(log: Sequence[Mapping[str, float]], best_epoch: int, path: Path) -> None:
    """Draw the log of a run (a row per epoch) to a PNG; `best_epoch` is marked, if not 0.

    Needs no display: the figure is drawn without pyplot, whose windows and global state a long run
    has no use for. Raises OSError where the file cannot be written.
    """
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    epochs = [row["epoch"] for row in log]
    panels = figure.subplots(len(PANELS), sharex=True, height_ratios=(3, 2, 1))
    for panel, (unit, columns) in zip(panels, PANELS, strict=True):
        _draw(panel, log, epochs, columns)
        panel.set_ylabel(unit)
        if best_epoch:
            panel.axvline(best_epoch, color="grey", linestyle=":", zorder=0)
    for row in log:
        if row["epoch"] == best_epoch:
            panels[0].set_title(
                f"best after epoch {best_epoch}: {row.get('nll', math.nan):.4f} nats per step"
            )
    panels[-1].set_xlabel("epoch")
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    with replacing(path) as draft:
        figure.savefig(draft)


def _draw(
    panel: Any, log: Sequence[Mapping[str, float]], epochs: list[float], columns: Mapping[str, str]
) -> None:
    for column, name in columns.items():
        panel.plot(epochs, [row.get(column, math.nan) for row in log], label=name, marker=".")
    if any(columns.values()):
        panel.legend()
    panel.grid(alpha=0.3)
