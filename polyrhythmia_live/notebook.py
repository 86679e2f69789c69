"""A drummer in a notebook: load it, let it play, and have that as notes, sound or a picture.

The same engine as `render`: the same seed and levels give the same notes. Of the package itself:
`from polyrhythmia_live import load_drummer`.
"""

from __future__ import annotations

import io
import random
import tempfile
import wave
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.control.mixture import read_genre
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drummer.card import Card
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drums.kit import GENERAL_MIDI, RINGING
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.engine import Rendering, record, repeat
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.presets.performances import load_preset
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM

if TYPE_CHECKING:
    import pretty_midi
    from matplotlib.axes import Axes

PRESET = "default"
BARS_MAX = 100_000


def load_drummer(model: str = "medium") -> LoadedDrummer:
    """The drummer of a network: small, medium or large, or the path of a card.

    Raises CheckpointError, in one line, where there is none.
    """
    return LoadedDrummer(load_card(model))


class LoadedDrummer:
    """A network that is loaded once and plays as often as it is asked. Threads: one at a time."""

    def __init__(self, card: Card) -> None:
        self._card = card

    @property
    def name(self) -> str:
        return self._card.name

    @property
    def genres(self) -> tuple[str, ...]:
        """What it can play."""
        return self._card.genres

    @cached_property
    def _drummer(self) -> Drummer[Any]:
        return open_drummer(self._card)

    def play(
        self,
        genre: str = "rock",
        *,
        bars: int = 8,
        bpm: float | None = None,
        meter: str = "4/4",
        seed: int | None = None,
        **levels: float,
    ) -> Recording:
        """So many bars, from the top.

        `genre` may be between two (`"rock 60 jazz"`); `bpm` is 20 to 320, None = as the genre is
        usually played; `levels` are the drummer's, by the names of the control table and in its
        units, per cents as 0..1: `density=0.7`. The same seed gives the same bars; None = any.
        Raises ConfigError, in one line, for what cannot be played.
        """
        preset = load_preset(PRESET)
        controls = self._controls({**preset.levels, **_checked(levels)}, genre)
        try:
            meters = MeterMap.of(Meter.parse(meter))
        except ValueError as error:
            raise ConfigError(str(error)) from None
        tempo_bpm = self._card.tempos_bpm[controls.genre_name] if bpm is None else bpm
        _within("bpm", tempo_bpm, TEMPO_MIN_BPM, TEMPO_MAX_BPM)
        _within("bars", bars, 1, BARS_MAX)
        chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
        horizon = Horizon(self._drummer, meters, controls, chosen)
        rendering = record(horizon, meters, preset.groove, GENERAL_MIDI, tempo_bpm, int(bars))
        return Recording(controls.genre_words, tempo_bpm, chosen, meters, rendering)

    def _controls(self, levels: Mapping[str, float], genre: str) -> ControlState:
        try:
            wanted = read_genre(genre, self.genres, f"a genre of the model {self.name}")
        except ValueError as error:
            raise ConfigError(str(error)) from None
        controls = ControlState(genre=wanted)
        for name, value in levels.items():
            controls = controls.with_level(name, value)
        return controls

    def __repr__(self) -> str:
        return f"<drummer {self.name}: {len(self.genres)} genres>"


@dataclass(frozen=True, slots=True)
class Recording:
    """What was played, from bar 1."""

    genre: str
    bpm: float
    seed: int
    meters: MeterMap
    rendering: Rendering

    @property
    def bars(self) -> int:
        return self.meters.bar_of(len(self.rendering.steps))

    @property
    def seconds(self) -> float:
        """How long its bars last."""
        return self._end_tick * self.rendering.timeline.seconds_per_tick

    @property
    def _end_tick(self) -> int:
        return len(self.rendering.steps) * TICKS_PER_STEP

    def bar(self, number: int) -> tuple[Step, ...]:
        """The steps of a bar, counted from 1. Raises ConfigError for one that there is not."""
        _within("bar", number, 1, self.bars)
        first, end = self.meters.bar_line(number - 1), self.meters.bar_line(number)
        return self.rendering.steps[first:end]

    def to_midi(self) -> bytes:
        """A Standard MIDI File, as `render` writes it."""
        from polyrhythmia_live.wires.midi_file import midi_file_bytes

        name = f"Polyrhythmia {self.genre}"
        tempos = ((0, self.bpm),)
        return midi_file_bytes(self.rendering.messages, tempos, self.meters, name, self._end_tick)

    def to_pretty_midi(self) -> pretty_midi.PrettyMIDI:
        """The same for whoever works with pretty_midi."""
        import pretty_midi

        return pretty_midi.PrettyMIDI(io.BytesIO(self.to_midi()))

    def to_audio(self) -> tuple[NDArray[np.float32], int]:
        """Sound through FluidSynth: shape (2, frames), -1..1, and its rate in Hz; it rings out.

        Raises SynthUnavailable, with what mends it.
        """
        from polyrhythmia_live.wires.fluid import FluidSynth
        from polyrhythmia_live.wires.wav_file import RATE_HZ, render_wav

        seconds_per_tick = self.rendering.timeline.seconds_per_tick
        messages = repeat(self.rendering.steps, self.meters, [(0, self.bpm)], RINGING)
        timed = [(tick * seconds_per_tick, message) for tick, message in messages]
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(FluidSynth(chokes_by_note=RINGING.chokes_by_note(), rate_hz=RATE_HZ)) as synth,
        ):
            file = Path(folder) / "take.wav"
            render_wav(file, timed, synth, end_seconds=self.seconds)
            with wave.open(str(file)) as sound:
                frames = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
        return (frames.reshape(-1, 2).T / 32768).astype(np.float32), RATE_HZ

    def plot(self, bar: int = 1, axes: Axes | None = None) -> Axes:
        """A picture of a bar: lanes by steps, louder as darker, early and late as displaced.

        Drawn on `axes`, None = on new ones. Needs matplotlib (extra `train`).
        """
        steps = self.bar(bar)
        if axes is None:
            from matplotlib import pyplot

            axes = pyplot.subplots(figsize=(8, 3))[1]
        for at, step in enumerate(steps):
            for hit in step.hits:
                early = hit.microtiming_ticks / TICKS_PER_STEP
                alpha = 0.2 + 0.8 * hit.velocity / 127
                axes.bar(at + early + 0.1, 0.8, 0.7, hit.lane - 0.4, align="edge", alpha=alpha,
                         color=f"C{hit.lane}")  # fmt: skip
        meter = self.meters.meter_at(self.meters.bar_line(bar - 1))
        counts = meter.count_steps
        axes.set_xticks(counts, [str(count) for count in range(1, len(counts) + 1)])
        axes.set_yticks(range(len(DRUM_LANES)), [lane.name for lane in DRUM_LANES])
        axes.set_xlim(-0.5, len(steps))
        axes.set_ylim(-0.6, len(DRUM_LANES) - 0.4)
        axes.grid(axis="x", alpha=0.3)
        axes.set_title(f"bar {bar}: {self.genre}, {self.bpm:g} bpm, seed {self.seed}")
        return axes

    def __repr__(self) -> str:
        return f"<{self.bars} bars of {self.genre} at {self.bpm:g} bpm, seed {self.seed}>"


def _checked(levels: Mapping[str, float]) -> Mapping[str, float]:
    """Raises ConfigError for a level that there is not, and for a value that it cannot have."""
    for name, value in levels.items():
        if name not in DRUMMER_LEVELS:
            raise ConfigError(f"expected a level ({', '.join(DRUMMER_LEVELS)}), got {name!r}")
        _within(name, value, LEVELS[name].low, LEVELS[name].high)
    return levels


def _within(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"expected {name} of {low:g} to {high:g}, got {value!r}")
