"""What a run writes down after each epoch: a table, a picture, and scalars for TensorBoard."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.learn.backend import tf
from polyrhythmia_live.training.learn.curves import draw_curves

EVENTS = "events.out.tfevents.*"
"""What TensorBoard calls its files."""


class Journal:
    """log.csv, curves.png and tensorboard/ in the folder of a run.

    The first two are written anew after each epoch, and never half. An epoch stands in the log
    once, also where the run was killed and resumed.

    Threads: one.
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log.csv"
        self.curves = folder / "curves.png"
        self._scalars = folder / "tensorboard"
        self._rows: list[dict[str, float]] = []
        self._writer: Any = None

    def begin(self) -> None:
        """Forget an earlier run in the same folder."""
        self._rows = []
        for earlier in (self.log, self.curves, *self._scalars.glob(EVENTS)):
            earlier.unlink(missing_ok=True)

    def resume(self, epochs: int) -> None:
        """Go on after so many epochs; rows of later ones are of work that was lost.

        Raises CheckpointError where the log is no log.
        """
        try:
            with self.log.open(newline="") as file:
                rows = [
                    {name: _number(text) for name, text in row.items()}
                    for row in csv.DictReader(file)
                ]
            self._rows = [row for row in rows if row["epoch"] <= epochs]
        except FileNotFoundError:
            self._rows = []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CheckpointError(
                f"expected the log of a run in {self.log}, cannot read it ({error!r}): "
                "delete it and resume"
            ) from error

    def add(self, row: Mapping[str, float], best_epoch: int) -> None:
        """Write down an epoch: `row` has a number by column, "epoch" among them."""
        self._rows.append(dict(row))
        with replacing(self.log) as draft, draft.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row), restval="nan", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self._rows)
        draw_curves(self._rows, best_epoch, self.curves)
        self._add_scalars(row)

    def _add_scalars(self, row: Mapping[str, float]) -> None:
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(self._scalars))
        with self._writer.as_default(step=int(row["epoch"])):
            for name, value in row.items():
                tf.summary.scalar(name, value)
        self._writer.flush()


def _number(text: str) -> float:
    return int(text) if text.isdecimal() else float(text)
