"""From the bytes of a controller to commands: the one decoder of the control table."""

from __future__ import annotations

import math
from collections.abc import Mapping

from polyrhythmia_live.control.controller.base import (
    CHANNELS,
    FINE_MAX,
    TABLE,
    UNKNOWN,
    ControllerMap,
    Encoding,
    Entry,
    Kind,
    Source,
)
from polyrhythmia_live.control.controller.nrpn import (
    DATA_HIGH,
    DATA_LOW,
    DECREMENT,
    INCREMENT,
    NrpnChannel,
)
from polyrhythmia_live.control.controller.parts import Knob, Part, Selector, counting_down, part_of
from polyrhythmia_live.control.pair import HIGH_BYTES, Pair
from polyrhythmia_live.messages import Command, Fire
from polyrhythmia_live.midi.base import (
    ALL_SOUND_OFF,
    CONTROL_CHANGE,
    DATA_MAX,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    PROGRAM_CHANGE,
    is_message,
    is_note_on,
)

PLUGGED_SECONDS = 0.5
"""What a controller says within so long of being plugged in is where its switches stand."""

ECHO_SECONDS = 1.0
"""A second panic this soon is ignored. A panic sends the very message that asks for one: from a
machine that echoes it, it comes back sooner than this, and would go round for ever."""


class Decoder:
    """Decodes what one controller sends, by its map and the control table beneath it.

    Of a controller without a map: knobs and pedals on every channel, pads on channel 16. Each port
    has a decoder of its own, which remembers, for each channel, where its knobs stand and what is
    held down there. `choices` has the number of entries of each level that is a choice. Without
    `pads`, the table's notes mean nothing. The table's knobs and pedals on other channels than
    `channel` (0..15) do not, either; None = all count. A program that the map does not name is a
    section on that channel alone, if one is given. `plugged_seconds` is when the controller was
    plugged in, if that is known.
    Threads: the port's own. Real-time: yes.
    """

    def __init__(
        self,
        choices: Mapping[str, int],
        pads: bool = True,
        channel: int | None = None,
        plugged_seconds: float = -math.inf,
        controller: ControllerMap = UNKNOWN,
    ) -> None:
        self.unknown = 0
        """Control changes that mean nothing."""
        self._choices = choices
        self._pads = pads
        self._channel = channel
        self._controller = self._next = controller
        self._panicked_seconds = -math.inf
        self._begin(plugged_seconds)

    def use(self, controller: ControllerMap) -> None:
        """What is plugged in from the next message on is this controller.

        Threads: any. Real-time: yes.
        """
        self._next = controller

    def _begin(self, plugged_seconds: float) -> None:
        """Another controller, or the same one elsewhere, is plugged in at this moment."""
        self._rested_seconds = plugged_seconds + PLUGGED_SECONDS
        self._pairs: dict[int, Pair] = {}
        """Each knob, by the key of its high byte."""
        self._plain: set[int] = set()
        """The keys of control changes that belong to no pair."""
        self._parts: dict[int, Part | None] = {}
        """What has been touched, by status and number (`_key`); None = it means nothing."""
        self._fine: dict[tuple[int, int], Part | None] = {}
        """Non-registered parameters, by channel and number; their clicks down, by -1 - number."""
        self._nrpn: dict[int, NrpnChannel] = {}
        """By channel; none where the map has no such parameter."""
        if any(entry.source.kind is Kind.NRPN for entry in self._controller.entries):
            self._nrpn = {channel: NrpnChannel() for channel in range(CHANNELS)}

    def _entry(self, kind: Kind, channel: int, number: int) -> tuple[Entry | None, bool]:
        """What a message means, and whether it is the performer's file that says so."""
        own = self._controller.entries
        entry = next((it for it in own if it.hears(kind, channel, number)), None)
        heard = self._pads if kind is Kind.NOTE else self._channel in (None, channel)
        if entry is not None or not heard or not self._controller.table:
            return entry, entry is not None
        if kind is Kind.PROGRAM:
            # DAWs send programs on all sixteen channels whenever they locate.
            section = Entry("section", Source(kind, number, channel), word=str(number + 1))
            return (section if channel == self._channel else None), False
        return next((it for it in TABLE if it.hears(kind, channel, number)), None), False

    def _part(self, kind: Kind, status: int, number: int) -> Part | None:
        """The knob, pad or button that sends this; made when it is touched first."""
        key = _key(status, number)
        if key in self._parts:
            return self._parts[key]
        entry, own = self._entry(kind, status & 0x0F, number)
        part = None
        if entry is not None:
            down = number == entry.down
            part = counting_down(entry) if down else part_of(entry, self._choices)
        # No low byte is what the file calls something else, and no high one what is no knob.
        knob = isinstance(part, Knob | Selector)
        if own if number >= HIGH_BYTES else part is not None and not knob:
            self._plain.add(key)
        self._parts[key] = part
        return part

    def _parameter(self, channel: int, number: int, down: bool) -> Part | None:
        """The non-registered parameter of this number, or its clicks down."""
        key = channel, -1 - number if down else number
        if key not in self._fine:
            entry, _ = self._entry(Kind.NRPN, channel, number)
            if entry is None or (down and entry.encoding is not Encoding.INC_DEC):
                self._fine[key] = None
            else:
                part = counting_down(entry) if down else part_of(entry, self._choices)
                self._fine[key] = part
        return self._fine[key]

    def command(self, message: bytes, at_seconds: float) -> Command | None:
        """What a message asks for, if anything; `at_seconds` is its arrival."""
        if not is_message(message):
            return None
        if self._next is not self._controller:
            self._controller = self._next
            self._begin(self._rested_seconds - PLUGGED_SECONDS)
        status = message[0]
        kind = status & 0xF0
        if kind == CONTROL_CHANGE:
            return self._control_change(status, message[1], message[2], at_seconds)
        if kind in (NOTE_ON, NOTE_OFF):
            part = self._part(Kind.NOTE, NOTE_ON | status & 0x0F, message[1])
            return self._moved(part, DATA_MAX * is_note_on(message), at_seconds)
        if kind == PROGRAM_CHANGE:
            part = self._part(Kind.PROGRAM, status, message[1])
            return self._moved(part, DATA_MAX, at_seconds)
        if kind == PITCH_BEND:
            position = (message[1] | message[2] << 7) / FINE_MAX * DATA_MAX
            return self._moved(self._part(Kind.BEND, status, 0), position, at_seconds)
        return None

    def unplugged(self, at_seconds: float) -> tuple[Command, ...]:
        """What becomes of all that is held, now that the controller is gone; it is forgotten.

        To be told again while it is gone: what is plugged in next was so after the last time.
        Threads: player's main, while nothing arrives. Real-time: no.
        """
        parts = (*self._parts.values(), *self._fine.values())
        released = (part.gone(at_seconds) for part in parts if part is not None)
        by_name = {command.name: command for command in released if command is not None}
        self._begin(at_seconds)
        return tuple(by_name[name] for name in sorted(by_name))

    def _control_change(
        self, status: int, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        channel = status & 0x0F
        part = self._part(Kind.CC, status, cc)
        if cc >= ALL_SOUND_OFF:
            return self._mode(part, at_seconds)
        nrpn = self._nrpn.get(channel)
        if nrpn is not None:
            if nrpn.names(cc, value):
                return None
            if nrpn.number is not None and cc in (DATA_HIGH, DATA_LOW, INCREMENT, DECREMENT):
                parameter = self._parameter(channel, nrpn.number, cc == DECREMENT)
                return self._data(parameter, nrpn, cc, value, at_seconds)
        position, key = float(value), _key(status, cc)
        if cc < 2 * HIGH_BYTES and key not in self._plain:
            pair = self._pair(key if cc < HIGH_BYTES else key - HIGH_BYTES)
            if cc < HIGH_BYTES:
                position = pair.high(value, at_seconds)
            elif (exact := pair.low(value, at_seconds)) is not None:
                return self._moved(self._part(Kind.CC, status, cc - HIGH_BYTES), exact, at_seconds)
        if part is None:
            self.unknown += self._channel in (None, channel)
        return self._moved(part, position, at_seconds)

    def _data(
        self, parameter: Part | None, nrpn: NrpnChannel, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        """What the data of a non-registered parameter asks for."""
        if cc in (DATA_HIGH, DATA_LOW):
            return self._moved(parameter, nrpn.position(cc, value), at_seconds)
        if isinstance(parameter, Knob | Selector):
            return None  # it says where it stands, and nobody knows by how much it was clicked
        return self._moved(parameter, DATA_MAX, at_seconds)

    def _moved(self, part: Part | None, position: float, at_seconds: float) -> Command | None:
        if part is None:
            return None
        if at_seconds < self._rested_seconds and part.rest(position, at_seconds):
            return None
        return part.moved(position, at_seconds)

    def _mode(self, part: Part | None, at_seconds: float) -> Command | None:
        """Of the channel mode messages, only what the table names is the performer's.

        Keyboards send All Notes Off at each release, and DAWs all of them at each stop.
        """
        if part is None or at_seconds - self._panicked_seconds < ECHO_SECONDS:
            return None
        self._panicked_seconds = at_seconds
        return Fire("panic", at_seconds)

    def _pair(self, key: int) -> Pair:
        pair = self._pairs.get(key)
        if pair is None:
            pair = self._pairs[key] = Pair()
        return pair


def _key(status: int, number: int) -> int:
    return status << 7 | number
