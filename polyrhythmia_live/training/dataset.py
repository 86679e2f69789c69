"""The Groove MIDI Dataset as step grids.

Each note goes to the nearest step of the whole file (a note just before a bar line belongs to the
next bar), and where two fall into one cell the louder stays. The official split is kept, because
takes of one recording share their bars.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import pretty_midi

from polyrhythmia_live.drummer.encoding import ENCODING_VERSION, LANES, PITCH_MAP
from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.training import cache as cache_file
from polyrhythmia_live.training.performance import Dataset, Grid, NoteTally, Performance


def read_dataset(
    root: Path, splits: Sequence[str] = ("train", "validation"), cache: Path | None = None
) -> Dataset:
    """The dataset's performances of the given splits.

    `root` is the unpacked folder that holds info.csv. `cache` is a file that is written, and read
    instead of the MIDI files while info.csv, the splits and the encoding stay the same.
    Raises DatasetError when `root` is not the dataset.
    """
    index = root / "info.csv"
    if not index.is_file():
        raise DatasetError(
            f"expected the Groove MIDI Dataset (a folder with info.csv), found no {index}: "
            "download groove-v1.0.0-midionly.zip, unpack it and give the folder groove"
        )
    hashed = hashlib.sha256(index.read_bytes()).hexdigest()
    key = json.dumps([ENCODING_VERSION, PPQN, sorted(splits), hashed])
    if cache is not None and cache.is_file():
        kept = cache_file.load(cache, key)
        if kept is not None:
            return kept
    dataset = _read(root, _rows(index, splits))
    if cache is not None:
        cache_file.save(cache, key, dataset)
    return dataset


def _rows(index: Path, splits: Sequence[str]) -> list[dict[str, str]]:
    with index.open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {"midi_filename", "split", "style", "bpm", "beat_type", "time_signature"}
    missing = expected - set(rows[0] if rows else ())
    if missing:
        raise DatasetError(
            f"{index} should have the columns {', '.join(sorted(expected))}: "
            f"{', '.join(sorted(missing))} missing; is it the Groove MIDI Dataset's?"
        )
    wanted = [row for row in rows if row["split"] in splits]
    if not wanted:
        raise DatasetError(f"{index} lists no files of the split {' or '.join(splits)}")
    return wanted


def _read(root: Path, rows: Sequence[dict[str, str]]) -> Dataset:
    performances: list[Performance] = []
    dropped: dict[str, str] = {}
    tally = NoteTally()
    with click.progressbar(rows, label="reading MIDI files", file=sys.stderr) as progress:
        for row in progress:
            try:
                performances.append(_performance(root, row, tally))
            except _Unusable as reason:
                dropped[row["midi_filename"]] = str(reason)
    if not performances:
        reasons = ", ".join(sorted(set(dropped.values())))
        raise DatasetError(f"none of the {len(rows)} files under {root} can be used: {reasons}")
    return Dataset(tuple(performances), dropped, tally)


class _Unusable(Exception):
    """Why a file is left out."""


def _performance(root: Path, row: dict[str, str], tally: NoteTally) -> Performance:
    genre = row["style"].split("/")[0]
    if genre not in GENRES:
        raise _Unusable(f"style {genre!r} is not one of the {len(GENRES)} genres")
    try:
        meter = Meter(*(int(number) for number in row["time_signature"].split("-")))
    except (TypeError, ValueError) as error:
        raise _Unusable(f"time signature {row['time_signature']!r}") from error
    velocities, microtimings_ticks, articulations = _grids(
        _onsets(root / row["midi_filename"]), meter, tally
    )
    return Performance(
        name=row["midi_filename"],
        split=row["split"],
        genre=genre,
        style=row["style"],
        tempo_bpm=float(row["bpm"]),
        meter=meter,
        fills=np.full(len(velocities), row["beat_type"] == "fill"),
        velocities=velocities,
        microtimings_ticks=microtimings_ticks,
        articulations=articulations,
    )


def _onsets(path: Path) -> list[tuple[int, int, int]]:
    """(onset in ticks of ours, pitch, velocity) of every note."""
    if not path.is_file():
        raise _Unusable("the MIDI file is not there")
    try:
        midi = pretty_midi.PrettyMIDI(str(path))
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise _Unusable("not a readable MIDI file") from error
    scale = PPQN / midi.resolution
    return [
        (round(midi.time_to_tick(note.start) * scale), note.pitch, note.velocity)
        for instrument in midi.instruments
        for note in instrument.notes
    ]


def _grids(
    onsets: Sequence[tuple[int, int, int]], meter: Meter, tally: NoteTally
) -> tuple[Grid, Grid, Grid]:
    mapped = [onset for onset in onsets if onset[1] in PITCH_MAP]
    tally.notes += len(onsets)
    tally.unmapped += len(onsets) - len(mapped)
    if not mapped:
        raise _Unusable("no drum notes in it")
    half = TICKS_PER_STEP // 2
    last_step = max((tick + half) // TICKS_PER_STEP for tick, _, _ in mapped)
    shape = ((meter.bar_of(last_step) + 1) * meter.bar_steps, LANES)
    velocities, microtimings_ticks, articulations = (np.zeros(shape, np.int16) for _ in range(3))
    for tick, pitch, velocity in mapped:
        lane, articulation = PITCH_MAP[pitch]
        step = (tick + half) // TICKS_PER_STEP
        tally.collided += int(velocities[step, lane] > 0)
        if velocity > velocities[step, lane]:
            velocities[step, lane] = velocity
            microtimings_ticks[step, lane] = tick - step * TICKS_PER_STEP
            articulations[step, lane] = articulation
    return velocities, microtimings_ticks, articulations
