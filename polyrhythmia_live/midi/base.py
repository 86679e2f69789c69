"""MIDI messages as bytes, by tables I to V of the MIDI 1.0 specification; what a wire needs of a
MIDI system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the process that fills JACK's periods is to start fast
    from polyrhythmia_live.messages import PortCondition

NOTE_OFF = 0x80
NOTE_ON = 0x90
CONTROL_CHANGE = 0xB0
PROGRAM_CHANGE = 0xC0
PITCH_BEND = 0xE0
SYSTEM = 0xF0
"""Status bytes from here on belong to no channel."""

SONG_POSITION = 0xF2
END_OF_EXCLUSIVE = 0xF7
TIMING_CLOCK = 0xF8
START = 0xFA
CONTINUE = 0xFB
STOP = 0xFC
ACTIVE_SENSING = 0xFE

CLOCK_MESSAGES = (TIMING_CLOCK, START, CONTINUE, STOP, SONG_POSITION)

ALL_SOUND_OFF = 120
ALL_NOTES_OFF = 123
DATA_MAX = 127


_SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1, 0xF8: 1, 0xFA: 1, 0xFB: 1, 0xFC: 1,
                   0xFE: 1, 0xFF: 1}  # fmt: skip
_LENGTHS = tuple(
    _SYSTEM_LENGTHS.get(status, 0) if status >= 0xF0
    else 0 if status < 0x80
    else 2 if 0xC0 <= status < 0xE0
    else 3
    for status in range(256)
)  # fmt: skip


def note_on(channel: int, note: int, velocity: int) -> bytes:
    return bytes((NOTE_ON | channel, note, velocity))


def note_off(channel: int, note: int) -> bytes:
    return bytes((NOTE_OFF | channel, note, 0))


def control_change(channel: int, controller: int, value: int) -> bytes:
    return bytes((CONTROL_CHANGE | channel, controller, value))


def is_message(message: bytes) -> bool:
    """Whether these bytes are one whole channel, system common or real-time message.

    System exclusive is not: nothing here reads it.
    """
    return (
        len(message) > 0
        and len(message) == _LENGTHS[message[0]]
        and (len(message) < 2 or max(message[1:]) <= DATA_MAX)
    )


def is_exclusive(message: bytes) -> bool:
    """Whether these bytes are one whole system exclusive message."""
    return (
        len(message) > 2
        and message[0] == SYSTEM
        and message[-1] == END_OF_EXCLUSIVE
        and max(message[1:-1]) <= DATA_MAX
    )


def is_note_on(message: bytes) -> bool:
    return message[0] & 0xF0 == NOTE_ON and message[2] > 0


def is_note_off(message: bytes) -> bool:
    kind = message[0] & 0xF0
    return kind == NOTE_OFF or (kind == NOTE_ON and message[2] == 0)


def is_clock_message(message: bytes) -> bool:
    """Whether this is a whole timing clock, start, continue, stop or song position message."""
    return is_message(message) and message[0] in CLOCK_MESSAGES


def is_active_sensing(message: bytes) -> bool:
    return len(message) == 1 and message[0] == ACTIVE_SENSING


def song_position(message: bytes) -> int:
    """The step, 0..16383, that a song position message names."""
    return message[1] | message[2] << 7


Receive = Callable[[bytes, float], None]
"""Called with what arrived, and with its arrival in `time.monotonic()` seconds."""


class Guard(Protocol):
    """Decides for each message whether there is a point in sending it."""

    def admits(self, message: bytes) -> bool:
        """Whether to send a message. Threads: dispatcher only. Real-time: yes."""
        ...


class PortFinder(Protocol):
    """What a port that follows another one needs of the MIDI system, whichever way it goes."""

    @property
    def trouble(self) -> PortCondition | None:
        """Why no client may be touched at the moment; None while all is well.

        Threads: player's main. Real-time: no.
        """
        ...

    def listed_by(self, client: Any) -> list[str]:
        """All ports that a client sees, ours as well. Threads: player's main. Real-time: no."""
        ...

    def find_foreign(self, wanted: str, listed: list[str], found: str | None = None) -> str | None:
        """The one port of others that `wanted` means, of those listed; `found` is what it meant.

        Threads: player's main. Real-time: no.
        """
        ...

    def absent(self, listed: list[str]) -> PortCondition:
        """The condition of a port that is waited for, given what is listed.

        Threads: player's main. Real-time: no.
        """
        ...

    def stable(self, port: str) -> str:
        """A port's name from boot to boot. Threads: player's main. Real-time: no."""
        ...

    def opened(self, client: Any, port: str, listed: list[str], own_port: str) -> bool:
        """Connect a client's own port, of that name, to a port that was listed; whether it is.

        Threads: player's main. Real-time: no.
        """
        ...

    def connected(self, port: str, own_port: str, listed: list[str]) -> bool:
        """Whether our port of that name still reaches `port`, or is reached by it.

        Threads: player's main. Real-time: no.
        """
        ...


class MidiOutSystem(PortFinder, Protocol):
    """What a wire needs of the MIDI system. A client is what `out_client` gave."""

    @property
    def lost(self) -> bool:
        """The MIDI server died: no client may be touched. Threads: any. Real-time: yes."""
        ...

    def out_client(self, name: str | None) -> Any:
        """A new client, to be `delete()`d; None = one that others need not tell from our others.

        Threads: player's main. Real-time: no.
        """
        ...

    def ring_guard(self) -> Guard:
        """A guard for a new client. Threads: player's main. Real-time: no."""
        ...


class MidiInSystem(PortFinder, Protocol):
    """What an input needs of the MIDI system. A client is what `in_client` gave."""

    def in_client(self, name: str, arrived: Receive) -> Any:
        """A new client that says what arrives, clock and active sensing too; to be `delete()`d.

        `arrived` runs in a thread of the system's, and must return at once.
        Threads: player's main. Real-time: no.
        """
        ...

    def unplug_input(self, own_port: str) -> None:
        """Take the cables off an input of ours, where that is needed before it is closed.

        Threads: player's main. Real-time: no.
        """
        ...


class JackSystem(MidiOutSystem, MidiInSystem, Protocol):
    """What wires and inputs need of JACK when they work in its periods themselves."""

    @property
    def jack_library(self) -> str | None:
        """The path of the libjack to play through; None where rtmidi plays and listens.

        Threads: any. Real-time: no.
        """
        ...

    def jack_inputs(self) -> list[str]:
        """All ports that can be played, ours as well. Threads: player's main. Real-time: no."""
        ...

    def jack_outputs(self) -> list[str]:
        """All ports that can be listened to, ours as well.

        Threads: player's main. Real-time: no.
        """
        ...

    def jack_peers(self, port: str) -> tuple[str, ...]:
        """What a port is connected to. Threads: player's main. Real-time: no."""
        ...

    def jack_connect(self, output: str, port: str) -> bool:
        """Connect an output to a port; whether it is. Threads: player's main. Real-time: no."""
        ...
