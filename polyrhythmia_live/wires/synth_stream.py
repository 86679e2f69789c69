"""A synth on an audio driver that is open: where its frames lie, and whether it plays at all."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from threading import Lock

from polyrhythmia_live.errors import PortError, SynthUnavailable
from polyrhythmia_live.system.jack import JackCycles
from polyrhythmia_live.system.sample_clock import SampleClock
from polyrhythmia_live.wires.fluid import (
    BUFFER_FRAMES,
    JACK_CLIENT,
    PERIOD_FRAMES,
    FluidSynth,
)
from polyrhythmia_live.wires.sequencer import Sequencer

LOOK_SECONDS = 0.02
"""How often it is to be looked at: among so many sights, some come soon after a period."""

WINDOW_SECONDS = 8.0
"""For how long an early sight is believed: a sound card and the computer's clock drift apart by up
to 0.1 ms a second."""

CYCLE_WINDOW_SECONDS = 2.0
"""With JACK, which says when its cycle began: each second has a sight that is true to a frame."""

STANDING_LOOKS = 25
"""A driver that has rendered nothing for so many looks plays no more; a period lasts 0.2 s at most.
Looks are counted and not seconds: who was put to sleep knows nothing of the driver."""

STARTING_LOOKS = 150
"""So many looks long a driver that was just opened, and has not played for a second, may take its
time, once its buffer is full: a loudspeaker wakes up, PulseAudio's null sink sleeps for two
seconds."""


class SynthStream:
    """The synth's sound, from the opening of a driver to its end.

    `names` are the drivers that are tried, in turn. Raises SynthUnavailable when none opens.
    """

    def __init__(self, synth: FluidSynth, sequencer: Sequencer, names: Sequence[str]) -> None:
        self.standing = False
        """The driver plays no more. Threads: any may read."""
        self._synth = synth
        self._sequencer = sequencer
        driver = synth.open_driver(names)
        if driver is None:
            raise SynthUnavailable(
                f"no sound: expected an audio driver to open, tried {', '.join(names)}; "
                "plug in a sound card, or `scripts/play --no-synth`"
            )
        self.driver = driver
        self._cycles = self._open_cycles() if driver == "jack" else None
        self.latency_seconds = self._latency_seconds()
        """From the moment that `frame_at` tells of a frame to its sound."""
        self._period_frames = self._period()
        self._clock = self._new_clock()
        self._frames = self._first_frame = sequencer.rendered_frames()
        self._looks = 0
        self._moved_at_look = 0
        self._looking = Lock()
        """A client of a server is not asked while it leaves. The dispatcher never waits for it."""
        self._closed = False

    @property
    def period_seconds(self) -> float:
        """How much the driver renders in one go. Threads: any. Real-time: yes."""
        return self._period_frames / self._sequencer.rate_hz

    @property
    def server_died(self) -> bool:
        """Whether it is known that what stands will not go on. Threads: any. Real-time: yes."""
        return self._cycles is None or self._cycles.lost

    def frame_at(self, seconds: float) -> float | None:
        """The synth's frame for a moment; None before the driver has rendered any.

        Threads: any. Real-time: yes.
        """
        return self._clock.frame_at(seconds)

    def begun_seconds(self) -> float:
        """Up to when the synth has begun what was placed; as a moment of `frame_at`.

        Threads: dispatcher only. Real-time: yes.
        """
        try:
            return self._clock.seconds_at(self._sequencer.begun_frames())
        except ValueError:
            return math.inf  # nothing is placed before the driver has rendered

    def look(self) -> None:
        """See how far the driver is. Threads: its own. Real-time: no."""
        with self._looking:
            if not self._closed:
                self._see()

    def _see(self) -> None:
        self._looks += 1
        is_lost = self._synth.driver_ended() or (self._cycles is not None and self._cycles.lost)
        frames = self._sequencer.rendered_frames()
        if frames == self._frames:
            patience = STARTING_LOOKS if self._starts() else STANDING_LOOKS
            stands = self._looks - self._moved_at_look >= patience
            if not self.standing and (stands or is_lost):
                self.standing = True
                self._sequencer.clear()
            return
        self._frames, self._moved_at_look, self.standing = frames, self._looks, False
        cycles = self._cycles
        if cycles is None:
            self._clock.see(frames, time.monotonic())
            return
        if cycles.period_frames != self._period_frames:
            self._period_frames = cycles.period_frames
            self._clock = self._new_clock()
        # A period that has not been rendered yet looks like one that is late.
        self._clock.see(frames - self._period_frames, cycles.began_seconds())

    def _starts(self) -> bool:
        """Whether it may still hesitate: JACK's driver never does."""
        played_frames = self._frames - self._first_frame
        played = self._cycles is not None or played_frames > self._sequencer.rate_hz
        return self._looks <= STARTING_LOOKS and not played

    def close(self) -> None:
        """Close the driver. It may wait for a sound server, for as long as that does.

        Threads: any one. Real-time: no.
        """
        with self._looking:
            self.standing = self._closed = True
        self._synth.close_driver()
        if self._cycles is not None:
            self._cycles.close()

    def _open_cycles(self) -> JackCycles:
        """JACK's driver takes rate and period from the server, and no notice of the settings."""
        try:
            cycles = JackCycles(f"{JACK_CLIENT} Clock")
        except PortError as error:
            self._synth.close_driver()
            raise SynthUnavailable(f"no sound: {error}") from None
        self._sequencer.rate_hz = cycles.rate_hz
        return cycles

    def _period(self) -> int:
        return PERIOD_FRAMES if self._cycles is None else self._cycles.period_frames

    def _new_clock(self) -> SampleClock:
        window_seconds = WINDOW_SECONDS if self._cycles is None else CYCLE_WINDOW_SECONDS
        return SampleClock(self._sequencer.rate_hz, self.period_seconds, window_seconds)

    def _latency_seconds(self) -> float:
        if self._cycles is not None:
            return self._cycles.latency_seconds(f"{JACK_CLIENT}:left")
        return BUFFER_FRAMES / self._sequencer.rate_hz
