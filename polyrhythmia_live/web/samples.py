"""The sounds of the synth's kit, struck one by one, for pages that play them.

Run as `python -m polyrhythmia_live.web.samples FOLDER`, with a `SynthSound` as JSON on standard
input: it strikes each note of the kit at each of `VELOCITIES`, cuts away what is not heard, and
leaves WAV files and a `manifest.json` in the folder. A process of its own: it takes some seconds of
a processor, and a soundfont that crashes the library takes nobody along.
"""

from __future__ import annotations

import json
import os
import sys
import wave
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from polyrhythmia_live.drums.kit import RINGING
from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.midi.base import note_on
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.web.sampler import MANIFEST
from polyrhythmia_live.wires.base import SynthSound

VELOCITIES = (28, 60, 92, 124)
"""A page plays the nearest of them from above, as much softer as the strike is."""

RATE_HZ = 44_100
LONGEST_SECONDS = 2.4
HEARD_DB = -54.0
"""What lies so far below a sound's own peak is cut off at its end."""
FADE_SECONDS = 0.03

CHANNEL = 9


def render(sound: SynthSound, folder: Path) -> None:
    """Strike everything into the folder. Raises SynthUnavailable and OSError."""
    from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FluidSynth

    folder.mkdir(0o700, parents=True, exist_ok=True)
    notes: dict[str, list[dict[str, Any]]] = {}
    frames = round(LONGEST_SECONDS * RATE_HZ / BLOCK_FRAMES) * BLOCK_FRAMES
    for note in sorted(set(RINGING.notes.values())):
        notes[str(note)] = []
        for velocity in VELOCITIES:
            with closing(FluidSynth(sound, RINGING.chokes_by_note(), RATE_HZ)) as synth:
                kit = str(synth.kit.soundfont.name)
                synth.play(note_on(CHANNEL, note, velocity))
                stereo = np.frombuffer(synth.render(frames), dtype="<i2").reshape(-1, 2)
            mono, pan = _cut(stereo.astype(np.float64))
            name = f"{note}-{velocity}.wav"
            _write(folder / name, mono)
            notes[str(note)].append({"velocity": velocity, "file": name, "pan": pan})
    manifest = {
        "notes": notes,
        "chokes": {str(note): others for note, others in RINGING.chokes_by_note().items()},
        "soundfont": kit,
        "bytes": sum(file.stat().st_size for file in folder.glob("*.wav")),
    }
    with replacing(folder / MANIFEST) as draft:
        draft.write_text(json.dumps(manifest))


def _cut(stereo: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[Any, float]:
    """One channel, up to where it is no longer heard, and where it stood between left and right."""
    left, right = (float(np.sqrt(np.mean(side**2))) for side in stereo.T)
    pan = 0.0 if left + right == 0 else round((right - left) / (right + left), 3)
    mono = stereo.mean(axis=1)
    loud = np.flatnonzero(np.abs(mono) > np.abs(mono).max(initial=0.0) * 10 ** (HEARD_DB / 20))
    fade = round(FADE_SECONDS * RATE_HZ)
    end = min(len(mono), (int(loud[-1]) if loud.size else 0) + fade)
    mono = mono[:end].copy()
    mono[-fade:] *= np.linspace(1.0, 0.0, len(mono[-fade:]))
    return mono, pan


def _write(path: Path, mono: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    with path.open("wb") as raw, wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(mono.round().clip(-32768, 32767).astype("<i2").tobytes())


def main() -> None:
    """Entry point: the folder; exit status 1 and one line where there is no synth."""
    os.nice(10)
    given = json.load(sys.stdin)
    soundfont = given["soundfont"]
    sound = SynthSound(soundfont and Path(soundfont), given["kit"], given["gain"])
    try:
        render(sound, Path(sys.argv[1]))
    except (SynthUnavailable, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
