"""One file of a dataset: what a table says of it, and how it becomes performances."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from polyrhythmia_live.drummer.styles import styles_of
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM
from polyrhythmia_live.training.data.dataset import NoteTally
from polyrhythmia_live.training.data.drum_track import DrumTrack, read_drum_track
from polyrhythmia_live.training.data.grids import on_grid
from polyrhythmia_live.training.data.midi_file import Unusable
from polyrhythmia_live.training.data.naming import meter_named, tempo_named
from polyrhythmia_live.training.data.parts import Part, parts_of
from polyrhythmia_live.training.data.percussion import INPUT_PITCHES
from polyrhythmia_live.training.data.performance import Performance, part_named


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, `name` being its path within the dataset, and what a table or its name says of it.

    `split` and `style` are "", and `tempo_bpm` and `meter` None, where neither says anything; tempo
    and meter are then the file's own. `vouched` is whether people have listed it as drums.
    """

    name: str
    style: str = ""
    split: str = ""
    tempo_bpm: float | None = None
    meter: Meter | None = None
    fill: bool = False
    vouched: bool = False


def read_entry(
    root: Path, entry: Entry, tally: NoteTally, told: list[str]
) -> tuple[Performance, ...]:
    """The file's performances, one for each of its parts, the second named "file.mid#2".

    Adds to `tally`, and to `told` what was passed over or taken for granted. Raises Unusable with
    the reason.
    """
    track = read_drum_track(root / entry.name, vouched=entry.vouched)
    told += track.told
    tally.notes += len(track.notes)
    tally.other_channels += track.left_out
    tally.files_without_channel += not track.on_drum_channel
    tally.unmapped_pitches.update(n.pitch for n in track.notes if n.pitch not in INPUT_PITCHES)
    with_lane = tuple(note for note in track.notes if note.pitch in INPUT_PITCHES)
    if not with_lane:
        raise Unusable("no drum notes in it")
    meter = entry.meter or _guessed_meter(entry, track, told)
    parts = parts_of(with_lane, track.signatures, meter, told)
    named_bpm = entry.tempo_bpm or _guessed_tempo_bpm(entry, track, told)
    performances = []
    for number, part in enumerate(parts, start=1):
        tempo_bpm = track.tempo_bpm(part.ticks) if named_bpm is None else named_bpm
        if not TEMPO_MIN_BPM <= tempo_bpm <= TEMPO_MAX_BPM:
            raise Unusable(f"tempo not in {TEMPO_MIN_BPM:g}..{TEMPO_MAX_BPM:g} bpm")
        name = part_named(entry.name, number)
        performances.append(_performance(name, entry, part, tempo_bpm, tally))
    tally.files_of_unknown_style += not styles_of(entry.style)
    return tuple(performances)


def _performance(
    name: str, entry: Entry, part: Part, tempo_bpm: float, tally: NoteTally
) -> Performance:
    velocities, microtimings_ticks, articulations = on_grid(part, tally)
    styles = styles_of(entry.style)
    return Performance(
        name=name,
        split=entry.split,
        genre=styles[0] if styles else "",
        style=entry.style,
        tempo_bpm=tempo_bpm,
        meter=part.meter,
        fills=np.full(len(velocities), entry.fill),
        velocities=velocities,
        microtimings_ticks=microtimings_ticks,
        articulations=articulations,
    )


def _guessed_meter(entry: Entry, track: DrumTrack, told: list[str]) -> Meter | None:
    """The one that the name says where the file says none."""
    if track.signatures:
        return None
    meter = meter_named(PurePosixPath(entry.name))
    told.append(f"{meter} by its name" if meter else f"{Meter()} taken for granted")
    return meter


def _guessed_tempo_bpm(entry: Entry, track: DrumTrack, told: list[str]) -> float | None:
    """The one that the name says where the file says none."""
    if track.tempos:
        return None
    tempo_bpm = tempo_named(PurePosixPath(entry.name))
    told.append(f"{tempo_bpm:g} bpm by its name" if tempo_bpm else "120 bpm taken for granted")
    return tempo_bpm
