"""When short, dry sounds begin in a WAV file; no more is asked of it."""

from __future__ import annotations

import array
import sys
import wave
from pathlib import Path

QUIET_SECONDS = 0.05
THRESHOLD = 0.1


def read_mono(path: Path) -> tuple[array.array[int], int]:
    """The louder channel of each frame, rectified, and the sample rate."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        samples = array.array("h", file.readframes(file.getnframes()))
        rate_hz = file.getframerate()
    if sys.byteorder == "big":
        samples.byteswap()
    pairs = zip(samples[::2], samples[1::2], strict=True)
    return array.array("i", (max(abs(left), abs(right)) for left, right in pairs)), rate_hz


def onset_seconds(path: Path) -> list[float]:
    """Where the level first passes a tenth of the file's peak after it was below for a while.

    Good for sounds of similar loudness that have died away before the next. An onset comes as
    much after its note as the sound needs to rise, which is the same each time.
    """
    level, rate_hz = read_mono(path)
    threshold = THRESHOLD * max(level)
    quiet_frames = round(QUIET_SECONDS * rate_hz)
    onsets, last_loud = [], -quiet_frames - 1
    for frame, sample in enumerate(level):
        if sample >= threshold:
            if frame - last_loud > quiet_frames:
                onsets.append(frame / rate_hz)
            last_loud = frame
    return onsets
