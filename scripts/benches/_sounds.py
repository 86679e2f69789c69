"""Where in what was recorded of the synth each of its hits begins, to the frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby

import numpy as np
from _loudness import from_s16
from numpy.typing import NDArray

from polyrhythmia_live.testing.jack_listener import Event, Stream
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND
from polyrhythmia_live.testing.spread import Frames, nearest
from polyrhythmia_live.wires.fluid import FluidSynth

Samples = NDArray[np.float64]

_ATTACK_FRAMES = FRAMES_PER_SECOND // 50
_EARLY_FRAMES, _LATE_FRAMES = 3600, 1800
"""Around its message; together less than a sixteenth, so no other hit is taken for it. The synth is
ahead of it by the server's latency, two periods, and a message over rtmidi is late by up to one."""
_SILENCE_FRAMES = FRAMES_PER_SECOND
_ALL_SOUND_OFF = bytes((0xB9, 120, 0))
_ALIKE = 0.5
"""A hit is not told from what still rings when less of it than this is in the recording."""


def beginnings(stream: Stream, step_frames: float) -> tuple[Frames, Frames]:
    """The frames on which steps begin to sound, and those on which all that were struck were sent.

    The kit rendered alone says how they sound together: a kick's attack is not a hat's. Looked for
    are its first 20 ms, as differences from frame to frame, so that what rings on does not count.
    """
    chords = list(_chords(stream.notes_on(), step_frames))
    with closing(FluidSynth(rate_hz=FRAMES_PER_SECOND)) as synth:
        found = [_find(stream, chord, _alone(synth, chord)) for chord in chords]
    sounding = np.array([frame for frame in found if frame is not None], dtype=np.int64)
    return sounding, np.array([chord[0].frame for chord in chords], dtype=np.int64)


def _chords(notes: Sequence[Event], step_frames: float) -> Iterator[tuple[Event, ...]]:
    steps = nearest(np.array([it.frame for it in notes]), step_frames) if notes else []
    for _, together in groupby(zip(steps, notes, strict=True), key=lambda pair: pair[0]):
        yield tuple(note for _, note in together)


def _alone(synth: FluidSynth, chord: Sequence[Event]) -> Samples:
    synth.play(_ALL_SOUND_OFF)
    synth.render(_SILENCE_FRAMES)
    for note in chord:
        synth.play(note.message)
    return np.diff(from_s16(synth.render(_ATTACK_FRAMES))[:, 0])


def _find(stream: Stream, chord: Sequence[Event], sound: Samples) -> int | None:
    start = chord[0].frame - _EARLY_FRAMES - stream.first_frame
    stop = chord[0].frame + _LATE_FRAMES - stream.first_frame
    if start < 0 or stop + len(sound) >= len(stream.samples):
        return None
    heard = np.diff(stream.samples[start : stop + len(sound)].astype(np.float64))
    alike = np.correlate(heard, sound, "valid")
    place = int(np.argmax(alike))
    energy = np.linalg.norm(heard[place : place + len(sound)]) * np.linalg.norm(sound)
    if energy == 0.0 or alike[place] < _ALIKE * energy:
        return None
    return stream.first_frame + start + place
