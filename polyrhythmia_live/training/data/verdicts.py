"""What became of each file, as a table: the report of `polyrhythmia prepare`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset, NoteTally
from polyrhythmia_live.training.data.performance import Performance

COLUMNS = (
    "file", "verdict", "reason", "split", "style", "meter", "bpm", "parts", "bars", "notes", "hits",
    "remarks",
)  # fmt: skip
LEARNT, LEFT_OUT = "learnt from", "left out"


def write_verdicts(dataset: Dataset, path: Path) -> None:
    """A row of comma-separated values for each file, those left out first.

    `notes` are the file's drum notes, `hits` those that are learnt from. Raises DatasetError where
    it cannot be written.
    """
    of_file: dict[str, list[Performance]] = {}
    for performance in dataset.performances:
        of_file.setdefault(performance.file, []).append(performance)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            replacing(path) as draft,
            draft.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
        ):
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for verdict in sorted(dataset.verdicts, key=lambda it: (not it.reason, it.name)):
                parts = of_file.get(verdict.name, [])
                table.writerow([
                    verdict.name,
                    LEFT_OUT if verdict.reason else LEARNT,
                    verdict.reason,
                    parts[0].split if parts else "",
                    parts[0].style if parts else "",
                    _each(str(part.meter) for part in parts),
                    _each(f"{part.tempo_bpm:.4g}" for part in parts),
                    len(parts),
                    sum(part.bars for part in parts),
                    verdict.tally.notes,
                    sum(int((part.velocities > 0).sum()) for part in parts),
                    "; ".join([*verdict.told, *_lost(verdict.tally)]),
                ])  # fmt: skip
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror or error}") from error


def _each(said: Iterable[str]) -> str:
    """The different ones, in order."""
    return " ".join(dict.fromkeys(said))


def _lost(tally: NoteTally) -> Iterator[str]:
    """What of a file's notes was not learnt from, and why."""
    if tally.collided:
        yield f"hits that gave way to a louder one in the same cell: {tally.collided}"
    if tally.unmapped:
        pitches = ", ".join(str(pitch) for pitch in sorted(tally.unmapped_pitches))
        yield f"notes of a pitch without a lane: {tally.unmapped} ({pitches})"
    if tally.other_channels:
        yield f"notes of other instruments: {tally.other_channels}"
