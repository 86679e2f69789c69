"""How the synth sounds: ten takes as .wav, and its sounds beside each other.

Takes: 16 bars by `polyrhythmia render`, at the default gain. Integrated loudness (LUFS, ITU-R
BS.1770), peak, and how far apart the softest and the loudest tenth of each take's blocks of 400 ms
are. Sounds: the loudest 400 ms of a hit beside a snare's at velocity 100; a snare's at 20 and 45
beside one at 127.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import numpy as np
from _loudness import from_s16, integrated_lufs, momentary_lufs, peak_db, read_wav

from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.midi.base import note_on
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.fluid import FluidSynth

TAKES = {
    "rock": ("--genre", "rock", "--bpm", "112"),
    "funk": ("--genre", "funk", "--bpm", "98"),
    "punk": ("--genre", "punk", "--bpm", "144"),
    "jazz": ("--genre", "jazz", "--bpm", "132"),
    "bossa": ("--genre", "bossa", "--bpm", "127"),
    "samba": ("--genre", "samba", "--bpm", "100"),
    "hiphop": ("--genre", "hiphop", "--bpm", "90"),
    "disco": ("--genre", "disco", "--bpm", "120"),
    "neworleans": ("--genre", "neworleans", "--bpm", "94"),
    "background": ("--preset", "background"),
}
HARD = ("--genre", "punk", "--bpm", "160", "--intensity", "100", "--density", "100")
"""As loud as it gets: its peak is to stay below -1 dBFS."""

OPTIONS = (
    click.Option(["--seed"], type=int, default=1, show_default=True, help="Of the takes."),
    click.Option(["--soundfont"], type=click.Path(path_type=Path), help="Default: as `render`."),
)
SNARE = GENERAL_MIDI.notes["snare"]
_DRUM_CHANNEL = 9
_ALL_SOUND_OFF = bytes((0xB0 | _DRUM_CHANNEL, 120, 0))
_RATE_HZ = 44_100


def measure(seed: int, soundfont: Path | None) -> tuple[dict[str, Any], str]:
    """The figures of all takes and sounds, and a table of them. Threads: any."""
    takes = {
        name: _take((*flags, "--seed", str(seed)), soundfont)
        for name, flags in {**TAKES, "hard": HARD}.items()
    }
    with closing(FluidSynth(SynthSound(soundfont), rate_hz=_RATE_HZ)) as synth:
        kit = f"{synth.kit.preset.name} of {synth.kit.soundfont.name}"
        sounds = {name: _hit(synth, note, 100) for name, note in GENERAL_MIDI.notes.items()}
        ghosts = {
            velocity: _hit(synth, GENERAL_MIDI.notes["snare"], velocity) for velocity in (20, 45)
        }
        accent = _hit(synth, GENERAL_MIDI.notes["snare"], 127)
    figures = {
        "kit": kit,
        "takes": takes,
        "sounds_lu": {name: lufs - sounds["snare"] for name, lufs in sounds.items()},
        "ghosts_lu": {velocity: lufs - accent for velocity, lufs in ghosts.items()},
    }
    return figures, _table(figures)


def _take(flags: tuple[str, ...], soundfont: Path | None) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "take.wav")
        chosen = () if soundfont is None else ("--soundfont", str(soundfont))
        command = [
            sys.executable,
            "-m",
            "polyrhythmia_live",
            "render",
            "--force",
            str(file),
            *flags,
            *chosen,
        ]
        subprocess.run(command, check=True, capture_output=True)
        samples, rate_hz = read_wav(file)
    blocks = momentary_lufs(samples, rate_hz)
    low, high = np.percentile(blocks[blocks > -70], (10, 90))
    return {
        "lufs": integrated_lufs(samples, rate_hz),
        "peak_db": peak_db(samples),
        "range_lu": float(high - low),
    }


def _hit(synth: FluidSynth, note: int, velocity: int) -> float:
    """The loudest 400 ms of a hit, in LUFS, once nothing else rings."""
    synth.play(_ALL_SOUND_OFF)
    synth.render(2 * _RATE_HZ)
    synth.play(note_on(_DRUM_CHANNEL, note, velocity))
    return float(momentary_lufs(from_s16(synth.render(_RATE_HZ)), _RATE_HZ).max())


def _table(figures: dict[str, Any]) -> str:
    lines = [figures["kit"], "", f"{'take':12}{'LUFS':>8}{'peak dBFS':>11}{'range LU':>10}"]
    for name, take in figures["takes"].items():
        lines.append(f"{name:12}{take['lufs']:8.1f}{take['peak_db']:11.1f}{take['range_lu']:10.1f}")
    loud = [take["lufs"] for name, take in figures["takes"].items() if name != "hard"]
    lines += [f"genres within {max(loud) - min(loud):.1f} LU", "", "beside a snare, LU"]
    lines += [f"{name:12}{lu:8.1f}" for name, lu in figures["sounds_lu"].items()]
    lines += [
        f"snare at {velocity}, beside one at 127: {lu:.1f} LU"
        for velocity, lu in figures["ghosts_lu"].items()
    ]
    return "\n".join(lines)
