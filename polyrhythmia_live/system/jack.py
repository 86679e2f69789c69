"""JACK's own library: whether the server lives, who is connected, how late it sounds.

A process may hold two copies of libjack: rtmidi's wheel brings one, in which our MIDI ports are,
and libfluidsynth brings the system's, in which the synth is. A question about a client has to be
asked of the copy that the client is in.

After a server's death RtMidi notices nothing: its lists stay as they were, 2,340 messages go into a
ring that nobody reads, and then `send_message` spins for ever with the interpreter lock held.
Closing a port blocks for a second, and closing one after another client was opened is a
segmentation fault. So a client of our own listens for the shutdown, and from then on nothing of
rtmidi's is touched.

A server that stands still (SIGSTOP, a debugger) is as dangerous, and says nothing. Its periods are
counted in memory that is shared with us, so whether it goes on can be asked without waiting.
"""

from __future__ import annotations

import ctypes
import errno
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_size_t,
    c_uint32,
    c_ulong,
    c_void_p,
)
from pathlib import Path
from typing import Any

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.patience import patiently
from polyrhythmia_live.system.quiet import quiet_stderr

OPEN_SECONDS = 2.0
"""A server that has not let us in by then stands still: it takes 20 ms, on a busy machine 1 s."""

CLOSE_SECONDS = 1.0
"""Leaving takes 10 ms, or for ever: libjack ends its own thread for the client, which may hold a
lock that is then waited for (seen once, in a test run on a busy machine)."""

_SYSTEM_LIBRARY = "libjack.dylib" if sys.platform == "darwin" else "libjack.so.0"
_LATENCY_CLIENT = "Polyrhythmia Latency"
_NO_START_SERVER = 0x01
_USE_EXACT_NAME = 0x02
PORT_IS_INPUT = 0x1
PORT_IS_OUTPUT = 0x2
_PLAYBACK = 1
_NUMBERED = re.compile(r"[^:]*:midi_(?:capture|playback)_\d+")
_ALIASES = 2
"""As many as a port can have."""
SHUTDOWN = CFUNCTYPE(None, c_void_p)
PROCESS_THREAD = CFUNCTYPE(c_void_p, c_void_p)


class _Range(Structure):
    _fields_ = (("min", c_uint32), ("max", c_uint32))


class MidiEvent(Structure):
    """A message in a port's buffer."""

    _fields_ = (("frame", c_uint32), ("size", c_size_t), ("bytes", c_void_p))


_SIGNATURES = {
    "jack_client_open": (c_void_p, (c_char_p, c_int, POINTER(c_int))),
    "jack_client_close": (c_int, (c_void_p,)),
    "jack_get_client_name": (c_char_p, (c_void_p,)),
    "jack_activate": (c_int, (c_void_p,)),
    "jack_set_process_thread": (c_int, (c_void_p, PROCESS_THREAD, c_void_p)),
    "jack_cycle_wait": (c_uint32, (c_void_p,)),
    "jack_cycle_signal": (None, (c_void_p, c_int)),
    "jack_on_shutdown": (None, (c_void_p, SHUTDOWN, c_void_p)),
    "jack_port_register": (c_void_p, (c_void_p, c_char_p, c_char_p, c_ulong, c_ulong)),
    "jack_port_unregister": (c_int, (c_void_p, c_void_p)),
    "jack_port_name": (c_char_p, (c_void_p,)),
    "jack_port_get_buffer": (c_void_p, (c_void_p, c_uint32)),
    "jack_midi_clear_buffer": (None, (c_void_p,)),
    "jack_midi_get_event_count": (c_uint32, (c_void_p,)),
    "jack_midi_event_get": (c_int, (POINTER(MidiEvent), c_void_p, c_uint32)),
    "jack_midi_event_write": (c_int, (c_void_p, c_uint32, c_char_p, c_size_t)),
    "jack_port_name_size": (c_int, ()),
    "jack_port_get_aliases": (c_int, (c_void_p, POINTER(c_char_p))),
    "jack_port_by_name": (c_void_p, (c_void_p, c_char_p)),
    "jack_port_get_all_connections": (POINTER(c_char_p), (c_void_p, c_void_p)),
    "jack_port_get_latency_range": (None, (c_void_p, c_int, POINTER(_Range))),
    "jack_last_frame_time": (c_uint32, (c_void_p,)),
    "jack_frames_since_cycle_start": (c_uint32, (c_void_p,)),
    "jack_get_buffer_size": (c_uint32, (c_void_p,)),
    "jack_get_sample_rate": (c_uint32, (c_void_p,)),
    "jack_get_ports": (POINTER(c_char_p), (c_void_p, c_char_p, c_char_p, c_ulong)),
    "jack_connect": (c_int, (c_void_p, c_char_p, c_char_p)),
    "jack_disconnect": (c_int, (c_void_p, c_char_p, c_char_p)),
    "jack_free": (None, (c_void_p,)),
    "jack_set_error_function": (None, (c_void_p,)),
    "jack_set_info_function": (None, (c_void_p,)),
}


class JackSentinel:
    """A silent JACK client that knows whether the server lives.

    Import rtmidi first: rtmidi's wheel brings its own libjack, and it is that copy, the one with
    our ports in it, that has to be asked. Raises PortError when no server answers.
    """

    def __init__(self, name: str) -> None:
        self.lost = False
        """The server is gone. Set by libjack's thread within some 10 ms; never cleared."""
        self.library = _rtmidis_library()
        """The path of the libjack in which our ports are."""
        self._jack = load_quietly(self.library)
        self._last_frame_time = load_for_real_time(self.library).jack_last_frame_time
        # ctypes keeps no reference to a callback; without this attribute libjack calls into void.
        self._on_shutdown = SHUTDOWN(self._server_died)
        self._client: int | None = self._open(name)
        self._jack.jack_on_shutdown(self._client, self._on_shutdown, None)

    def _open(self, name: str) -> int:
        try:
            client = open_client(self._jack, name)
        except TimeoutError:
            raise PortError(
                "the JACK server does not answer: it is stopped or hangs; start it again"
            ) from None
        if not client:
            raise PortError("no JACK server answers: start one, for example `jackd -d alsa`")
        return client

    def _server_died(self, _argument: object) -> None:
        self.lost = True

    def period(self) -> int:
        """Another number in each period that the server plays, the same while it stands still.

        Threads: any. Real-time: yes; it waits neither for the server nor for the interpreter.
        """
        number: int = self._last_frame_time(self._client)
        return number

    def connected(self, port: str, own_port: str) -> bool:
        """Whether a port is there and connected to a port of that short name, in any client."""
        return any(peer.partition(":")[2] == own_port for peer in self._peers(port))

    def inputs(self) -> tuple[str, ...]:
        """Every MIDI input there is, ours as well, as `shown`."""
        return self._listed(PORT_IS_INPUT)

    def outputs(self) -> tuple[str, ...]:
        """Every MIDI output there is, ours as well, as `shown`."""
        return self._listed(PORT_IS_OUTPUT)

    def _listed(self, direction: int) -> tuple[str, ...]:
        """Of machines of one alias the first has it, and the others keep their numbers."""
        listed: dict[str, None] = {}
        for port in self._strings("jack_get_ports", None, b"midi", direction):
            alias = self.shown(port)
            listed[port if alias in listed else alias] = None
        return tuple(listed)

    def shown(self, port: str) -> str:
        """The name to list a port by: libjack knows it by this one as well.

        A driver numbers its ports (`system:midi_capture_3`), and an alias says which machine it is.
        """
        if not _NUMBERED.fullmatch(port):
            return port
        handle = self._jack.jack_port_by_name(self._client, port.encode())
        size = self._jack.jack_port_name_size()
        texts = [ctypes.create_string_buffer(size) for _ in range(_ALIASES)]
        places = (c_char_p * _ALIASES)(*(c_char_p(ctypes.addressof(it)) for it in texts))
        if not handle or self._jack.jack_port_get_aliases(handle, places) < 1:
            return port
        return texts[0].value.decode(errors="replace") or port

    def connect(self, output: str, input_: str) -> bool:
        """Lay a cable between two ports by their full names; whether it lies there now."""
        laid: int = self._jack.jack_connect(self._client, output.encode(), input_.encode())
        return laid in (0, errno.EEXIST)

    def connections(self, port: str) -> tuple[str, ...]:
        """What a port is connected to."""
        return tuple(self._peers(port))

    def unplug_input(self, own_port: str) -> None:
        """Take every cable off the input of that short name; what is under way still arrives."""
        for port in self._strings("jack_get_ports", None, b"midi", PORT_IS_INPUT):
            if port.partition(":")[2] == own_port:
                for peer in self._peers(port):
                    self._jack.jack_disconnect(self._client, peer.encode(), port.encode())

    def _peers(self, port: str) -> Iterator[str]:
        handle = self._jack.jack_port_by_name(self._client, port.encode())
        return self._strings("jack_port_get_all_connections", handle) if handle else iter(())

    def _strings(self, function: str, *arguments: Any) -> Iterator[str]:
        """What a function of libjack lists."""
        listed = getattr(self._jack, function)(self._client, *arguments)
        try:
            for text in listed or ():  # ends at a null, not at a length
                if text is None:
                    return
                yield text.decode(errors="replace")
        finally:
            self._jack.jack_free(listed)

    def close(self) -> None:
        """Leave the server. Not one that is lost or stands still: it would be waited for."""
        client, self._client = self._client, None
        if client and not self.lost:
            with suppress(TimeoutError):
                patiently(
                    lambda: self._jack.jack_client_close(client), CLOSE_SECONDS, undo=lambda _: None
                )


def open_client(jack: Any, name: str, exact: bool = False) -> int | None:
    """A client of the JACK server, opened through a libjack; None where none runs.

    A name that is taken gets a number, or, where it is to be `exact`, no client. Raises
    TimeoutError where a server stands still: it is knocked at for as long as it does.
    """
    options = _NO_START_SERVER | (_USE_EXACT_NAME if exact else 0)
    client: int | None = patiently(
        lambda: jack.jack_client_open(name.encode(), options, None),
        OPEN_SECONDS,
        undo=lambda late: late and jack.jack_client_close(late),
    )
    return client


def answers() -> bool:
    """Whether a server lets a client in. At one that stands still, FluidSynth would hang."""
    with _systems_client() as (_, client):
        return client is not None


def latency_seconds(port: str) -> float:
    """From an output port to what it is connected to, as the server says.

    Of a port that is not connected, one period; 0.0 without a server that answers.
    """
    with _systems_client() as (jack, client):
        return 0.0 if client is None else _latency_seconds(jack, client, port)


def _latency_seconds(jack: Any, client: int, port: str) -> float:
    latency = _Range(0, 0)
    handle = jack.jack_port_by_name(client, port.encode())
    if handle:
        jack.jack_port_get_latency_range(handle, _PLAYBACK, byref(latency))
    frames = latency.max or jack.jack_get_buffer_size(client)
    return float(frames / jack.jack_get_sample_rate(client))


class JackCycles:
    """A silent client that knows when the server's cycles begin, in the synth's libjack.

    Raises PortError when no server lets it in.
    """

    def __init__(self, name: str) -> None:
        self.lost = False
        """The server is gone. Set by libjack's thread within some 10 ms; never cleared."""
        with quiet_stderr():
            try:
                self._jack: Any = load_quietly(_SYSTEM_LIBRARY)
                client = open_client(self._jack, name)
            except (OSError, TimeoutError):
                client = None
        if not client:
            raise PortError("no JACK server lets us in")
        self._client = client
        # ctypes keeps no reference to a callback; without this attribute libjack calls into void.
        self._on_shutdown = SHUTDOWN(self._server_died)
        self._jack.jack_on_shutdown(client, self._on_shutdown, None)
        self.rate_hz = int(self._jack.jack_get_sample_rate(client))

    def _server_died(self, _argument: object) -> None:
        self.lost = True

    @property
    def period_frames(self) -> int:
        """How long a cycle is; a server may change it. Threads: any. Real-time: yes."""
        return int(self._jack.jack_get_buffer_size(self._client))

    def began_seconds(self) -> float:
        """When the cycle that is going on began, to the frame, on the monotonic clock.

        It is the moment at which the server woke, not the one that it smooths from many: the
        earliest wakings of a busy machine are on time. Threads: any. Real-time: yes.
        """
        frames = self._jack.jack_frames_since_cycle_start(self._client)
        return float(time.monotonic() - frames / self.rate_hz)

    def latency_seconds(self, port: str) -> float:
        """As the function. Threads: any one. Real-time: no."""
        return _latency_seconds(self._jack, self._client, port)

    def close(self) -> None:
        """Leave the server. It may wait for one that stands still, for as long as that does."""
        self._jack.jack_client_close(self._client)


@contextmanager
def _systems_client() -> Iterator[tuple[Any, int | None]]:
    """The system's libjack, and a client of the server; None where no server lets one in."""
    jack: Any = None
    client: int | None = None
    with quiet_stderr():
        try:
            jack = _library(_SYSTEM_LIBRARY)
            client = open_client(jack, _LATENCY_CLIENT)
        except (OSError, TimeoutError):
            pass
        try:
            yield jack, client
        finally:
            if client:
                jack.jack_client_close(client)


def load_quietly(path: str) -> Any:
    """A libjack that is told to keep off the terminal; its calls let go of the interpreter lock."""
    jack = _library(path)
    # libjack prints from its real-time thread, over the status line, and a Python callback there
    # would wait for the interpreter lock. strlen is a C function of a string that does nothing.
    nothing = ctypes.cast(ctypes.CDLL(None).strlen, c_void_p)
    jack.jack_set_error_function(nothing)
    jack.jack_set_info_function(nothing)
    return jack


def load_for_real_time(path: str) -> Any:
    """A libjack whose calls keep the interpreter lock: for those that wait for nobody."""
    return _declared(ctypes.PyDLL(path))


def _rtmidis_library() -> str:
    """The path of the libjack that rtmidi brought into this process."""
    maps = Path("/proc/self/maps")
    lines = maps.read_text(encoding="utf-8").splitlines() if maps.exists() else []
    for line in lines:
        if "/libjack" in line:
            return line.split(maxsplit=5)[5]
    raise PortError("this python-rtmidi came without libjack: choose --midi-system auto")


def _library(path: str) -> Any:
    return _declared(ctypes.CDLL(path))


def _declared(jack: Any) -> Any:
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(jack, name)
        function.restype, function.argtypes = result, arguments
    return jack
