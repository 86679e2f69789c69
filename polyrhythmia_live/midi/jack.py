"""What rtmidi does not tell about JACK: that the server died, and who is connected to whom.

After the server's death RtMidi notices nothing: its lists stay as they were, 2,340 messages go
into a ring that nobody reads, and then `send_message` spins for ever with the interpreter lock
held. Closing a port blocks for a second, and closing one after another client was opened is a
segmentation fault. So a client of our own listens for the shutdown, and from then on nothing of
rtmidi's is touched.

A server that stands still (SIGSTOP, a debugger) is as dangerous, and nothing tells. Its periods
are counted in memory that is shared with us, so whether it goes on can be asked without waiting.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_uint32, c_ulong, c_void_p
from pathlib import Path
from typing import Any

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.system.patience import jack_client, patiently

CLOSE_SECONDS = 1.0
"""Leaving takes 10 ms, or for ever: libjack ends its own thread for the client, which may hold a
lock that is then waited for (seen once, in a test run on a busy machine)."""

_PORT_IS_INPUT = 0x1
_SHUTDOWN = CFUNCTYPE(None, c_void_p)

_SIGNATURES = {
    "jack_client_open": (c_void_p, (c_char_p, c_int, POINTER(c_int))),
    "jack_client_close": (c_int, (c_void_p,)),
    "jack_on_shutdown": (None, (c_void_p, _SHUTDOWN, c_void_p)),
    "jack_port_by_name": (c_void_p, (c_void_p, c_char_p)),
    "jack_port_get_all_connections": (POINTER(c_char_p), (c_void_p, c_void_p)),
    "jack_get_ports": (POINTER(c_char_p), (c_void_p, c_char_p, c_char_p, c_ulong)),
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
        self._jack, self._last_frame_time = _loaded_libjack()
        # ctypes keeps no reference to a callback; without this attribute libjack calls into void.
        self._on_shutdown = _SHUTDOWN(self._server_died)
        self._client: int | None = self._open(name)
        self._jack.jack_on_shutdown(self._client, self._on_shutdown, None)

    def _open(self, name: str) -> int:
        try:
            client = jack_client(self._jack, name)
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

    def unplug_input(self, own_port: str) -> None:
        """Take every cable off the input of that short name; what is under way still arrives."""
        for port in self._strings("jack_get_ports", None, b"midi", _PORT_IS_INPUT):
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


def _loaded_libjack() -> tuple[ctypes.CDLL, Any]:
    """The libjack that rtmidi brought into this process, told to keep off the terminal.

    And its `jack_last_frame_time`, to be called without letting go of the interpreter lock.
    """
    maps = Path("/proc/self/maps")
    lines = maps.read_text(encoding="utf-8").splitlines() if maps.exists() else []
    paths = [line.split(maxsplit=5)[5] for line in lines if "/libjack" in line]
    if not paths:
        raise PortError("this python-rtmidi came without libjack: choose --midi-system auto")
    jack = ctypes.CDLL(paths[0])
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(jack, name)
        function.restype, function.argtypes = result, arguments
    # libjack prints from its real-time thread, over the status line, and a Python callback there
    # would wait for the interpreter lock. strlen is a C function of a string that does nothing.
    nothing = ctypes.cast(ctypes.CDLL(None).strlen, c_void_p)
    jack.jack_set_error_function(nothing)
    jack.jack_set_info_function(nothing)
    last_frame_time = ctypes.PyDLL(paths[0]).jack_last_frame_time
    last_frame_time.restype, last_frame_time.argtypes = c_uint32, (c_void_p,)
    return jack, last_frame_time
