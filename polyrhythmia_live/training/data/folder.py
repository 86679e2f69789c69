"""Any folder of drum MIDI files: one's own playing, a library, a machine's exports.

`styles.csv` in the folder says what a file is (columns file, style and, if wanted, split, tempo,
beat_type and meter). Otherwise its name does: the first style that is named in the file's name, or
in that of the folder it is in, and so on outwards. A file of which nothing is said is of unknown
style, in the tempo and meter of the MIDI file.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM
from polyrhythmia_live.training.data.entry import Entry
from polyrhythmia_live.training.data.naming import style_named, words
from polyrhythmia_live.training.data.performance import Performance

TABLE = "styles.csv"
SPLITS = ("train", "validation", "test")
HELD_OUT_SHARE = 0.1
"""Of the files of a folder that states no splits, for validation."""

_READING = 2
"""Raise it when files come to be read otherwise, so that caches of folders are made anew."""
_SUFFIXES = {".mid", ".midi", ".smf", ".kar", ".rmi"}


def midi_names(root: Path) -> list[str]:
    """The folder's MIDI files, hidden ones apart, as sorted paths within it."""
    paths = (path.relative_to(root) for path in root.rglob("*") if not _is_folder(path))
    return sorted(
        path.as_posix()
        for path in paths
        if path.suffix.lower() in _SUFFIXES and not any(part[0] == "." for part in path.parts)
    )


def entries(root: Path) -> list[Entry]:
    """The folder's files, and those that its table lists and that are not there.

    Raises DatasetError where the table is wrong.
    """
    names = midi_names(root)
    table = root / TABLE
    said = dict(_table_rows(table, names)) if table.is_file() else {}
    return [_entry(root, name, said.get(name, {}), table) for name in sorted({*names, *said})]


def content(root: Path) -> list[object]:
    """What changes when the folder or its reading does: names, sizes and times of its files."""
    names = [*midi_names(root), *([TABLE] if (root / TABLE).is_file() else [])]
    return [_READING, *([name, *_state(root / name)] for name in names)]


def with_splits(performances: Sequence[Performance]) -> tuple[Performance, ...]:
    """Every performance in a split.

    If any is in one already, the rest are to train on. Otherwise a tenth is held out, chosen by the
    hash of the file's path within the folder, so that more files do not change who is held out: at
    least one file of two or more, and never all.
    """
    if any(p.split for p in performances):
        return tuple(p if p.split else replace(p, split="train") for p in performances)
    places = {name: _place(name) for name in sorted({p.file for p in performances})}
    held_out = {name for name, place in places.items() if place < HELD_OUT_SHARE}
    if len(places) > 1 and len(held_out) in (0, len(places)):
        held_out = {min(places, key=lambda name: places[name])}
    elif len(places) == 1:
        held_out = set()
    return tuple(
        replace(p, split="validation" if p.file in held_out else "train") for p in performances
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _state(path: Path) -> list[int]:
    """Size and time, nothing of a link that leads nowhere."""
    try:
        stat = path.stat()
    except OSError:
        return []
    return [stat.st_size, stat.st_mtime_ns]


def _place(name: str) -> float:
    """Where a name stands between 0 and 1."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8], "big") / 2**64


def _table_rows(table: Path, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(path within the folder, what is said of it) for each row of the table."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"{table} should be a table of comma-separated values in UTF-8: {error}"
        ) from error
    seen = set()
    for row in rows:
        said = {
            key.strip().lower(): (value or "").strip()
            for key, value in row.items()
            if isinstance(key, str) and not isinstance(value, list)
        }
        if not {"file", "style"} <= set(said):
            raise DatasetError(f"{table} should have the columns file and style")
        name = _found(said["file"].replace("\\", "/"), names)
        if name in seen:
            raise DatasetError(f"{table} should list each file once: {name} is there again")
        seen.add(name)
        yield name, said


def _found(listed: str, names: Sequence[str]) -> str:
    """The file that a row means: its path, or just its name where only one file has it."""
    of_that_name = [name for name in names if PurePosixPath(name).name == listed]
    return of_that_name[0] if listed not in names and len(of_that_name) == 1 else listed


def _entry(root: Path, name: str, said: Mapping[str, str], table: Path) -> Entry:
    path = PurePosixPath(root.resolve().name, name)
    split = said.get("split", "").lower()
    beat_type = said.get("beat_type", "").lower()
    if split not in ("", *SPLITS):
        raise DatasetError(f"{table}: split must be one of {', '.join(SPLITS)}, got {split!r}")
    if beat_type not in ("", "beat", "fill"):
        raise DatasetError(f"{table}: beat_type must be beat or fill, got {beat_type!r}")
    own_words = set(words(str(PurePosixPath(name).with_suffix(""))))
    return Entry(
        name=name,
        style=said.get("style", "").lower() or style_named(path),
        split=split,
        tempo_bpm=_tempo_bpm(said.get("tempo", ""), table),
        meter=_meter(said.get("meter", ""), table),
        fill=beat_type == "fill" if beat_type else not own_words.isdisjoint({"fill", "fills"}),
        vouched=bool(said),
    )


def _tempo_bpm(text: str, table: Path) -> float | None:
    if not text:
        return None
    try:
        tempo_bpm = float(text)
    except ValueError:
        tempo_bpm = 0.0
    if not TEMPO_MIN_BPM <= tempo_bpm <= TEMPO_MAX_BPM:
        raise DatasetError(
            f"{table}: tempo must be in {TEMPO_MIN_BPM:g}..{TEMPO_MAX_BPM:g} bpm, got {text!r}"
        )
    return tempo_bpm


def _meter(text: str, table: Path) -> Meter | None:
    if not text:
        return None
    try:
        return Meter.parse(text.replace("-", "/"))
    except ValueError as error:
        raise DatasetError(f"{table}: meter must be one such as 7/8, got {text!r}") from error
