"""From the bytes of a controller to commands: the one decoder of the control table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from polyrhythmia_live.control.controller.base import (
    CHANNELS,
    FINE_MAX,
    TABLE,
    UNKNOWN,
    ControllerMap,
    Encoding,
    Entry,
    Kind,
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

_STATUS = {Kind.CC: CONTROL_CHANGE, Kind.NOTE: NOTE_ON, Kind.PROGRAM: PROGRAM_CHANGE,
           Kind.BEND: PITCH_BEND}  # fmt: skip


class Decoder:
    """Decodes what one controller sends, by its map and the control table beneath it.

    Of a controller without a map: knobs and pedals on every channel, pads on channel 16. Each port
    has a decoder of its own, which remembers, for each channel, where its knobs stand and what is
    held down there. `choices` has the number of entries of each level that is a choice. Without
    `pads`, the table's notes mean nothing. The table's knobs and pedals on other channels than
    `channel` (0..15) do not, either; None = all count. `plugged_seconds` is when the controller was
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
        self._controller = controller
        self._panicked_seconds = -math.inf
        self._stirred = True
        """Whether anything has arrived since it was plugged in."""
        self._begin(plugged_seconds)

    def use(self, controller: ControllerMap) -> None:
        """What is plugged in from now on is this controller.

        Threads: player's main, while nothing arrives. Real-time: no.
        """
        self._controller, self._stirred = controller, True
        self._begin(self._rested_seconds - PLUGGED_SECONDS)

    def _begin(self, plugged_seconds: float) -> None:
        """Another controller, or the same one elsewhere, is plugged in at this moment."""
        self._rested_seconds = plugged_seconds + PLUGGED_SECONDS
        if not self._stirred:
            return
        self._stirred = False
        self._pairs: dict[int, Pair] = {}
        """Each knob, by the key of its high byte."""
        self._plain: set[int] = set()
        """The keys of control changes that belong to no pair."""
        self._parts: dict[int, Part] = {}
        """By status and number; see `_key`."""
        self._fine: dict[int, Part] = {}
        """Non-registered parameters, by channel and number."""
        self._fine_down: dict[int, Part] = {}
        """The other direction of those that are moved by clicks."""
        self._nrpn: dict[int, NrpnChannel] = {}
        """The channels that have any."""
        if self._controller.table:
            for entry in TABLE:
                if entry.source.kind is Kind.CC:
                    self._add(entry, self._channels(entry, self._channel))
                elif self._pads:
                    self._add(entry, self._channels(entry))
        for entry in self._controller.entries:
            channels = self._channels(entry)
            self._add(entry, channels)
            if entry.source.kind is Kind.CC and entry.source.number >= HIGH_BYTES:
                number = entry.source.number  # no low byte, since the file says what it is
                self._plain |= {_key(CONTROL_CHANGE | channel, number) for channel in channels}

    @staticmethod
    def _channels(entry: Entry, heard: int | None = None) -> range:
        channel = heard if entry.source.channel is None else entry.source.channel
        return range(CHANNELS) if channel is None else range(channel, channel + 1)

    def _add(self, entry: Entry, channels: Iterable[int]) -> None:
        """Give an entry a part of its own on each channel that it is heard on."""
        source, clicks = entry.source, entry.encoding is Encoding.INC_DEC
        for channel in channels:
            part = part_of(entry, self._choices)
            if source.kind is Kind.NRPN:
                self._nrpn.setdefault(channel, NrpnChannel())
                self._fine[channel << 14 | source.number] = part
                if clicks:
                    self._fine_down[channel << 14 | source.number] = counting_down(entry)
                continue
            status = _STATUS[source.kind] | channel
            key = _key(status, source.number)
            self._parts[key] = part
            if source.number < HIGH_BYTES and not isinstance(part, Knob | Selector):
                self._plain.add(key)
            if clicks and entry.down is not None:
                self._parts[_key(status, entry.down)] = counting_down(entry)
                self._plain.add(_key(status, entry.down))

    def command(self, message: bytes, at_seconds: float) -> Command | None:
        """What a message asks for, if anything; `at_seconds` is its arrival."""
        if not is_message(message):
            return None
        self._stirred = True
        status = message[0]
        kind = status & 0xF0
        if kind == CONTROL_CHANGE:
            return self._control_change(status & 0x0F, message[1], message[2], at_seconds)
        if kind in (NOTE_ON, NOTE_OFF):
            key = _key(NOTE_ON | status & 0x0F, message[1])
            return self._moved(self._parts.get(key), DATA_MAX * is_note_on(message), at_seconds)
        if kind == PROGRAM_CHANGE:
            return self._moved(self._parts.get(_key(status, message[1])), DATA_MAX, at_seconds)
        if kind == PITCH_BEND:
            position = (message[1] | message[2] << 7) / FINE_MAX * DATA_MAX
            return self._moved(self._parts.get(_key(status, 0)), position, at_seconds)
        return None

    def unplugged(self, at_seconds: float) -> tuple[Command, ...]:
        """What becomes of all that is held, now that the controller is gone; it is forgotten.

        To be told again while it is gone: what is plugged in next was so after the last time.
        Threads: player's main, while nothing arrives. Real-time: no.
        """
        parts = (*self._parts.values(), *self._fine.values())
        released = [command for part in parts if (command := part.gone(at_seconds)) is not None]
        self._begin(at_seconds)
        by_name = {command.name: command for command in released}
        return tuple(by_name[name] for name in sorted(by_name))

    def _control_change(
        self, channel: int, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        key = _key(CONTROL_CHANGE | channel, cc)
        part = self._parts.get(key)
        if cc >= ALL_SOUND_OFF:
            return self._mode(part, at_seconds)
        nrpn = self._nrpn.get(channel)
        if nrpn is not None:
            if nrpn.names(cc, value):
                return None
            if nrpn.number is not None and cc in (DATA_HIGH, DATA_LOW, INCREMENT, DECREMENT):
                return self._data(nrpn, channel << 14 | nrpn.number, cc, value, at_seconds)
        position = float(value)
        if cc < 2 * HIGH_BYTES and key not in self._plain:
            pair = self._pair(key if cc < HIGH_BYTES else key - HIGH_BYTES)
            if cc < HIGH_BYTES:
                position = pair.high(value, at_seconds)
            elif (exact := pair.low(value, at_seconds)) is not None:
                part = self._parts.get(key - HIGH_BYTES)
                return self._moved(part, exact, at_seconds)
        if part is None:
            self.unknown += self._channel in (None, channel)
        return self._moved(part, position, at_seconds)

    def _data(
        self, nrpn: NrpnChannel, parameter: int, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        """What the data of a non-registered parameter asks for."""
        if cc in (DATA_HIGH, DATA_LOW):
            return self._moved(self._fine.get(parameter), nrpn.position(cc, value), at_seconds)
        if parameter not in self._fine_down:
            return None
        parts = self._fine if cc == INCREMENT else self._fine_down
        return self._moved(parts[parameter], DATA_MAX, at_seconds)

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
