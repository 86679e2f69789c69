"""From MIDI controllers to what is the player's own business: it does not wait for the brain."""

from __future__ import annotations

import math

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.messages import (
    Nudge,
    Panic,
    PlayerCommand,
    SetTempo,
    player_command,
)
from polyrhythmia_live.midi.base import DATA_MAX, is_control_change
from polyrhythmia_live.rhythm.control import PEDAL_DOWN, Consumer

RELEASED = Nudge(0.0)

ECHO_SECONDS = 1.0
"""A panic sends the very messages that ask for one. From a machine that echoes what it is sent they
come back well before this, and would go round for ever."""


class ControlMap:
    """Listens on every channel. A pad acts when it goes down; a nudge lasts until it goes up.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self) -> None:
        self._tempo = LEVELS["tempo"]
        self._triggers = {
            cc: name
            for name, trigger in TRIGGERS.items()
            if trigger.consumer is Consumer.PLAYER
            for cc in trigger.ccs
        }
        self._held: set[int] = set()
        self._panicked_seconds = -math.inf

    def command(self, message: bytes, now_seconds: float) -> PlayerCommand | None:
        """What a message asks of the player; mostly nothing."""
        if not is_control_change(message):
            return None
        cc, value = message[1], message[2]
        if cc == self._tempo.cc:
            return SetTempo(self._tempo.from_unit(value / DATA_MAX))
        name = self._triggers.get(cc)
        if name is None:
            return None
        command = player_command(name, now_seconds)
        # All Notes Off and All Sound Off have the value 0, and mean it.
        if isinstance(command, Panic):
            if now_seconds - self._panicked_seconds < ECHO_SECONDS:
                return None
            self._panicked_seconds = now_seconds
            return command
        return self._pad(command, cc, value)

    def _pad(self, command: PlayerCommand, cc: int, value: int) -> PlayerCommand | None:
        down, was_down = value >= PEDAL_DOWN, cc in self._held
        if down == was_down:
            return None
        if down:
            self._held.add(cc)
        else:
            self._held.discard(cc)
        if isinstance(command, Nudge):
            return Nudge(math.copysign(math.inf, command.seconds)) if down else RELEASED
        return command if down else None
