"""A dataset of the Groove MIDI Dataset's shape, small enough for every run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import pytest

RESOLUTION = 480
STEP = RESOLUTION // 4

Onset = tuple[float, int, int]
"""(place in steps, pitch, velocity)"""


@dataclass(frozen=True)
class Take:
    name: str
    onsets: Sequence[Onset]
    split: str = "train"
    style: str = "rock"
    bpm: int = 120
    beat_type: str = "beat"
    time_signature: str = "4-4"


def write_take(path: Path, take: Take) -> None:
    numerator, denominator = (int(number) for number in take.time_signature.split("-"))
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(take.bpm)))
    track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
    events = []
    for place, pitch, velocity in take.onsets:
        tick = round(place * STEP)
        events += [(tick, pitch, velocity), (tick + STEP // 4, pitch, 0)]
    now = 0
    for tick, pitch, velocity in sorted(events):
        track.append(
            mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - now)
        )
        now = tick
    midi = mido.MidiFile(ticks_per_beat=RESOLUTION)
    midi.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    midi.save(path)


def write_dataset(root: Path, takes: Sequence[Take]) -> Path:
    rows = []
    for take in takes:
        name = f"drummer1/{take.name}.mid"
        write_take(root / name, take)
        rows.append(
            {
                "midi_filename": name,
                "split": take.split,
                "style": take.style,
                "bpm": take.bpm,
                "beat_type": take.beat_type,
                "time_signature": take.time_signature,
            }
        )
    with (root / "info.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root


def rock(bars: int) -> list[Onset]:
    """Kick on 1 and 3, snare on 2 and 4, a pushing closed hat, a crash on the first beat."""
    onsets: list[Onset] = [(0, 49, 120)]
    for bar in range(bars):
        start = 16 * bar
        onsets += [(start + step, 36, 100) for step in (0, 8)]
        onsets += [(start + step + 0.1, 38, 90) for step in (4, 12)]
        onsets += [(start + step - 0.2, 42, 60) for step in range(2, 16, 2)]
    return onsets


@pytest.fixture
def groove(tmp_path: Path) -> Path:
    """Five usable takes: three to train on (one a fill), two to validate on (one in 6/8)."""
    fill = [(step, 48 if step < 8 else 43, 80 + step) for step in range(12)]
    return write_dataset(
        tmp_path / "groove",
        [
            Take("1_rock", rock(6)),
            Take("2_jazz", rock(3), style="jazz/swing", bpm=180),
            Take("3_fill", fill, style="funk", beat_type="fill"),
            Take("4_rock", rock(4), split="validation"),
            Take("5_waltz", rock(2), split="validation", style="latin", time_signature="6-8"),
        ],
    )
