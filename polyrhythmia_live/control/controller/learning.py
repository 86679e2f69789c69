"""What a performer has just touched: from the messages of a controller to an entry of its map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.control.controller.base import (
    FINE_MAX,
    VALUES_MAX,
    Encoding,
    Entry,
    Kind,
    Source,
)
from polyrhythmia_live.control.controller.nrpn import DATA_HIGH, DATA_LOW, NrpnChannel
from polyrhythmia_live.control.pair import HIGH_BYTES
from polyrhythmia_live.midi.base import (
    ALL_SOUND_OFF,
    CONTROL_CHANGE,
    DATA_MAX,
    NOTE_ON,
    PITCH_BEND,
    PROGRAM_CHANGE,
    is_message,
    is_note_on,
)

TURNED = 6
"""The messages of a knob that is turned on purpose."""

CLICKED = 3
"""Of each direction of an encoder that has a CC for either."""

LOW_SHARE = 0.3
"""CC n + 32 is a low byte of CC n where that sends so many messages to one of its own."""

REPEATED_SHARE = 0.25
"""An encoder sends the same again and again; where a knob stands is another place each time."""

FAST = 16
"""The clicks of an encoder that is spun, at the most."""

END_REACH, WHOLE_TRAVEL = 3, 64
"""CC units: a knob that comes this near to an end reaches it; one that travels less than the second
was not turned from end to end."""


class Listening:
    """What one control is to be moved by, as far as it has been touched.

    Threads: the one that it is told in.
    """

    def __init__(self, control: str) -> None:
        self._control = control
        self._is_level = control in LEVELS
        self._nrpn: dict[tuple[str, int], NrpnChannel] = {}
        self._values: dict[tuple[str, Source], list[int]] = {}
        """What each knob, pad or button of each port has sent, in the order of their first word."""
        self.changed_seconds = 0.0
        """When something was touched last."""

    def hear(self, port: str, message: bytes, at_seconds: float) -> None:
        """A message has come from a port; the clock and the ends of notes are no touch."""
        heard = self._touch(port, message) if is_message(message) else None
        if heard is not None:
            source, value = heard
            self._values.setdefault((port, source), []).append(value)
            self.changed_seconds = at_seconds

    def found(self) -> tuple[str, Entry] | None:
        """The port and the entry, if what was touched is clear; None = go on turning."""
        by_touches = sorted(self._values, key=lambda it: -len(self._values[it]))
        for port, source in by_touches:
            if (entry := self._entry(port, source)) is not None:
                return port, entry
        return None

    def _touch(self, port: str, message: bytes) -> tuple[Source, int] | None:
        status, channel = message[0] & 0xF0, message[0] & 0x0F
        if status == CONTROL_CHANGE and message[1] < ALL_SOUND_OFF:
            return self._turn(port, channel, message[1], message[2])
        if status == NOTE_ON and is_note_on(message):
            return Source(Kind.NOTE, message[1], channel), message[2]
        if status == PROGRAM_CHANGE:
            return Source(Kind.PROGRAM, message[1], channel), DATA_MAX
        if status == PITCH_BEND:
            return Source(Kind.BEND, 0, channel), message[2]
        return None

    def _turn(self, port: str, channel: int, cc: int, value: int) -> tuple[Source, int] | None:
        nrpn = self._nrpn.setdefault((port, channel), NrpnChannel())
        if nrpn.names(cc, value):
            return None
        if nrpn.number is not None and cc in (DATA_HIGH, DATA_LOW):
            position = nrpn.position(cc, value)
            return Source(Kind.NRPN, nrpn.number, channel), int(position)
        return Source(Kind.CC, cc, channel), value

    def _entry(self, port: str, source: Source) -> Entry | None:
        values = self._values[port, source]
        if not self._is_level:
            high = VALUES_MAX.get(source.kind, DATA_MAX)
            return None if source.kind is Kind.BEND else Entry(self._control, source, high=high)
        if source.kind in (Kind.NOTE, Kind.PROGRAM):
            return None
        coarse = replace(source, number=source.number - HIGH_BYTES)
        if source.kind is Kind.CC and HIGH_BYTES <= source.number < 2 * HIGH_BYTES:
            highs = self._values.get((port, coarse), [])
            if len(highs) >= LOW_SHARE * len(values):
                return self._entry(port, coarse)
        if source.kind is not Kind.CC:
            return Entry(self._control, source, high=FINE_MAX) if len(values) >= TURNED else None
        if _is_switch(values):
            return self._two_ways(port, source)
        if len(values) < TURNED:
            return None
        encoding = encoding_of(values)
        if encoding is Encoding.ABSOLUTE:
            low, top = travel_of(values)
            return Entry(self._control, source, low=low, high=top)
        entry = Entry(self._control, source, encoding)
        up_first = encoding.clicks(values[0]) > 0
        return entry if up_first else replace(entry, clicks=-entry.clicks)

    def _two_ways(self, port: str, source: Source) -> Entry | None:
        """An encoder that has a CC for each direction: the first that was touched is up."""
        its = [other for (at, other), values in self._values.items()
               if at == port and other.kind is Kind.CC and other.channel == source.channel
               and _is_switch(values) and len(values) >= CLICKED]  # fmt: skip
        if len(its) != 2 or source not in its:
            return None
        up, down = its
        return Entry(self._control, up, Encoding.INC_DEC, down=down.number)


def _is_switch(values: Sequence[int]) -> bool:
    """Whether these are of a button, which has one value but for 0."""
    return len(set(values) - {0}) == 1 and not set(values) & {63, 65}


def encoding_of(values: Sequence[int]) -> Encoding:
    """How a knob speaks, by what it sent as it was turned all the way up, and down again."""
    repeated = sum(before == after for before, after in pairwise(values))
    if repeated < REPEATED_SHARE * (len(values) - 1):
        return Encoding.ABSOLUTE
    few = range(1, FAST + 1)
    if all(value in few or DATA_MAX + 1 - value in few for value in values):
        return Encoding.TWOS_COMPLEMENT
    if all(abs(value - 64) in few for value in values):
        return Encoding.BINARY_OFFSET
    if all(value in few or value - 64 in few for value in values):
        return Encoding.SIGNED_BIT
    return Encoding.ABSOLUTE


def travel_of(values: Sequence[int]) -> tuple[int, int]:
    """The ends of a knob's travel; a pedal may never come to 0 or 127."""
    low, high = min(values), max(values)
    if high - low < WHOLE_TRAVEL:
        return 0, DATA_MAX
    return (0 if low <= END_REACH else low), (DATA_MAX if high >= DATA_MAX - END_REACH else high)
