"""Recordings to train on: the Groove MIDI Dataset, a folder of one's own, or a prepared file.

The Groove MIDI Dataset's official split is kept, because takes of one recording share their bars.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data import cache as prepared
from polyrhythmia_live.training.data import folder
from polyrhythmia_live.training.data.dataset import Dataset, NoteTally, Verdict
from polyrhythmia_live.training.data.entry import Entry, read_entry
from polyrhythmia_live.training.data.labels import labelled
from polyrhythmia_live.training.data.midi_file import Unusable
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.verdicts import write_verdicts
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

INDEX = "info.csv"
SPLITS = folder.SPLITS
_COLUMNS = {"midi_filename", "split", "style", "bpm", "beat_type", "time_signature"}


def read_dataset(
    root: Path,
    splits: Sequence[str] = ("train", "validation"),
    cache: Path | None = None,
    progress: ProgressCallback = unwatched,
) -> Dataset:
    """The performances of the given splits, labelled.

    `root` is the unpacked Groove MIDI Dataset (the folder that holds info.csv), any other folder of
    drum MIDI files (see `folder`), or a file that `polyrhythmia prepare` has written. `cache` is a
    file that is written, and read instead of a folder while that is unchanged. The train split is
    read in any case, because the labels of all splits are by it; without one, ranks are unknown.
    `progress` is told of each MIDI file.

    Raises DatasetError where `root` is none of these, and where nothing of the splits can be used.
    """
    if root.is_file():
        return prepared.load(root).only(splits)
    read = ("train", *(split for split in splits if split != "train"))
    listing = _listing(root, read)
    if cache is not None and cache.is_file():
        kept = prepared.load_cache(cache, content=listing.content, splits=read)
        if kept is not None:
            return kept.only(splits)
    dataset = labelled(_used(root, _read(root, listing, progress)))
    if cache is not None:
        prepared.save(cache, dataset, content=listing.content, splits=listing.splits)
    return dataset.only(splits)


def prepare(
    root: Path, out: Path, progress: ProgressCallback = unwatched, report: Path | None = None
) -> Dataset:
    """Read all there is in a folder, and write it to a file for `read_dataset`.

    `report` is a table that is written of what became of each file, also where none can be used.
    Raises DatasetError as `read_dataset` does, and where a file cannot be written.
    """
    listing = _listing(root, SPLITS)
    read = _read(root, listing, progress)
    if report is not None:
        write_verdicts(read, report)
    dataset = labelled(_used(root, read))
    prepared.save(out, dataset, content=listing.content, splits=listing.splits)
    return dataset


@dataclass(frozen=True, slots=True)
class _Listing:
    """What there is to read; `dropped` can be seen to be of no use before it is read."""

    name: str
    licence: str
    entries: Sequence[Entry]
    dropped: dict[str, str]
    content: str
    splits: Sequence[str]


def _listing(root: Path, splits: Sequence[str]) -> _Listing:
    return _groove(root, splits) if (root / INDEX).is_file() else _folder(root)


def _groove(root: Path, splits: Sequence[str]) -> _Listing:
    index = root / INDEX
    rows = _rows(index)
    entries, dropped = [], {}
    for row in rows:
        if row["split"] in splits:
            try:
                entries.append(_entry(row))
            except Unusable as reason:
                dropped[row["midi_filename"]] = str(reason)
    hashed = hashlib.sha256(index.read_bytes()).hexdigest()
    return _Listing("Groove MIDI Dataset", "CC BY 4.0", entries, dropped, hashed, splits)


def _rows(index: Path) -> list[dict[str, str]]:
    try:
        with index.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"{index} should be a table of comma-separated values: {error}"
        ) from error
    missing = _COLUMNS - set(rows[0] if rows else ())
    if missing:
        raise DatasetError(
            f"{index} should have the columns {', '.join(sorted(_COLUMNS))}: "
            f"{', '.join(sorted(missing))} missing; is it the Groove MIDI Dataset's?"
        )
    return rows


def _entry(row: dict[str, str]) -> Entry:
    genre = row["style"].split("/")[0]
    if genre not in GENRES:
        raise Unusable(f"style {genre!r} is not one of the {len(GENRES)} genres")
    try:
        meter = Meter.parse(row["time_signature"].replace("-", "/"))
    except ValueError as error:
        raise Unusable(f"time signature {row['time_signature']!r}") from error
    try:
        tempo_bpm = float(row["bpm"])
    except ValueError as error:
        raise Unusable(f"tempo {row['bpm']!r}") from error
    return Entry(
        name=row["midi_filename"],
        style=row["style"],
        split=row["split"],
        tempo_bpm=tempo_bpm,
        meter=meter,
        fill=row["beat_type"] == "fill",
        vouched=True,
    )


def _folder(root: Path) -> _Listing:
    entries = folder.entries(root)
    if not entries:
        raise DatasetError(
            f"expected the Groove MIDI Dataset (a folder with {INDEX}), a folder of drum MIDI "
            f"files or a prepared .npz, found none of them at {root}: download "
            "groove-v1.0.0-midionly.zip, unpack it and give the folder groove"
        )
    content = hashlib.sha256(json.dumps(folder.content(root)).encode()).hexdigest()
    return _Listing(root.resolve().name, "not stated", entries, {}, content, SPLITS)


def _read(root: Path, listing: _Listing, progress: ProgressCallback) -> Dataset:
    performances: list[Performance] = []
    verdicts = [Verdict(name, why, NoteTally(), ()) for name, why in listing.dropped.items()]
    for entry in counted(listing.entries, "reading MIDI files", progress):
        read, verdict = _judged(root, entry)
        performances += read
        verdicts.append(verdict)
    dropped = {verdict.name: verdict.reason for verdict in verdicts if verdict.reason}
    tally = NoteTally()
    for verdict in verdicts:
        tally.add(verdict.tally)
    return Dataset(
        performances=folder.with_splits(performances),
        dropped_files=dropped,
        tally=tally,
        name=listing.name,
        licence=listing.licence,
        verdicts=tuple(verdicts),
    )


def _used(root: Path, dataset: Dataset) -> Dataset:
    """The dataset. Raises DatasetError where there is nothing in it."""
    dropped = dataset.dropped_files
    if not dataset.performances and dropped:
        reasons = ", ".join(sorted(set(dropped.values())))
        raise DatasetError(f"none of the {len(dropped)} files under {root} can be used: {reasons}")
    return dataset


def _judged(root: Path, entry: Entry) -> tuple[tuple[Performance, ...], Verdict]:
    """What can be learnt from a file, and what became of it; whatever it is, the run goes on."""
    tally = NoteTally()
    told: list[str] = []
    performances: tuple[Performance, ...] = ()
    reason = ""
    try:
        performances = read_entry(root, entry, tally, told)
    except Unusable as error:
        reason = str(error)
    except Exception as error:  # one file, and a mistake of ours, must not cost the others
        reason = f"a fault of ours ({type(error).__name__}: {error})"
    return performances, Verdict(entry.name, reason, tally, tuple(told))
