"""Playing into a WAV file, faster than time passes."""

from __future__ import annotations

import math
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FRAME_BYTES, FluidSynth

RATE_HZ = 44_100
TAIL_SECONDS = 6.0
"""How long after the last message a file may ring, at most."""
REVERB_SECONDS = 0.5

_CHUNK_FRAMES = 256 * BLOCK_FRAMES
_FULL_SCALE = 32_767

Events = Sequence[tuple[float, bytes]]
"""Seconds from the beginning, and one message each; in order."""
Progress = Callable[[int], None]


def _untold(_events: int) -> None: ...


def render_wav(
    path: Path,
    events: Iterable[tuple[float, bytes]],
    synth: FluidSynth,
    *,
    end_seconds: float = 0.0,
    loop: bool = False,
    progress: Progress = _untold,
) -> float:
    """Play (seconds, message) events into a 16-bit stereo WAV file; its peak, 1 = full scale.

    Each event begins at the nearest block of `BLOCK_FRAMES`; one before zero begins at zero. The
    file lasts at least `end_seconds` and rings out. With `loop` it lasts just so long (more than 0)
    and begins with what still rings at its end, so that it can be repeated without a seam.
    `progress` is told how many events were played since it was told last. The same events and a new
    synth of the same sound give the same bytes.

    Raises OSError where the file cannot be written.
    """
    ordered = sorted(events, key=lambda event: event[0])
    sound = _loop if loop else _take
    peak = 0
    with path.open("wb") as raw, wave.open(raw, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(synth.rate_hz)
        for frames in sound(synth, ordered, end_seconds, progress):
            file.writeframesraw(frames)
            samples = memoryview(frames).cast("h")
            peak = max(peak, max(samples, default=0), -min(samples, default=0))
    return peak / _FULL_SCALE


def _take(
    synth: FluidSynth, events: Events, end_seconds: float, progress: Progress
) -> Iterator[bytes]:
    """All that the events sound, until it has died away."""
    yield from _played(synth, events, _frames(synth, end_seconds), progress)
    for _ in range(_frames(synth, TAIL_SECONDS) // BLOCK_FRAMES):
        if synth.sounding_voices() == 0:
            break
        yield synth.render(BLOCK_FRAMES)
    yield from _rendered(synth, _frames(synth, REVERB_SECONDS))


def _loop(
    synth: FluidSynth, events: Events, end_seconds: float, progress: Progress
) -> Iterator[bytes]:
    """A round of the events that has been gone before by as many as may still ring into it."""
    round_ = _round(events, end_seconds)
    before = [
        (TAIL_SECONDS + seconds - back * end_seconds, message)
        for back in range(math.ceil(TAIL_SECONDS / end_seconds), 0, -1)
        for seconds, message in round_
        if seconds - back * end_seconds >= -TAIL_SECONDS
    ]
    for _ in _played(synth, before, _frames(synth, TAIL_SECONDS), _untold):
        pass
    end_frame = round(end_seconds * synth.rate_hz)
    written_frames = 0
    for frames in _played(synth, round_, end_frame, progress):
        yield frames[: (end_frame - written_frames) * FRAME_BYTES]
        written_frames += len(frames) // FRAME_BYTES


def _round(events: Events, end_seconds: float) -> Events:
    """The events of a loop: those after its end come round to its beginning.

    An end of a note that was struck again meanwhile is left out.
    """
    struck = {}
    for seconds, message in reversed(events):
        if message[0] & 0xF0 == 0x90 and message[2] > 0:
            struck[message[1]] = seconds
    late = [
        (seconds - end_seconds, message)
        for seconds, message in events
        if seconds >= end_seconds and seconds - end_seconds < struck.get(message[1], math.inf)
    ]
    return sorted(
        [*late, *(event for event in events if event[0] < end_seconds)], key=lambda event: event[0]
    )


def _played(
    synth: FluidSynth, events: Events, end_frame: int, progress: Progress
) -> Iterator[bytes]:
    """What sounds up to the last event, or to the block in which a frame ends that comes later."""
    block = 0
    for seconds, message in events:
        at_block = max(0, round(seconds * synth.rate_hz / BLOCK_FRAMES))
        yield from _rendered(synth, (at_block - block) * BLOCK_FRAMES)
        block = at_block
        synth.play(message)
        progress(1)
    yield from _rendered(synth, math.ceil(end_frame / BLOCK_FRAMES - block) * BLOCK_FRAMES)


def _rendered(synth: FluidSynth, frames: int) -> Iterator[bytes]:
    """So many frames, in pieces of bounded size."""
    while frames > 0:
        yield synth.render(min(frames, _CHUNK_FRAMES))
        frames -= _CHUNK_FRAMES


def _frames(synth: FluidSynth, seconds: float) -> int:
    """The frames of so much time, in whole blocks."""
    return round(seconds * synth.rate_hz / BLOCK_FRAMES) * BLOCK_FRAMES
