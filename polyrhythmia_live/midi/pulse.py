"""Whether the MIDI server goes on; and a guard, so that nothing piles up before one that stands.

RtMidi's JACK output puts each message into a ring of 16 KiB that the server's next period empties.
Where it is full, `send_message` waits in a loop for room, with the interpreter lock held: a server
that stands still would stop the whole player after 2,340 notes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from polyrhythmia_live.midi.base import is_note_off

STILL_SECONDS = 0.5
"""Without a new period for so long, the server stands still. A JACK period lasts 1 to 90 ms, and on
a busy machine one is late; then late notes are better than a rest to the next bar line."""

UNREAD_MAX = 512
"""How many messages may wait for a period. Only half of them may begin notes; the other half is for
the ends of notes. The ring holds twice as many, because those from before the latest period may
still lie in it."""


class Pulse:
    """Whether a server goes on. `period` gives a number that changes with each of its periods."""

    def __init__(
        self, period: Callable[[], int], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._period = period
        self._now = now
        self.period = period()
        """The latest number that was seen."""
        self._seen_seconds = now()

    def beats(self) -> bool:
        """Whether the server went on of late. Threads: any one. Real-time: yes."""
        period, now_seconds = self._period(), self._now()
        if period != self.period:
            self.period, self._seen_seconds = period, now_seconds
        return now_seconds - self._seen_seconds < STILL_SECONDS


class RingGuard:
    """Says of each message whether there is a point in sending it.

    Before a server that stands still only what ends a note is sent, as far as there is room: it
    arrives when the server goes on, while a note or a clock pulse would come much too late.
    """

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._unread_period = pulse.period
        self._unread = 0

    def admits(self, message: bytes) -> bool:
        """Whether to send a message; the ones that are, are counted.

        Threads: dispatcher only. Real-time: yes.
        """
        beats = self._pulse.beats()
        if self._pulse.period != self._unread_period:
            self._unread_period, self._unread = self._pulse.period, 0
        if is_note_off(message):
            admitted = self._unread < UNREAD_MAX
        else:
            admitted = beats and self._unread < UNREAD_MAX // 2
        self._unread += admitted
        return admitted
