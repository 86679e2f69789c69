"""What rtmidi does not tell about JACK: that the server died, and who is connected to whom.

After the server's death RtMidi notices nothing: its lists stay as they were, 2,340 messages go
into a ring that nobody reads, and then `send_message` spins for ever with the interpreter lock
held. Closing a port blocks for a second, and closing one after another client was opened is a
segmentation fault. So a client of our own listens for the shutdown, and from then on nothing of
rtmidi's is touched.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_void_p
from pathlib import Path

from polyrhythmia_live.errors import PortError

_NO_START_SERVER = 0x01
_SHUTDOWN = CFUNCTYPE(None, c_void_p)

_SIGNATURES = {
    "jack_client_open": (c_void_p, (c_char_p, c_int, POINTER(c_int))),
    "jack_client_close": (c_int, (c_void_p,)),
    "jack_on_shutdown": (None, (c_void_p, _SHUTDOWN, c_void_p)),
    "jack_port_by_name": (c_void_p, (c_void_p, c_char_p)),
    "jack_port_get_all_connections": (POINTER(c_char_p), (c_void_p, c_void_p)),
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
        self._jack = _loaded_libjack()
        # ctypes keeps no reference to a callback; without this attribute libjack calls into void.
        self._on_shutdown = _SHUTDOWN(self._server_died)
        self._client = self._jack.jack_client_open(name.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise PortError("no JACK server answers: start one, for example `jackd -d alsa`")
        self._jack.jack_on_shutdown(self._client, self._on_shutdown, None)

    def _server_died(self, _argument: object) -> None:
        self.lost = True

    def connected(self, port: str, own_port: str) -> bool:
        """Whether a port is there and connected to a port of that short name, in any client."""
        handle = self._jack.jack_port_by_name(self._client, port.encode())
        if not handle:
            return False
        peers = self._jack.jack_port_get_all_connections(self._client, handle)
        if not peers:
            return False
        found = False
        for peer in peers:
            if peer is None:
                break
            found = found or peer.decode(errors="replace").partition(":")[2] == own_port
        self._jack.jack_free(peers)
        return found

    def close(self) -> None:
        """Leave the server, unless it left first."""
        if self._client and not self.lost:
            self._jack.jack_client_close(self._client)
        self._client = None


def _loaded_libjack() -> ctypes.CDLL:
    """The libjack that rtmidi brought into this process, told to keep off the terminal."""
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
    return jack
