"""Whether JACK is there to play sound, and how long it takes from a client to the loudspeaker.

Asked of the libjack that libfluidsynth brought into this process, which has its client in it;
rtmidi has another one of its own.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint32, c_void_p
from typing import Any

from polyrhythmia_live.system.patience import jack_client
from polyrhythmia_live.system.quiet import quiet_stderr

_NAME = "Polyrhythmia Latency"
_LIBRARY = "libjack.dylib" if sys.platform == "darwin" else "libjack.so.0"
_PLAYBACK = 1


class _Range(Structure):
    _fields_ = (("min", c_uint32), ("max", c_uint32))


_SIGNATURES = {
    "jack_client_open": (c_void_p, (c_char_p, c_int, c_void_p)),
    "jack_client_close": (c_int, (c_void_p,)),
    "jack_get_buffer_size": (c_uint32, (c_void_p,)),
    "jack_get_sample_rate": (c_uint32, (c_void_p,)),
    "jack_port_by_name": (c_void_p, (c_void_p, c_char_p)),
    "jack_port_get_latency_range": (None, (c_void_p, c_int, POINTER(_Range))),
}


def jack_answers() -> bool:
    """Whether a server lets a client in. At one that stands still, FluidSynth would hang."""
    with _client() as (_, client):
        return client is not None


def jack_latency_seconds(port: str) -> float:
    """From an output port to what it is connected to, as the server says.

    Of a port that is not connected, one period; 0.0 without a server that answers.
    """
    with _client() as (jack, client):
        if client is None:
            return 0.0
        latency = _Range(0, 0)
        handle = jack.jack_port_by_name(client, port.encode())
        if handle:
            jack.jack_port_get_latency_range(handle, _PLAYBACK, byref(latency))
        frames = latency.max or jack.jack_get_buffer_size(client)
        return float(frames / jack.jack_get_sample_rate(client))


@contextmanager
def _client() -> Iterator[tuple[Any, int | None]]:
    """libjack, and a client of the server; None where no server lets one in."""
    jack: Any = None
    client: int | None = None
    with quiet_stderr():
        try:
            jack = ctypes.CDLL(_LIBRARY)
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(jack, name)
                function.restype, function.argtypes = result, arguments
            client = jack_client(jack, _NAME)
        except (OSError, TimeoutError):
            pass
        try:
            yield jack, client
        finally:
            if client:
                jack.jack_client_close(client)
