"""The embedded synthesiser, on this machine's loudspeakers."""

from __future__ import annotations

import sys

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.messages import CLOSED, OPEN, PortCondition
from polyrhythmia_live.system import jack
from polyrhythmia_live.wires.base import DEFAULT_SOUND, PromptWire, SynthSound
from polyrhythmia_live.wires.fluid import (
    JACK_CLIENT,
    NO_CHOKES,
    PERIOD_FRAMES,
    PERIODS,
    Chokes,
    FluidSynth,
)

DRIVERS = ("coreaudio",) if sys.platform == "darwin" else ("pipewire", "pulseaudio", "alsa", "jack")
"""Audio drivers, in the order in which they are tried."""

RATE_HZ = 48_000


class SynthWire(PromptWire):
    """The synth on this machine's loudspeakers. Implements `Wire`.

    `driver` None tries `DRIVERS` in turn; `chokes_by_note` lists the notes that each note ends.
    Raises SynthUnavailable, with the command that mends it, when the library, the soundfont or
    every audio driver fails.
    """

    def __init__(
        self,
        sound: SynthSound = DEFAULT_SOUND,
        driver: str | None = None,
        chokes_by_note: Chokes = NO_CHOKES,
        offset_seconds: float = 0.0,
        name: str = "synth",
    ) -> None:
        self.name = name
        self.offset_seconds = offset_seconds
        self.dropped = 0
        """Messages that came after `close` or that the synth did not take."""
        self.refused = 0
        self._synth: FluidSynth | None = FluidSynth(sound, chokes_by_note, RATE_HZ)
        names = DRIVERS if driver is None else (driver,)
        opened = self._synth.open_driver(names)
        if opened is None:
            self.close()
            raise SynthUnavailable(
                f"no sound: expected an audio driver to open, tried {', '.join(names)}; "
                "plug in a sound card, or `scripts/play --no-synth`"
            )
        self.driver = opened
        self.latency_seconds = _latency_seconds(opened)
        """What FluidSynth's own buffer or, with JACK, the server adds between `send` and sound."""

    def send(self, message: bytes) -> None:
        """As `Wire.send`. Threads: dispatcher only. Real-time: yes."""
        synth = self._synth
        if synth is None:
            self.dropped += 1
            return
        try:
            synth.play(message)
        except Exception:
            self.dropped += 1

    def watch(self) -> bool:
        """Always False: FluidSynth does not tell when a sound card leaves.

        Threads: any. Real-time: yes.
        """
        return False

    @property
    def condition(self) -> PortCondition:
        """Open until it is closed. Threads: any. Real-time: yes."""
        return CLOSED if self._synth is None else OPEN

    def sounding_voices(self) -> int:
        """How many notes ring at the moment. Threads: any but the dispatcher. Real-time: no."""
        return 0 if self._synth is None else self._synth.sounding_voices()

    def close(self) -> None:
        """As `Wire.close`. Threads: player's main. Real-time: no."""
        synth, self._synth = self._synth, None
        if synth is not None:
            synth.close()


def _latency_seconds(driver: str) -> float:
    if driver == "jack":  # which takes its period from the server, and no notice of the settings
        return jack.latency_seconds(f"{JACK_CLIENT}:left")
    return PERIOD_FRAMES * PERIODS / RATE_HZ
