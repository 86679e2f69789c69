"""From the bytes of a controller to commands: the one decoder of the control table."""

from __future__ import annotations

import math
from collections.abc import Mapping

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.pair import HIGH_BYTES, Pair
from polyrhythmia_live.control.switch import Switch
from polyrhythmia_live.messages import Choose, Command, Fire, Press, SetLevel
from polyrhythmia_live.midi.base import (
    ALL_SOUND_OFF,
    DATA_MAX,
    PROGRAM_CHANGE,
    is_control_change,
    is_message,
    is_note_off,
    is_note_on,
)
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL, PEDALS, Curve, Level, Trigger

CHOICE_HYSTERESIS = 1
"""CC units that a knob must travel past a border between two entries: it would flicker there."""

KNOB_REACH = 1
"""CC units from its place within which a knob takes hold of a level: few levels stand on a unit."""

PLUGGED_SECONDS = 0.5
"""What a controller says within so long of being plugged in is where its switches stand."""

ECHO_SECONDS = 1.0
"""A second panic this soon is ignored. A panic sends the very message that asks for one: from a
machine that echoes it, it comes back sooner than this, and would go round for ever."""


class Decoder:
    """Decodes what one controller sends: knobs and pedals on every channel, pads on channel 16.

    Each port has a decoder of its own, which remembers, for each channel, where its knobs stand and
    what is held down there. `choices` has the number of entries of each level that is a choice.
    Without `pads`, notes mean nothing at all. Knobs and pedals on other channels than `channel`
    (0..15) do not, either; None = all count. A program change counts on that channel alone, if one
    is given. `plugged_seconds` is when the controller was plugged
    in, if that is known.
    Threads: the port's own. Real-time: yes.
    """

    def __init__(
        self,
        choices: Mapping[str, int],
        pads: bool = True,
        channel: int | None = None,
        plugged_seconds: float = -math.inf,
    ) -> None:
        self.unknown = 0
        """Control changes that the table has no row for."""
        self._choices = choices
        self._channel = channel
        self._levels = {cc: level for level in LEVELS.values() for cc in level.ccs}
        self._pedals = {cc: trigger for trigger in TRIGGERS.values() for cc in trigger.ccs}
        self._pads = {it.note: it for it in TRIGGERS.values() if pads and it.note is not None}
        self._panicked_seconds = -math.inf
        self._forget(plugged_seconds)

    def _forget(self, plugged_seconds: float) -> None:
        """Another controller, or the same one elsewhere, is plugged in at this moment."""
        self._rested_seconds = plugged_seconds + PLUGGED_SECONDS
        self._pairs: dict[tuple[int, int], Pair] = {}
        """Each knob, by its channel and the CC of its high byte."""
        self._stood: dict[tuple[int, str], float] = {}
        """Where the knob of each level stands, by its channel."""
        self._chosen: dict[str, int] = {}
        self._switches: dict[tuple[int, int], Switch] = {}
        """Each pedal and button, by its channel and CC."""
        self._struck: dict[int, Switch] = {}
        """Each pad, by its note."""

    def command(self, message: bytes, at_seconds: float) -> Command | None:
        """What a message asks for, if anything; `at_seconds` is its arrival."""
        if is_control_change(message):
            channel = message[0] & 0x0F
            if self._channel not in (None, channel):
                return None
            return self._control_change(channel, message[1], message[2], at_seconds)
        if is_message(message) and message[0] & 0xF0 == PROGRAM_CHANGE:
            # DAWs send programs on all sixteen channels whenever they locate.
            if self._channel != message[0] & 0x0F:
                return None
            return Fire("section", at_seconds, word=str(message[1] + 1))
        if is_message(message) and message[0] & 0x0F == NOTE_CHANNEL and len(message) == 3:
            trigger = self._pads.get(message[1])
            if trigger is not None and (is_note_on(message) or is_note_off(message)):
                return self._strike(trigger, message[1], is_note_on(message), at_seconds)
        return None

    def unplugged(self, at_seconds: float) -> tuple[Command, ...]:
        """What becomes of all that is held, now that the controller is gone; it is forgotten.

        To be told again while it is gone: what is plugged in next was so after the last time.
        Threads: player's main, while nothing arrives. Real-time: no.
        """
        held = {self._pedals[cc].name for (_, cc), it in self._switches.items() if it.is_down}
        held |= {self._pads[note].name for note, it in self._struck.items() if it.is_down}
        self._forget(at_seconds)
        lasting = (TRIGGERS[name] for name in sorted(held) if TRIGGERS[name].held)
        return tuple(Fire(trigger.name, at_seconds, Press.UP) for trigger in lasting)

    def _control_change(
        self, channel: int, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        if cc >= ALL_SOUND_OFF:
            return self._mode(cc, at_seconds)
        position = float(value)
        if cc < 2 * HIGH_BYTES:
            pair = self._pair(channel, cc % HIGH_BYTES)
            if cc < HIGH_BYTES:
                position = pair.high(value, at_seconds)
            elif (exact := pair.low(value, at_seconds)) is not None:
                cc, position = cc - HIGH_BYTES, exact
                if cc not in self._levels:
                    return None
        level = self._levels.get(cc)
        if level is not None:
            return self._level(level, channel, position, at_seconds)
        trigger = self._pedals.get(cc)
        if trigger is None:
            self.unknown += 1
            return None
        return self._press(trigger, channel, cc, value, at_seconds)

    def _mode(self, cc: int, at_seconds: float) -> Command | None:
        """Of the channel mode messages, only what the table names is the performer's.

        Keyboards send All Notes Off at each release, and DAWs all of them at each stop.
        """
        trigger = self._pedals.get(cc)
        if trigger is None or at_seconds - self._panicked_seconds < ECHO_SECONDS:
            return None
        self._panicked_seconds = at_seconds
        return Fire(trigger.name, at_seconds)

    def _pair(self, channel: int, cc: int) -> Pair:
        pair = self._pairs.get((channel, cc))
        if pair is None:
            pair = self._pairs[channel, cc] = Pair()
        return pair

    def _level(
        self, level: Level, channel: int, position: float, at_seconds: float
    ) -> Command | None:
        if level.curve is not Curve.CHOICE:
            before = self._stood.get((channel, level.name), position)
            self._stood[channel, level.name] = position
            passing = _way(level, *sorted((before, position)))
            return SetLevel(level.name, _turned_to(level, position), at_seconds, passing=passing)
        width = (DATA_MAX + 1) / self._choices[level.name]  # the travel is divided evenly
        chosen = self._chosen.get(level.name)
        if chosen is not None:
            low, high = chosen * width, (chosen + 1) * width
            if low - CHOICE_HYSTERESIS <= position < high + CHOICE_HYSTERESIS:
                return None
        self._chosen[level.name] = int(position / width)
        return Choose(level.name, int(position / width), at_seconds)

    def _press(
        self, trigger: Trigger, channel: int, cc: int, value: int, at_seconds: float
    ) -> Command | None:
        switch = self._switches.get((channel, cc))
        if switch is None:
            switch = self._switches[channel, cc] = Switch(cc in PEDALS, trigger.held)
        if at_seconds < self._rested_seconds:
            switch.rest(value, at_seconds)
            return None
        return _fired(trigger, switch.turned(value, at_seconds), at_seconds)

    def _strike(self, pad: Trigger, note: int, down: bool, at_seconds: float) -> Command | None:
        switch = self._struck.get(note)
        if switch is None:
            switch = self._struck[note] = Switch(lasts=pad.held, contacts=False)
        return _fired(pad, switch.turned(DATA_MAX if down else 0, at_seconds), at_seconds)


def _fired(trigger: Trigger, press: Press | None, at_seconds: float) -> Command | None:
    """A command each time that a switch goes down, and when a held one comes up again."""
    if press is None or (press is Press.UP and not trigger.held):
        return None
    return Fire(trigger.name, at_seconds, press)


def _turned_to(level: Level, position: float) -> float:
    return level.from_unit(position / DATA_MAX)


def _way(level: Level, lowest: float, highest: float) -> tuple[float, float]:
    """What a knob passes between two of its places; each end of it stands for all beyond."""
    lowest, highest = lowest - KNOB_REACH, highest + KNOB_REACH
    return (
        _turned_to(level, lowest) if lowest > 0 else level.low,
        _turned_to(level, highest) if highest < DATA_MAX else level.high,
    )
