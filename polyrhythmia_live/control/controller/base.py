"""A controller's map: which message of which channel moves which row of the control table.

The table's own numbers (`TABLE`) are such a map, too: that of a controller nobody has described.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from polyrhythmia_live.control.base import CONTROLS
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL, Trigger

CHANNELS = 16
FINE_MAX = 16_383
"""The highest value of what has 14 bits."""


class Kind(enum.Enum):
    """What a knob, pad or button sends."""

    CC = "cc"
    NOTE = "note"
    NRPN = "nrpn"
    PROGRAM = "program"
    BEND = "bend"


NUMBERS_MAX = {Kind.CC: 127, Kind.NOTE: 127, Kind.NRPN: FINE_MAX, Kind.PROGRAM: 127, Kind.BEND: 0}
"""The highest number of each kind; a channel has one pitch bend."""

VALUES_MAX = {Kind.CC: 127, Kind.NRPN: FINE_MAX, Kind.BEND: FINE_MAX}
"""The highest value of what has values; a pad and a program are only ever pressed."""


class Encoding(enum.Enum):
    """What a control change says: where a knob stands, or by how much it was turned."""

    ABSOLUTE = "absolute"
    TWOS_COMPLEMENT = "twos-complement"
    """1 is a click up, 127 a click down; faster: 2, 126 ..."""
    BINARY_OFFSET = "binary-offset"
    """65 is a click up, 63 a click down."""
    SIGNED_BIT = "signed-bit"
    """1 is a click up, 65 a click down."""
    INC_DEC = "inc-dec"
    """Any value of one CC is a click up, of another a click down."""

    def clicks(self, value: int) -> int:
        """How far an encoder was turned, positive = up. Threads: any. Real-time: yes."""
        if self is Encoding.TWOS_COMPLEMENT:
            return value if value < 64 else value - 128
        if self is Encoding.BINARY_OFFSET:
            return value - 64
        if self is Encoding.SIGNED_BIT:
            return value if value < 64 else 64 - value
        return 1 if value > 0 else 0


@dataclass(frozen=True, slots=True)
class Source:
    """One knob, pad or button: by what it sends, on a channel 0..15; None = on any."""

    kind: Kind
    number: int = 0
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What moves a control.

    `low` and `high` are the values at the ends of a knob's travel; `low` above `high` = it turns
    the other way. `pickup`: it takes hold of a level that it passes; otherwise the level jumps to
    it, as is right for motor faders and a DAW's automation. `down` is the CC of an `INC_DEC`
    encoder's other direction, `clicks` what an encoder needs from end to end, below zero where it
    turns the other way. `value`: it does not move the level, it puts it there (or chooses that
    entry); `word` is what a trigger is told.
    """

    control: str
    source: Source
    encoding: Encoding = Encoding.ABSOLUTE
    low: int = 0
    high: int = 127
    pickup: bool = True
    down: int | None = None
    clicks: int = 100
    value: float | None = None
    word: str = ""

    def hears(self, kind: Kind, channel: int, number: int) -> bool:
        """Whether a message of this kind, channel 0..15 and number means it.

        Threads: any. Real-time: yes.
        """
        source = self.source
        its = source.kind is kind and source.channel in (None, channel)
        return its and number in (source.number, self.down)


@dataclass(frozen=True, slots=True)
class Light:
    """An LED or a ring that shows a control.

    A message is `before`, one of `values` and `after`. `values` go evenly from the lowest level to
    the highest; a trigger has two, dark and lit. The first of them is dark.
    """

    control: str
    before: bytes
    values: tuple[int, ...]
    after: bytes = b""

    def message(self, share: float) -> bytes:
        """What shows a share, 0..1, of the way from the first value to the last."""
        place = min(int(share * len(self.values)), len(self.values) - 1)
        return self.before + bytes((self.values[place],)) + self.after

    @property
    def dark(self) -> bytes:
        return self.message(0.0)


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """One controller.

    `ports` are parts of the names that its input has. `table`: what the entries do not name means
    what it does in the control table. `opening` is sent to its output before the lights are, and
    `closing` after they have been put out; `lights_port` is part of that output's name, empty = the
    one that is called as the input. `faults` are what was wrong with its file, a line each.
    """

    name: str
    ports: tuple[str, ...] = ()
    table: bool = True
    entries: tuple[Entry, ...] = ()
    lights: tuple[Light, ...] = ()
    lights_port: str = ""
    opening: tuple[bytes, ...] = ()
    closing: tuple[bytes, ...] = ()
    faults: tuple[str, ...] = ()

    def fit(self, port: str) -> int:
        """How much of an input's name is this controller's; 0 = it is another one."""
        name = port.casefold()
        return max((len(part) for part in self.ports if part.casefold() in name), default=0)


UNKNOWN = ControllerMap("")
"""A controller that nobody has described."""


@dataclass(frozen=True, slots=True)
class Controllers:
    """The controllers that were asked for, and all others that are known."""

    asked: tuple[ControllerMap, ...] = ()
    known: tuple[ControllerMap, ...] = ()

    def at(self, port: str) -> ControllerMap:
        """The map of what is plugged in at an input of this name: the one that fits most of it.

        One that was asked for goes before all others. Threads: any. Real-time: no.
        """
        for maps in (self.asked, self.known):
            fitting = [it for it in maps if it.fit(port)]
            if fitting:
                return max(fitting, key=lambda it: it.fit(port))
        return UNKNOWN


NO_CONTROLLERS = Controllers()

TABLE: tuple[Entry, ...] = tuple(
    Entry(control.name, source)
    for control in CONTROLS
    for source in (
        *(Source(Kind.CC, cc) for cc in control.ccs),
        *(
            [Source(Kind.NOTE, control.note, NOTE_CHANNEL)]
            if isinstance(control, Trigger) and control.note is not None
            else []
        ),
    )
)
"""The control table's numbers: CCs on any channel, pads on channel 16 alone."""
