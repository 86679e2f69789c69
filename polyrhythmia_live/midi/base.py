"""MIDI messages as bytes: the numbers of the MIDI 1.0 specification, tables I to V."""

from __future__ import annotations

NOTE_OFF = 0x80
NOTE_ON = 0x90
CONTROL_CHANGE = 0xB0
SONG_POSITION = 0xF2
TIMING_CLOCK = 0xF8
START = 0xFA
CONTINUE = 0xFB
STOP = 0xFC

ALL_SOUND_OFF = 120
ALL_NOTES_OFF = 123
DATA_MAX = 127


def note_on(channel: int, note: int, velocity: int) -> bytes:
    return bytes((NOTE_ON | channel, note, velocity))


def note_off(channel: int, note: int) -> bytes:
    return bytes((NOTE_OFF | channel, note, 0))


def control_change(channel: int, controller: int, value: int) -> bytes:
    return bytes((CONTROL_CHANGE | channel, controller, value))


def is_note_on(message: bytes) -> bool:
    return message[0] & 0xF0 == NOTE_ON and message[2] > 0


def is_note_off(message: bytes) -> bool:
    kind = message[0] & 0xF0
    return kind == NOTE_OFF or (kind == NOTE_ON and message[2] == 0)


def is_channel_message(message: bytes) -> bool:
    """Whether this is a whole channel message; other bytes, even broken ones, are not."""
    return (
        2 <= len(message) <= 3
        and 0x80 <= message[0] < 0xF0
        and all(data <= DATA_MAX for data in message[1:])
    )


def is_control_change(message: bytes) -> bool:
    return (
        len(message) == 3
        and message[0] & 0xF0 == CONTROL_CHANGE
        and message[1] <= DATA_MAX
        and message[2] <= DATA_MAX
    )
