"""Where in what was heard a hit begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from polyrhythmia_live.calibration.recording import Recording

QUIET_SECONDS = 0.1
"""How long the noise before each hit is listened to."""
EARLY_SECONDS = 0.02
"""A sound may come before its hit by as much as the input's latency is overstated."""

_ABOVE_NOISE = 3.0
_OF_PEAK = 0.1
_STANDS_OUT = 2.0
_FAINTEST = 1e-3
"""Of full scale, from one frame to the next."""


def find_onset(
    samples: npt.NDArray[np.float32], start: int, stop: int, quiet_frames: int
) -> int | None:
    """The first frame in [start, stop) of a sound that stands out of the noise before `start`.

    That is where the signal first passes three times the loudest of the noise, and a tenth of its
    own peak: within the attack, at the same place of each hit. None where the peak is not twice as
    loud as that, or where the frames are not all there. `samples` is one channel; what is slow in
    it (hum, the offset of a converter) does not count.
    """
    first = start - quiet_frames
    if first < 1 or stop > len(samples) or start >= stop:
        return None
    level = np.abs(np.diff(samples[first - 1 : stop]))
    noise, sound = level[:quiet_frames], level[quiet_frames:]
    above_noise, peak = _ABOVE_NOISE * float(noise.max()), float(sound.max())
    if peak < max(_STANDS_OUT * above_noise, _FAINTEST):
        return None
    return start + int(np.argmax(sound >= max(above_noise, _OF_PEAK * peak)))


def hear_hits(
    recording: Recording, sent_seconds: Sequence[float], patience_seconds: float
) -> list[float | None]:
    """How many seconds after each hit was sent it was heard; None where it was not.

    A hit is listened for until `patience_seconds` after it was sent, which must be less than the
    gap to the next. Of several channels the loudest is taken.
    """
    channel = np.argmax(np.abs(np.diff(recording.samples, axis=0)).max(axis=0))
    samples = recording.samples[:, channel]
    quiet_frames = round(QUIET_SECONDS * recording.rate_hz)
    heard: list[float | None] = []
    for seconds in sent_seconds:
        start = recording.frame_at(seconds - EARLY_SECONDS)
        stop = recording.frame_at(seconds + patience_seconds)
        onset = find_onset(samples, start, stop, quiet_frames)
        heard.append(None if onset is None else recording.seconds_at(onset) - seconds)
    return heard
