"""A Standard MIDI File as whoever wrote it left it: every note that can be found is found.

Decoration never costs notes. Chunks are walked and foreign ones stepped over, lengths are believed
only where another chunk or the file's end stands behind them, running status outlives everything,
and where bytes make no sense the reader goes on at the next that do. Each thing that was passed
over is one of the `faults`, in words for people.

What a drum reader has no use for (note-offs, other controllers, lyrics) is not kept. Sizes are
bounded: `MAX_BYTES` of a file, `MAX_CHUNKS` and `MAX_EVENTS` in it.

Threads: none of their own; any thread may call them. Offline only.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

MAX_BYTES = 32 * 2**20
"""An e-kit with a nervous pedal writes 2 MB an hour."""
MAX_CHUNKS = 4096
MAX_EVENTS = 1_000_000
"""Read one by one, what is stepped over in bulk apart: ten times a day's drumming."""

_HEADER = b"MThd"
_TRACK = b"MTrk"
_CHUNK_HEAD = 8
_LONGEST_NAME = 128
_LONGEST_EXCLUSIVE = 16
"""A system exclusive message that says which channel is a drum kit has ten or eleven bytes."""
_LONGEST_ESCAPE = 4
"""A longer exclusive message with a status in it is of a wrong length: it would swallow others."""
_LONGEST_SEARCH = 4096
"""Bytes in which the end of a system exclusive message of a wrong length is looked for."""
_FAULTS_TOLD = 8
_FRAME_RATES = {24, 25, 29, 30}
"""Frames per second of SMPTE time; 29 stands for 29.97."""

_PEDAL_OPEN_BELOW = 64
"""Where modules change their note; 127 is the pedal pressed down."""
_DRUM_STATUSES = frozenset({0x99, 0xB9, 0xC9})
_DRUM_PITCHES = range(27, 88)
"""General MIDI 2's percussion; bytes out of step are seldom there."""
_USUAL_TIMES = 4
"""A status that stands in a file as often is no damaged value."""
_METAS = ((0x2F, 0), (0x51, 3), (0x54, 5), (0x58, 4), (0x59, 2))
"""Meta events of a fixed length: type and length."""

_DULL = re.compile(
    rb"(?:[\x00-\x7f](?:[\xa0-\xaf\xe0-\xef][\x00-\x7f]|[\xb0-\xbf][\x01-\x03\x05-\x7f])"
    rb"[\x00-\x7f]){1,4096}"
)
"""A run of messages of one byte's delta that say nothing of drums: pressure, bends, controllers.

A run is no longer, because the expression remembers each message of it."""
_DULL_RUNNING = re.compile(rb"(?:[\x00-\x7f][\x01-\x03\x05-\x7f][\x00-\x7f]){1,4096}")
"""The same under the running status of a controller."""
_STATUS = re.compile(rb"[\x80-\xff]")
_SENSE = re.compile(
    rb"[\x00-\x7f](?:[\x80-\xbf\xe0-\xef][\x00-\x7f]{2}|[\xc0-\xdf][\x00-\x7f]|\xff[\x00-\x7f])"
)
"""A delta and a whole message: where a reader that has lost its place finds it again."""


class Unusable(Exception):
    """Why a file, or what is in it, cannot be learnt from: one line."""


class Struck(NamedTuple):
    """A note-on of velocity 1..127; ticks are the file's, channels 0..15."""

    tick: int
    channel: int
    pitch: int
    velocity: int


class Pedal(NamedTuple):
    """The hi-hat's pedal (controller 4) has come to be open or closed."""

    tick: int
    channel: int
    is_open: bool


class Bank(NamedTuple):
    """Bank select, its coarse byte."""

    tick: int
    channel: int
    number: int


class Exclusive(NamedTuple):
    """A short system exclusive message, without F0 and F7."""

    tick: int
    body: bytes


class Tempo(NamedTuple):
    """Microseconds a beat from here on, above 0."""

    tick: int
    beat_microseconds: int


class Signature(NamedTuple):
    """A time signature; neither number need make sense."""

    tick: int
    numerator: int
    denominator: int


Event: TypeAlias = Struck | Pedal | Bank | Exclusive | Tempo | Signature


@dataclass(frozen=True, slots=True)
class Track:
    """`name` is what it calls itself and its instrument, "" if nothing."""

    name: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class MidiFile:
    """What was found in a file.

    `kind` is its type, 0 to 2 where it says something sensible. `beat_ticks` is None where it is
    timed in frames, `second_ticks` then says how fast; where neither is known the header makes no
    sense. `faults` are what was passed over.
    """

    kind: int
    beat_ticks: int | None
    second_ticks: int | None
    tracks: tuple[Track, ...]
    faults: tuple[str, ...]


def read_midi_file(path: Path) -> MidiFile:
    """What is in a file.

    Raises Unusable where it is not there, is no plain file, cannot be opened, is too large, or has
    nothing of a MIDI file in it.
    """
    try:
        if not path.exists():
            raise Unusable("the MIDI file is not there")
        if not path.is_file():
            raise Unusable("not a plain file")
        if path.stat().st_size > MAX_BYTES:
            raise Unusable(f"larger than {MAX_BYTES >> 20} MB")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unusable(f"it cannot be opened: {reason}") from error
    return parsed(content)


def parsed(content: bytes) -> MidiFile:
    """What is in the bytes of a file. Raises Unusable where nothing is, or too much."""
    faults = _Faults()
    content = _unwrapped(content, faults)
    first = content.find(_TRACK)
    if content.startswith(_HEADER) and len(content) >= 14 and not 0 <= first < 14:
        fields, start = content[8:14], _after_header(content)
    elif first >= 0:
        faults.tell("its header is damaged")
        fields, start = content[max(first - 6, 0) : first].rjust(6, b"\0"), first
    else:
        raise Unusable("not a readable MIDI file")
    kind, said, division = struct.unpack(">3H", fields)
    rate, per_frame = 256 - (division >> 8), division & 0xFF
    in_frames = division >= 0x8000
    reader = _Reader(content)
    tracks: list[Track] = []
    for body, end, believed, is_track in _chunks(content, start, faults):
        # Beside a file's tracks stands what others have put there; but where one is missing, or
        # nothing was found, it may be a track without its head.
        if is_track or len(tracks) < said or not any(track.events for track in tracks):
            tracks.append(reader.track(body, end, believed))
    return MidiFile(
        kind=kind,
        beat_ticks=None if in_frames or not division else division,
        second_ticks=rate * per_frame or None if in_frames and rate in _FRAME_RATES else None,
        tracks=tuple(track for track in tracks if track.events),
        faults=(*faults.told, *reader.faults()),
    )


class _Faults:
    """The first few different ones: a file of nothing else must not fill the memory."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, fault: str) -> None:
        if len(self.told) < _FAULTS_TOLD and fault not in self.told:
            self.told.append(fault)


def _unwrapped(content: bytes, faults: _Faults) -> bytes:
    """Without what a file is wrapped in: RIFF, or bytes before its header."""
    start = content.find(_HEADER)
    if start <= 0:
        return content
    if content.startswith(b"RIFF") and content[start - 8 : start - 4] == b"data":
        size = int.from_bytes(content[start - 4 : start], "little")
        after = content[start + size :].lstrip(b"\0")[:4]
        is_said = len(after) < 4 or after.isalnum()
        return content[start : start + size] if size and is_said else content[start:]
    faults.tell(f"{start} bytes before its header")
    return content[start:]


def _after_header(content: bytes) -> int:
    """Where the first chunk after the header stands."""
    said = _CHUNK_HEAD + int.from_bytes(content[4:8], "big")
    return said if said >= 14 and _is_chunk(content, said) else 14


def _is_track(name: bytes) -> bool:
    """Also where one byte of its name is damaged."""
    return sum(one == other for one, other in zip(name, _TRACK, strict=False)) >= 3


def _is_chunk(content: bytes, at: int) -> bool:
    """Whether a chunk begins there, whole unless it is a track."""
    name = content[at : at + 4]
    if at + _CHUNK_HEAD > len(content):
        return False
    length = int.from_bytes(content[at + 4 : at + _CHUNK_HEAD], "big")
    return _is_track(name) or (name.isalnum() and at + _CHUNK_HEAD + length <= len(content))


def _chunks(content: bytes, start: int, faults: _Faults) -> Iterator[tuple[int, int, bool, bool]]:
    """What may hold events: first byte, end, whether its length is believed, whether a track."""
    at = start
    following = 0
    for _ in range(MAX_CHUNKS):
        if at + _CHUNK_HEAD > len(content):
            return
        name = content[at : at + 4]
        body = at + _CHUNK_HEAD
        end = body + int.from_bytes(content[at + 4 : body], "big")
        believed = end == len(content) or _is_chunk(content, end)
        if 0 <= following <= at:
            following = content.find(_TRACK, at + 1)
        after = following if following >= 0 else len(content)
        if _is_track(name):
            if not believed:
                cut_off = end > len(content) and following < 0
                faults.tell("cut off at its end" if cut_off else "a track of the wrong length")
                end = after
            yield body, end, believed, True
            at = end
        elif name.isalnum() and believed:
            faults.tell(f"a chunk {name.decode('ascii')} passed over")
            at = end
        else:
            faults.tell("bytes between its tracks")
            yield at, after, False, False
            at = after
    raise Unusable(f"more than {MAX_CHUNKS} tracks and other chunks")


class _Doubts:
    """What made no sense in a track."""

    def __init__(self) -> None:
        self.places = 0
        self.bytes = 0
        self.clipped = 0

    def __bool__(self) -> bool:
        return bool(self.places or self.clipped)


class _Reader:
    """Reads the tracks of one file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = MAX_EVENTS
        self._usual: frozenset[int] | None = None
        self._doubts: list[_Doubts] = []

    def faults(self) -> Iterator[str]:
        """What made no sense in all tracks."""
        places = sum(doubts.places for doubts in self._doubts)
        clipped = sum(doubts.clipped for doubts in self._doubts)
        if places:
            lost_bytes = sum(doubts.bytes for doubts in self._doubts)
            yield f"{lost_bytes} bytes that make no sense, in {places} places"
        if clipped:
            yield f"{clipped} messages with a value above 127"

    def track(self, at: int, end: int, believed: bool) -> Track:
        """The track from `at` to `end`; past its end-of-track only where its length is believed.

        A value above 127 is one byte that was damaged, or the next message after one that is
        missing. Where there are such, both are tried, and the one with more notes is taken.
        """
        doubts = _Doubts()
        track = self._read(at, end, believed, doubts, missing=True)
        if doubts:
            others = _Doubts()
            damaged = self._read(at, end, believed, others, missing=False)
            if _sense(damaged) >= _sense(track):
                track, doubts = damaged, others
        self._doubts.append(doubts)
        return track

    def _read(self, at: int, end: int, believed: bool, doubts: _Doubts, *, missing: bool) -> Track:
        content = self._content
        events: list[Event] = []
        names: list[str] = []
        pedal_open = [False] * 16
        tick = status = 0
        left = self._left - 1
        has_delta = False
        while at < end:
            left -= 1
            if left < 0:
                raise Unusable(f"more than {MAX_EVENTS} events")
            if has_delta:
                has_delta = False
            else:
                value = content[at]
                if value < 0x80:
                    at += 1
                    tick += value
                elif value < 0x90 or not (missing and doubts and self._is_status(at)):
                    value, at = _number(content, at, end)
                    tick += value
                if at >= end:
                    break
            byte = content[at]
            if byte >= 0xF0:
                at += 1
                if byte == 0xFF:
                    kind = content[at] if at < end else 0x80
                    length, body = _number(content, at + 1, end)
                    if (kind >= 0x80 and missing) or body + length > end:
                        at = self._place_again(at, end, doubts)
                        continue
                    at = body + length
                    if kind == 0x2F and not believed:
                        break
                    if kind in (0x03, 0x04):
                        names.append(_text(content[body : min(at, body + _LONGEST_NAME)]))
                    elif kind in (0x51, 0x58):
                        events.extend(_meta(tick, kind, content[body:at]))
                elif byte in (0xF0, 0xF7):
                    length, body = _number(content, at, end)
                    if body + length > end:
                        stop = content.find(0xF7, at, min(end, at + _LONGEST_SEARCH))
                        at = stop + 1 if stop >= 0 else self._place_again(at, end, doubts)
                        continue
                    if length > _LONGEST_ESCAPE and _STATUS.search(
                        content, body, body + length - 1
                    ):
                        at = self._place_again(at, end, doubts)
                        continue
                    at = body + length
                    if byte == 0xF0 and 0 < length <= _LONGEST_EXCLUSIVE:
                        events.append(Exclusive(tick, content[body:at].rstrip(b"\xf7")))
                else:
                    at = self._place_again(at, end, doubts)
                continue
            if byte >= 0x80:
                status = byte
                at += 1
            elif not status:
                at = self._place_again(at, end, doubts)
                continue
            message = status & 0xF0
            if message in (0xC0, 0xD0):
                at += 1
                continue
            if at + 2 > end:
                break
            first, second = content[at], content[at + 1]
            at += 2
            if first > 127 or second > 127:
                place = at - 2 if first > 127 else at - 1
                if missing and self._is_status(place):
                    # A byte is missing before it. A first value stands for the delta then.
                    doubts.places += 1
                    tick += first if place == at - 1 else 0
                    at = place
                    has_delta = True
                    continue
                doubts.clipped += 1
                first, second = min(first, 127), min(second, 127)
            if message == 0x90:
                if second:
                    events.append(Struck(tick, status & 0x0F, first, second))
                continue
            if message == 0x80:
                continue
            if message == 0xB0 and first == 4:
                channel, is_open = status & 0x0F, second < _PEDAL_OPEN_BELOW
                if pedal_open[channel] is not is_open:
                    pedal_open[channel] = is_open
                    events.append(Pedal(tick, channel, is_open))
                continue
            if message == 0xB0 and first == 0:
                events.append(Bank(tick, status & 0x0F, second))
                continue
            run = _DULL.match(content, at, end)
            if run is not None:
                tick += sum(content[at : run.end() : 4])
                at = run.end()
                status = content[at - 3]
                continue
            run = _DULL_RUNNING.match(content, at, end) if message == 0xB0 else None
            if run is not None:
                # A status may stand after the last delta: then that is no message of this run.
                tick += sum(content[at : run.end() : 3])
                at = run.end()
        self._left = max(left, 0)
        return Track(" ".join(filter(None, names)), tuple(events))

    def _is_status(self, at: int) -> bool:
        """Whether a status where a value should be is one, and no damaged value."""
        byte = self._content[at]
        if byte == 0xFF:
            return tuple(self._content[at + 1 : at + 3]) in _METAS
        if self._usual is None:
            found = Counter(self._content[: 1 << 20])
            often = {byte for byte in range(0x80, 0xF0) if found[byte] >= _USUAL_TIMES}
            self._usual = _DRUM_STATUSES | often
        return byte in self._usual

    def _place_again(self, at: int, end: int, doubts: _Doubts) -> int:
        """Where sense begins again."""
        found = _SENSE.search(self._content, at, end)
        place = end if found is None else found.start()
        doubts.places += 1
        doubts.bytes += place - at
        return place


def _sense(track: Track) -> tuple[int, int]:
    """How much of a reading may be meant: its notes, and those on a drum's pitch."""
    pitches = [event.pitch for event in track.events if isinstance(event, Struck)]
    return len(pitches), sum(pitch in _DRUM_PITCHES for pitch in pitches)


def _number(content: bytes, at: int, end: int) -> tuple[int, int]:
    """A variable-length quantity, of four bytes at most, and where it ends."""
    value = 0
    for byte in content[at : min(at + 4, end)]:
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").strip("\0 \n\r\t")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip("\0 \n\r\t")


def _meta(tick: int, kind: int, body: bytes) -> Iterator[Event]:
    if kind == 0x51 and len(body) >= 3 and any(body[:3]):
        yield Tempo(tick, int.from_bytes(body[:3], "big"))
    elif kind == 0x58 and len(body) >= 2:
        yield Signature(tick, body[0], 1 << min(body[1], 16))
