"""The embedded synthesiser, on this machine's loudspeakers."""

from __future__ import annotations

import contextlib
import math
import random
import sys
import threading
import time
from collections.abc import Sequence

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.messages import CLOSED, OPEN, PortCondition, PortState
from polyrhythmia_live.wires.base import DEFAULT_SOUND, SynthSound
from polyrhythmia_live.wires.fluid import (
    BUFFER_FRAMES,
    NO_CHOKES,
    PERIOD_FRAMES,
    Chokes,
    FluidSynth,
)
from polyrhythmia_live.wires.sequencer import Sequencer
from polyrhythmia_live.wires.synth_stream import LOOK_SECONDS, SynthStream

DRIVERS = ("coreaudio",) if sys.platform == "darwin" else ("pipewire", "pulseaudio", "alsa", "jack")
"""Audio drivers, in the order in which they are tried."""

RATE_HZ = 48_000

TRY_SECONDS = 0.5
"""How often a driver that is not there is looked for: a look at all of them takes 1 ms of a
processor."""

MARGIN_SECONDS = 0.005
"""How long before its period is rendered a message is wanted: the dispatcher may be as late."""

NUMBERS_KEPT = 256
"""So many messages may wait to begin: fewer than the sequencer has numbers."""

GONE = PortCondition(PortState.GONE, "sound server or card gone")
STILL = PortCondition(PortState.STILL, "sound server stands still")

_ALL_SOUND_OFF = bytes((0xB9, 120, 0))


class SynthWire:
    """The synth on this machine's loudspeakers. Implements `Wire`.

    A message is placed in the block of 64 frames in which it is due, however many the driver
    renders in one go. When the driver plays no more it is opened again, as often as it takes.
    `driver` None tries `DRIVERS` in turn; `chokes_by_note` lists the notes that each note ends.
    Raises SynthUnavailable, with the command that mends it, when the library, the soundfont or
    every audio driver fails; where it is `patient`, it waits for a driver.
    """

    def __init__(
        self,
        sound: SynthSound = DEFAULT_SOUND,
        driver: str | None = None,
        chokes_by_note: Chokes = NO_CHOKES,
        offset_seconds: float = 0.0,
        name: str = "synth",
        patient: bool = False,
    ) -> None:
        self.name = name
        self.offset_seconds = offset_seconds
        self.dropped = 0
        """Messages that came while nothing played, or that the synth did not take."""
        self.refused = 0
        self._synth = FluidSynth(sound, chokes_by_note, RATE_HZ)
        self._sequencer = Sequencer(self._synth)
        self._wanted = DRIVERS if driver is None else (driver,)
        self.driver: str | None = None
        """The one that has opened, and no other any more; None = none has so far."""
        self._stream: SynthStream | None = None
        self.latency_seconds = BUFFER_FRAMES / RATE_HZ
        """From when a message is due to its sound: what FluidSynth's own buffer or, with JACK, the
        server adds. A driver that comes later with another is made up for."""
        try:
            self._stream = self._open()
            self.latency_seconds = self._stream.latency_seconds
        except SynthUnavailable:
            if not patient:
                self._sequencer.close()
                self._synth.close()
                raise
        self._numbers: dict[tuple[bytes, float], int] = {}
        """What was placed last, and the sequencer's number of each."""
        self._silent = self._stream is None
        """It was seen not to play, and its coming was not told yet."""
        self._opening: threading.Thread | None = None
        self._try_at = 0.0
        self._closed = threading.Event()
        self._looking = threading.Thread(target=self._look, name="sample clock", daemon=True)
        self._looking.start()

    @property
    def lookahead_seconds(self) -> float:
        """A period and a little. Threads: any. Real-time: yes."""
        stream = self._stream
        if stream is None:
            return PERIOD_FRAMES / RATE_HZ + MARGIN_SECONDS
        return stream.period_seconds + MARGIN_SECONDS + max(0.0, self._longer_seconds(stream))

    def send(self, message: bytes) -> None:
        """As `Wire.send`. Threads: dispatcher only. Real-time: yes."""
        self._play(message, None)

    def send_at(self, message: bytes, due_seconds: float) -> None:
        """As `Wire.send_at`. Threads: dispatcher only. Real-time: yes."""
        self._play(message, due_seconds)

    def take_back(self) -> None:
        """As `Wire.take_back`. Threads: dispatcher only. Real-time: yes."""
        if self._stream is not None:
            self._sequencer.clear()
            self._synth.forget_chokes()

    def firm_until(self, now_seconds: float) -> float:
        """As `Wire.firm_until`. Threads: dispatcher only. Real-time: yes."""
        stream = self._stream
        if stream is None:
            return math.inf
        return max(now_seconds, stream.begun_seconds() + self._longer_seconds(stream))

    def withdraw(self, message: bytes, due_seconds: float) -> None:
        """As `Wire.withdraw`, with what it ends of others. Threads: dispatcher only.

        Real-time: yes.
        """
        number = self._numbers.get((message, due_seconds))
        if number is not None:
            self._sequencer.withdraw(number)
            self._synth.forget_chokes()

    def watch(self) -> bool:
        """As `Wire.watch`; what may wait for a sound server does so in a thread of its own.

        Threads: player's main. Real-time: no.
        """
        if self._closed.is_set():
            return False
        stream = self._stream
        if stream is not None and not stream.standing:
            returns, self._silent = self._silent, False
            return returns
        self._silent = True
        now_seconds = time.monotonic()
        opening = self._opening is not None and self._opening.is_alive()
        if not opening and now_seconds >= self._try_at:
            self._try_at = now_seconds + TRY_SECONDS
            self._opening = threading.Thread(target=self._reopen, name="audio driver", daemon=True)
            self._opening.start()
        return False

    @property
    def condition(self) -> PortCondition:
        """As `Wire.condition`. Threads: player's main. Real-time: no."""
        if self._closed.is_set():
            return CLOSED
        stream = self._stream
        if stream is None:
            return _waiting_for(self._wanted) if self.driver is None else GONE
        if not stream.standing:
            return OPEN
        return GONE if stream.server_died else STILL

    def sounding_voices(self) -> int:
        """How many notes ring at the moment. Threads: any but the dispatcher. Real-time: no."""
        return 0 if self._closed.is_set() else self._synth.sounding_voices()

    def close(self) -> None:
        """As `Wire.close`, but what rings is cut off. Threads: player's main. Real-time: no."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._looking.join()
        stream, self._stream = self._stream, None
        if self._opening is not None and self._opening.is_alive():
            return  # it waits for a sound server, and the synth is in its hands
        if stream is not None:
            stream.close()
        self._sequencer.close()
        self._synth.close()

    def _play(self, message: bytes, due_seconds: float | None) -> None:
        stream = self._stream
        if stream is None or stream.standing:
            self.dropped += 1
            return
        try:
            if due_seconds is None:
                frame = None
            else:
                frame = stream.frame_at(due_seconds - self._longer_seconds(stream))
            number = self._sequencer.place(frame)
            if due_seconds is not None:
                self._remember(message, due_seconds, number)
            self._synth.play(message, self._sequencer)
        except Exception:
            self.dropped += 1

    def _remember(self, message: bytes, due_seconds: float, number: int) -> None:
        if len(self._numbers) == NUMBERS_KEPT:
            del self._numbers[next(iter(self._numbers))]
        self._numbers[message, due_seconds] = number

    def _longer_seconds(self, stream: SynthStream) -> float:
        """How much later than `latency_seconds` says the driver sounds by now."""
        return stream.latency_seconds - self.latency_seconds

    def _look(self) -> None:
        """Follow the stream, at uneven times: none of a period's moments is never looked at."""
        while not self._closed.wait(random.uniform(0.5, 1.5) * LOOK_SECONDS):
            stream = self._stream
            if stream is not None:
                stream.look()

    def _open(self) -> SynthStream:
        names = self._wanted if self.driver is None else (self.driver,)
        stream = SynthStream(self._synth, self._sequencer, names)
        self.driver = stream.driver
        return stream

    def _reopen(self) -> None:
        """Close a driver that plays no more, unless it may go on, and open it anew.

        In this order: to leave a JACK server that died, once we are with the next, is a
        segmentation fault in libjack.
        """
        stream = self._stream
        if stream is not None:
            if not stream.server_died:
                return
            self._stream = None
            stream.close()
            self._sequencer.clear()
            self._synth.play(_ALL_SOUND_OFF)
        with contextlib.suppress(SynthUnavailable):
            self._stream = self._open()


def _waiting_for(names: Sequence[str]) -> PortCondition:
    """Said once, and no trouble: many a machine has no sound."""
    words = f"no sound: waiting for an audio driver ({', '.join(names)})"
    return PortCondition(PortState.FAILED, words)
