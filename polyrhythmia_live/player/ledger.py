"""The book of open notes, in memory that outlives the process.

Every note-on is entered before it is sent and struck out after its note-off was, so that a process
that reads the book (this one at exit, or the next one after a SIGKILL) can end what still sounds.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from polyrhythmia_live.midi.base import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    control_change,
    is_note_off,
    is_note_on,
    note_off,
)

CHANNELS = 16
NOTES = 128
SLOT_BYTES = CHANNELS * NOTES
MAX_SLOTS = 16
OPEN = b"\x01"
LEDGER_BYTES = MAX_SLOTS * SLOT_BYTES


class Ledger:
    """One byte per slot, channel and note; 1 = open. Each route has a slot of its own.

    Threads: dispatcher only, while it runs. Real-time: yes.
    """

    def __init__(self, memory: bytearray | mmap.mmap | None = None) -> None:
        self._memory = bytearray(LEDGER_BYTES) if memory is None else memory

    def enter(self, slot: int, message: bytes) -> None:
        """Enter a note, before its note-on is sent. Other messages are ignored."""
        if is_note_on(message):
            self._memory[self._place(slot, message[0] & 0x0F, message[1])] = 1

    def strike(self, slot: int, message: bytes) -> None:
        """Strike a note out, after its note-off was sent. Other messages are ignored."""
        if is_note_off(message):
            self._memory[self._place(slot, message[0] & 0x0F, message[1])] = 0

    def is_open(self, slot: int, channel: int, note: int) -> bool:
        return bool(self._memory[self._place(slot, channel, note)])

    def open_notes(self, slot: int) -> Iterator[tuple[int, int]]:
        """(channel, note) of every open note of a slot."""
        base = slot * SLOT_BYTES
        place = self._memory.find(OPEN, base, base + SLOT_BYTES)
        while place >= 0:
            yield divmod(place - base, NOTES)
            place = self._memory.find(OPEN, place + 1, base + SLOT_BYTES)

    def offs(self, slot: int) -> list[bytes]:
        """The note-off of every open note."""
        return [note_off(channel, note) for channel, note in self.open_notes(slot)]

    @staticmethod
    def _place(slot: int, channel: int, note: int) -> int:
        return (slot * CHANNELS + channel) * NOTES + note


def silence(channel: int) -> tuple[bytes, bytes]:
    """All notes off and all sound off, to follow the per-note offs: many machines ignore both."""
    return control_change(channel, ALL_NOTES_OFF, 0), control_change(channel, ALL_SOUND_OFF, 0)
