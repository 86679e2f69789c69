"""Playing into a WAV file, faster than time passes."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from polyrhythmia_live.wires.base import DEFAULT_SOUND, SynthSound
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, NO_CHOKES, Chokes, FluidSynth

RATE_HZ = 44_100
TAIL_SECONDS = 6.0
"""How long after the last message a file may ring, at most."""
REVERB_SECONDS = 0.5

_CHUNK_FRAMES = 256 * BLOCK_FRAMES


def render_wav(
    path: Path,
    events: Iterable[tuple[float, bytes]],
    sound: SynthSound = DEFAULT_SOUND,
    *,
    chokes_by_note: Chokes = NO_CHOKES,
    end_seconds: float = 0.0,
    rate_hz: int = RATE_HZ,
    progress: Callable[[int], None] = lambda _events: None,
) -> None:
    """Play (seconds, message) events into a 16-bit stereo WAV file, and let them ring out.

    Each event begins at the nearest block of `BLOCK_FRAMES`; one before zero begins at zero. The
    file lasts at least `end_seconds`. `progress` is told how many events were played
    since it was told last. The same events and sound give the same bytes.

    Raises SynthUnavailable as `FluidSynth` does, and OSError where the file cannot be written.
    """
    ordered = sorted(events, key=lambda event: event[0])
    blocks = [max(0, round(seconds * rate_hz / BLOCK_FRAMES)) for seconds, _ in ordered]
    end_block = max([round(end_seconds * rate_hz / BLOCK_FRAMES), *blocks[-1:]])
    synth = FluidSynth(sound, chokes_by_note, rate_hz)
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            block = 0
            for at_block, (_, message) in zip(blocks, ordered, strict=True):
                for frames in _chunks(at_block - block):
                    file.writeframesraw(synth.render(frames))
                block = at_block
                synth.play(message)
                progress(1)
            for frames in _chunks(end_block - block):
                file.writeframesraw(synth.render(frames))
            _ring_out(synth, file, rate_hz)
    finally:
        synth.close()


def _ring_out(synth: FluidSynth, file: wave.Wave_write, rate_hz: int) -> None:
    for _ in range(round(TAIL_SECONDS * rate_hz / BLOCK_FRAMES)):
        if synth.sounding_voices() == 0:
            break
        file.writeframesraw(synth.render(BLOCK_FRAMES))
    for frames in _chunks(round(REVERB_SECONDS * rate_hz / BLOCK_FRAMES)):
        file.writeframesraw(synth.render(frames))


def _chunks(blocks: int) -> Iterator[int]:
    """So many blocks as pieces of bounded size, in frames."""
    frames = blocks * BLOCK_FRAMES
    while frames > 0:
        yield min(frames, _CHUNK_FRAMES)
        frames -= _CHUNK_FRAMES
