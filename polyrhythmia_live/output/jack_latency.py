"""How long JACK takes from a client's sound to the loudspeaker.

Asked of the libjack that libfluidsynth brought into this process, which has its client in it;
rtmidi has another one of its own.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint32, c_void_p

from polyrhythmia_live.quiet import quiet_stderr

_LIBRARY = "libjack.dylib" if sys.platform == "darwin" else "libjack.so.0"
_NO_START_SERVER = 0x01
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


def jack_latency_seconds(port: str) -> float:
    """From an output port to what it is connected to, as the server says.

    Of a port that is not connected, one period; 0.0 without a server.
    """
    with suppress(OSError), quiet_stderr():
        jack = ctypes.CDLL(_LIBRARY)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(jack, name)
            function.restype, function.argtypes = result, arguments
        client = jack.jack_client_open(b"Polyrhythmia Latency", _NO_START_SERVER, None)
        if not client:
            return 0.0
        latency = _Range(0, 0)
        handle = jack.jack_port_by_name(client, port.encode())
        if handle:
            jack.jack_port_get_latency_range(handle, _PLAYBACK, byref(latency))
        frames = latency.max or jack.jack_get_buffer_size(client)
        rate_hz = jack.jack_get_sample_rate(client)
        jack.jack_client_close(client)
        return float(frames / rate_hz)
    return 0.0
