"""A listener in a process of its own: on which frame of a JACK server's stream each message lies.

Run as `python -m polyrhythmia_live.testing.jack_listener FILE AUDIO_FRAMES SOURCE ...`: connects to
the JACK outputs whose names contain the SOURCEs, MIDI or audio, and writes into FILE, which another
process may read meanwhile. It asks libjack itself: a listener that shared our doors would share our
mistakes. Its process callback takes 20 us in the median and 60 us at worst, in Python, with every
core taken.

Layout of FILE: four int64 (the server's frame, the number of records, the frame at which listening
began, the number of messages among the records), the records up to `_AUDIO_START`, then the first
audio source as float32.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import struct
import subprocess
import sys
import time
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_uint32,
    c_ulong,
    c_void_p,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.midi.base import is_note_on

READY = "ready"
_CLIENT = "Listener"
_LIBRARY = "libjack.dylib" if sys.platform == "darwin" else "libjack.so.0"
_HEADER = struct.Struct("<4q")
_NOW, _COUNT, _FIRST, _MESSAGES = range(4)
_RECORD = struct.Struct("<qii8s")
"""Frame, source, length and the bytes; of a loss, `_LOSS` in place of a source."""
_LOSS = -1
_RECORDS_MAX = 1 << 17
_RECORDS_START = 64
_AUDIO_START = _RECORDS_START + _RECORDS_MAX * _RECORD.size
_SAMPLE_BYTES = 4
_PATIENCE_SECONDS = 30.0
_NO_START_SERVER, _IS_INPUT, _IS_OUTPUT = 0x01, 0x1, 0x2
_MIDI_TYPE = b"8 bit raw midi"


@dataclass(frozen=True, slots=True)
class Event:
    """A MIDI message (the first eight bytes of it) on a frame; `source` counts from 0."""

    frame: int
    source: int
    message: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """What came since listening began, at frame `first_frame`.

    `lost_at` are the frames on which the server is known to have lost time: it was late for a
    period (an xrun), or its count of frames jumped. `samples` (-1..1) are of the audio source.
    """

    events: tuple[Event, ...]
    lost_at: tuple[int, ...]
    first_frame: int
    samples: NDArray[np.float32]

    def notes_on(self, source: int = 0) -> tuple[Event, ...]:
        return tuple(it for it in self.events if it.source == source and is_note_on(it.message))

    def frames_of(self, message: bytes, source: int = 0) -> NDArray[np.int64]:
        """Where a message that is the same each time lies, a clock pulse for instance."""
        frames = [it.frame for it in self.events if it.source == source and it.message == message]
        return np.array(frames, dtype=np.int64)


class JackListener:
    """The listening process, and what it has heard so far.

    It waits for its sources; of the first audio source it keeps so many frames. The server is the
    one that this process's environment names.
    """

    def __init__(self, file: Path, *sources: str, audio_frames: int = 0) -> None:
        self._file = file
        file.write_bytes(bytes(_AUDIO_START + audio_frames * _SAMPLE_BYTES))
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(file), str(audio_frames), *sources],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != READY:
            raise RuntimeError(f"no JACK server, or none of {', '.join(sources)} on it")

    @property
    def frame(self) -> int:
        """The server's, at the end of the latest period."""
        return self._header()[_NOW]

    @property
    def count(self) -> int:
        """How many messages have come."""
        return self._header()[_MESSAGES]

    def stream(self) -> Stream:
        """Everything so far."""
        content = self._file.read_bytes()
        _, count, first_frame, _ = _HEADER.unpack_from(content)
        rows = list(
            _RECORD.iter_unpack(content[_RECORDS_START:][: count * _RECORD.size]),
        )
        return Stream(
            tuple(
                Event(frame, source, message[:length])
                for frame, source, length, message in rows
                if source != _LOSS
            ),
            tuple(frame for frame, source, _, _ in rows if source == _LOSS),
            first_frame,
            np.frombuffer(content, np.float32, offset=_AUDIO_START),
        )

    def _header(self) -> tuple[int, ...]:
        with self._file.open("rb") as file:
            return _HEADER.unpack(file.read(_HEADER.size))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)


class _MidiEvent(Structure):
    _fields_ = (("time", c_uint32), ("size", ctypes.c_size_t), ("buffer", c_void_p))


_PROCESS = CFUNCTYPE(c_int, c_uint32, c_void_p)
_XRUN = CFUNCTYPE(c_int, c_void_p)
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "jack_client_open": (c_void_p, (c_char_p, c_int, c_void_p)),
    "jack_client_close": (c_int, (c_void_p,)),
    "jack_activate": (c_int, (c_void_p,)),
    "jack_deactivate": (c_int, (c_void_p,)),
    "jack_connect": (c_int, (c_void_p, c_char_p, c_char_p)),
    "jack_get_ports": (POINTER(c_char_p), (c_void_p, c_char_p, c_char_p, c_ulong)),
    "jack_free": (None, (c_void_p,)),
    "jack_last_frame_time": (c_uint32, (c_void_p,)),
    "jack_midi_event_get": (c_int, (POINTER(_MidiEvent), c_void_p, c_uint32)),
    "jack_midi_get_event_count": (c_uint32, (c_void_p,)),
    "jack_port_by_name": (c_void_p, (c_void_p, c_char_p)),
    "jack_port_get_buffer": (c_void_p, (c_void_p, c_uint32)),
    "jack_port_register": (c_void_p, (c_void_p, c_char_p, c_char_p, c_ulong, c_ulong)),
    "jack_port_type": (c_char_p, (c_void_p,)),
    "jack_set_process_callback": (c_int, (c_void_p, _PROCESS, c_void_p)),
    "jack_set_xrun_callback": (c_int, (c_void_p, _XRUN, c_void_p)),
}


class _Listening:
    """A JACK client that writes down what it gets, in the process callback."""

    def __init__(self, file: Path, audio_frames: int) -> None:
        self._jack: Any = _library(ctypes.CDLL)
        self._quick: Any = _library(ctypes.PyDLL)
        """The same, without letting go of the interpreter lock: for calls that never wait."""
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), 0)
        self._header = memoryview(self._memory)[:_RECORDS_START].cast("q")
        self._audio_frames = audio_frames
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._inputs: list[int] = []
        self._audio_input: int | None = None
        self._event = _MidiEvent()
        self._count, self._xruns, self._xruns_seen = 0, 0, 0
        self._due_frame: int | None = None
        self._callbacks = _PROCESS(self._listen), _XRUN(self._note_xrun)
        self._client = self._jack.jack_client_open(_CLIENT.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise SystemExit("no JACK server answers")

    def listen_to(self, sources: list[str]) -> None:
        """Wait for the sources, and connect to them. Each port is made before any is connected."""
        found = [self._wait_for(source) for source in sources]
        for number, name in enumerate(found):
            kind = self._jack.jack_port_type(self._jack.jack_port_by_name(self._client, name))
            own = f"in {number}".encode()
            port = self._jack.jack_port_register(self._client, own, kind, _IS_INPUT, 0)
            if kind == _MIDI_TYPE:
                self._inputs.append(port)
            else:
                self._audio_input = port
        self._jack.jack_set_process_callback(self._client, self._callbacks[0], None)
        self._jack.jack_set_xrun_callback(self._client, self._callbacks[1], None)
        if self._jack.jack_activate(self._client):
            raise SystemExit("the JACK server does not let the listener take part")
        for number, name in enumerate(found):
            own = f"{_CLIENT}:in {number}".encode()
            if self._jack.jack_connect(self._client, name, own):
                raise SystemExit(f"the JACK server does not connect {name!r}")

    def _wait_for(self, source: str) -> bytes:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            listed = self._jack.jack_get_ports(self._client, None, None, _IS_OUTPUT)
            for name in listed or ():  # ends at a null, not at a length
                if name is None:
                    break
                if source.encode() in name:
                    return bytes(name)
            self._jack.jack_free(listed)
            time.sleep(0.02)
        raise SystemExit(f"no port of {source}")

    def _listen(self, frames: int, _argument: object) -> int:
        jack = self._quick
        start: int = jack.jack_last_frame_time(self._client)
        if self._due_frame is None:
            self._header[_FIRST] = start
        elif start != self._due_frame or self._xruns != self._xruns_seen:
            self._xruns_seen = self._xruns
            self._write(start, _LOSS, b"")
        self._due_frame = start + frames
        for source, port in enumerate(self._inputs):
            buffer = jack.jack_port_get_buffer(port, frames)
            for place in range(jack.jack_midi_get_event_count(buffer)):
                jack.jack_midi_event_get(byref(self._event), buffer, place)
                message = ctypes.string_at(self._event.buffer, min(8, self._event.size))
                self._write(start + self._event.time, source, message)
        if self._audio_input is not None:
            first = start - self._header[_FIRST]
            if first + frames <= self._audio_frames:
                ctypes.memmove(
                    self._address + _AUDIO_START + first * _SAMPLE_BYTES,
                    jack.jack_port_get_buffer(self._audio_input, frames),
                    frames * _SAMPLE_BYTES,
                )
        self._header[_NOW] = self._due_frame
        return 0

    def _note_xrun(self, _argument: object) -> int:
        self._xruns += 1  # in another thread than `_listen`, which writes it down
        return 0

    def _write(self, frame: int, source: int, message: bytes) -> None:
        if self._count < _RECORDS_MAX:
            place = _RECORDS_START + self._count * _RECORD.size
            _RECORD.pack_into(self._memory, place, frame, source, len(message), message)
            self._count += 1
            self._header[_COUNT] = self._count
            self._header[_MESSAGES] += source != _LOSS

    def close(self) -> None:
        self._jack.jack_deactivate(self._client)
        self._jack.jack_client_close(self._client)


def _library(kind: type[ctypes.CDLL]) -> ctypes.CDLL:
    jack = kind(_LIBRARY)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(jack, name)
        function.restype, function.argtypes = result, arguments
    return jack


def main() -> None:
    file, audio_frames, *sources = sys.argv[1:]
    listening = _Listening(Path(file), int(audio_frames))
    gc.collect()
    gc.disable()  # it would stop the process callback
    listening.listen_to(sources)
    print(READY, flush=True)
    sys.stdin.read()
    listening.close()


if __name__ == "__main__":
    main()
