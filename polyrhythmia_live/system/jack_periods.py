"""A JACK client of ours with MIDI ports, and a function of ours that works in each period.

JACK's thread has to be let into the interpreter in every period. Where other threads are in it,
nobody can say for how long it waits, and the server waits for it: so this is for a process of its
own. And JACK's thread comes for its period, and is not called for it: at each call, ctypes would
make and forget the interpreter's idea of that thread.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from ctypes import byref, string_at
from typing import Any

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.jack import (
    PORT_IS_INPUT,
    PORT_IS_OUTPUT,
    PROCESS_THREAD,
    SHUTDOWN,
    MidiEvent,
    load_for_real_time,
    load_quietly,
    open_client,
)
from polyrhythmia_live.system.patience import patiently
from polyrhythmia_live.system.sample_clock import HELD_FRAMES, SampleClock

PERIOD_MAX_SECONDS = 0.2
"""8,192 frames at 44.1 kHz."""

NAME_SECONDS = 0.5
"""How long the client of a player that was killed may take to go."""

WINDOW_SECONDS = 2.0
WINDOW_PERIODS = 375
"""Of so much time, and so many periods, the earliest beginnings say when periods begin: see
docs/measured.md."""

_MIDI = b"8 bit raw midi"
_FOR_EVER_SECONDS = 1e6
_MICROSECONDS = 1_000_000
_FRAMES_WRAP = 1 << 32
"""JACK counts frames in 32 bits: a day, at 48 kHz."""

LAG_MAX_US = 500
LAG_PERIODS = 4
"""A thread that is woken for its period is seldom this late, and never so often in a row."""

READ_BYTES = 4
"""No more of a message is read: what is longer than three bytes is nothing that we understand."""


class Lag:
    """How far a line through the beginnings of periods is from when one begins.

    After a standstill the line is wrong by as much, until it is laid anew. Nobody begins a period
    before it begins, by more than the line is held to, and nobody is late for every one.
    """

    def __init__(self, held_us: float) -> None:
        self._early_us = -math.ceil(held_us)
        self._seen_us = [0] * LAG_PERIODS
        self._periods = 0

    def correction_us(self, start_us: int, now_us: int) -> int:
        """What is to be added to a beginning by the line, now that the period is begun.

        Threads: JACK's. Real-time: yes.
        """
        self._seen_us[self._periods % LAG_PERIODS] = now_us - start_us
        self._periods += 1
        least_us = min(self._seen_us)
        if least_us < self._early_us:
            return least_us
        return max(least_us - LAG_MAX_US, 0)


Work = Callable[["JackPeriods", int, int, int], None]
"""What is done in a period, given the client, the period's frames, and its bounds in microseconds
of `time.monotonic`. Outputs are empty by then."""


class JackPeriods:
    """A client of the server, through the libjack at `library`, whose ports have numbers.

    `work` is called in each period. Raises PortError where no server lets us in.

    Threads: its process's main, but where a method says otherwise. Real-time: no.
    """

    def __init__(self, library: str, name: str, work: Work) -> None:
        self._jack: Any = load_quietly(library)
        self._rt: Any = load_for_real_time(library)
        self._work = work
        self.faults = 0
        """How often `work` raised."""
        self._periods = 0
        self._ports: dict[int, tuple[int, bool]] = {}
        """libjack's handle of each port, and whether it is an output; replaced, never changed."""
        self._buffers: dict[int, int] = {}
        """Each port's, in this period."""
        self._event = MidiEvent()
        self._leaving = False
        self._left = threading.Event()
        self.lost = threading.Event()
        """The server is gone."""
        self._client = self._enter(name)
        self._rate_hz: int = self._jack.jack_get_sample_rate(self._client)
        period_seconds = self._jack.jack_get_buffer_size(self._client) / self._rate_hz
        window_seconds = max(WINDOW_SECONDS, WINDOW_PERIODS * period_seconds)
        self._clock = SampleClock(self._rate_hz, period_seconds, window_seconds)
        self._lag = Lag(HELD_FRAMES * _MICROSECONDS / self._rate_hz)
        self._frame = self._last_frame = self._jack.jack_last_frame_time(self._client)
        """Of the period, counted on, and as JACK counts it."""
        # ctypes keeps no reference to a callback.
        self._run_callback = PROCESS_THREAD(self._run)
        self._shutdown_callback = SHUTDOWN(lambda _: self.lost.set())
        self._jack.jack_on_shutdown(self._client, self._shutdown_callback, None)
        self._jack.jack_set_process_thread(self._client, self._run_callback, None)
        if self._jack.jack_activate(self._client) != 0:
            raise PortError("the JACK server does not take our ports")
        self._outlive_period()  # so that its length is known
        if self.faults:
            raise PortError("the periods of the JACK server cannot be worked in")

    def _enter(self, name: str) -> int:
        """A client of just that name, which one before us may be about to give back.

        Where it is kept, the server makes another of it.
        """
        deadline, exact = time.monotonic() + NAME_SECONDS, True
        while exact:
            exact = time.monotonic() < deadline
            try:
                client = open_client(self._jack, name, exact)
            except TimeoutError:
                break
            if client:
                return client
            time.sleep(0.02)
        raise PortError("no JACK server lets us in")

    def open(self, number: int, short_name: str, is_input: bool) -> str:
        """A new port's full name. Raises PortError where the server gives none."""
        kind = PORT_IS_INPUT if is_input else PORT_IS_OUTPUT
        handle = self._jack.jack_port_register(self._client, short_name.encode(), _MIDI, kind, 0)
        if not handle:
            raise PortError(f"JACK gave no port '{short_name}'")
        self._ports = {**self._ports, number: (handle, not is_input)}
        self._outlive_period()  # from the next one on it has a buffer
        return str(self._jack.jack_port_name(handle).decode(errors="replace"))

    def discard(self, number: int) -> None:
        """Take a port away again."""
        handle, _ = self._ports[number]
        self._ports = {other: port for other, port in self._ports.items() if other != number}
        self._outlive_period()
        self._jack.jack_port_unregister(self._client, handle)

    @property
    def numbers(self) -> Iterable[int]:
        """Of all ports. Threads: JACK's, within `work`. Real-time: yes."""
        return self._buffers

    def _outlive_period(self) -> None:
        """Wait until the period that is being filled is over, if the server plays any."""
        periods, deadline = self._periods, time.monotonic() + PERIOD_MAX_SECONDS
        while self._periods == periods and time.monotonic() < deadline:
            time.sleep(0.0005)

    def read(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Each message that came in the period: its frame, and the first `READ_BYTES` of it.

        Threads: JACK's, within `work`. Real-time: yes.
        """
        jack, buffer, event = self._rt, self._buffers[number], self._event
        for place in range(jack.jack_midi_get_event_count(buffer)):
            if jack.jack_midi_event_get(byref(event), buffer, place) == 0:
                yield event.frame, string_at(event.bytes, min(event.size, READ_BYTES))

    def write(self, number: int, frame: int, message: bytes) -> bool:
        """Put a message at a frame of the period; False where that has no room for it.

        In the order of frames. Threads: JACK's, within `work`. Real-time: yes.
        """
        place = self._buffers[number]
        return bool(self._rt.jack_midi_event_write(place, frame, message, len(message)) == 0)

    def close(self) -> None:
        """Leave the server, when the next whole period is over."""
        self._outlive_period()
        self._outlive_period()
        self._leaving = True
        self._left.wait(PERIOD_MAX_SECONDS)
        if not self.lost.is_set():
            with suppress(TimeoutError):
                patiently(
                    lambda: self._jack.jack_client_close(self._client), 1.0, undo=lambda _: None
                )

    def _run(self, _argument: object) -> None:
        """JACK's thread: from period to period."""
        wait, signal, client = self._jack.jack_cycle_wait, self._rt.jack_cycle_signal, self._client
        while not self._leaving:
            frames = wait(client)
            try:
                self._period(frames)
            except Exception:
                self.faults += 1
            self._periods += 1
            signal(client, 0)
        self._left.set()
        # libjack ends this thread wherever it is. Here it holds no lock.
        time.sleep(_FOR_EVER_SECONDS)

    def _period(self, frames: int) -> None:
        now_seconds, jack = time.monotonic(), self._rt
        buffers = {}
        for number, (handle, is_output) in self._ports.items():
            buffers[number] = place = jack.jack_port_get_buffer(handle, frames)
            if is_output:
                jack.jack_midi_clear_buffer(place)
        self._buffers = buffers
        last_frame = jack.jack_last_frame_time(self._client)
        self._frame += (last_frame - self._last_frame) % _FRAMES_WRAP
        self._last_frame = last_frame
        self._clock.see(self._frame, now_seconds)
        start_us = round(self._clock.seconds_at(self._frame) * _MICROSECONDS)
        start_us += self._lag.correction_us(start_us, round(now_seconds * _MICROSECONDS))
        self._work(self, frames, start_us, start_us + frames * _MICROSECONDS // self._rate_hz)
