"""What crosses between the player and a process that works in JACK's periods, in shared memory.

Messages to play cross one way, messages that came the other. Nobody waits for anybody here: one
thread writes, another one in another process reads. A record is two words, each of which is written
whole and says at its end which record it belongs to. So it needs no order between the two, which
some processors do not keep: a record is there when both say so.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from enum import IntEnum

RECORDS = 2048
"""More than a guard admits before a server that stands still (`midi.pulse`)."""

PORTS = 256
"""A port's number is a byte."""

_RESERVED = 64
"""Of them, for taking back."""

MICROSECONDS = 1_000_000

_WORD_BYTES = 8
_TAG_BITS = 16
_TAG = (1 << _TAG_BITS) - 1
_DUE_MAX_US = (1 << 64 - _TAG_BITS) - 1
"""Of a clock that has run for nine years."""


class Figure(IntEnum):
    """What one end says of itself; the place of each word."""

    TAKEN = 0
    """The number of the latest record that was read."""
    WAITING = 1
    """How many messages that were read are not placed yet."""
    PERIODS = 2
    """How many periods there were; said by the end that works in them, as is the next."""
    PERIOD_US = 3
    """How long the latest one lasts, in microseconds."""
    END_US = 4
    """When the latest one ends; said as it begins."""


_LOST_AT = len(Figure)
_RECORDS_AT = _LOST_AT + PORTS
RING_BYTES = (_RECORDS_AT + 2 * RECORDS) * _WORD_BYTES

Record = tuple[int, int, int, bytes]
"""When it is due, or arrived, in microseconds of `time.monotonic`, its number, its port, its
message. What is due earlier, and then what was put in earlier, comes first. Without a message, one
that is to be played takes back what was put in before it and is due later; one that begins with
`WITHDRAWN` takes back the one message that follows, due then."""

WITHDRAWN = b"\x00"


class Ring:
    """What both ends know. Threads: any. Real-time: yes."""

    def __init__(self, memory: mmap.mmap | bytearray) -> None:
        self._words = memoryview(memory).cast("Q")

    def figure(self, figure: Figure) -> int:
        """What was last said."""
        return self._words[figure]

    def say(self, figure: Figure, value: int) -> None:
        """Say something to the other end."""
        self._words[figure] = value

    def lost(self, port: int) -> int:
        """How many of a port's messages were lost."""
        return self._words[_LOST_AT + port]

    def lose(self, port: int) -> None:
        """Count a message that was lost."""
        self._words[_LOST_AT + port] += 1


class RingWriter(Ring):
    """The end that messages are put in at. Threads: any one. Real-time: yes."""

    def __init__(self, memory: mmap.mmap | bytearray) -> None:
        super().__init__(memory)
        self._number = 0

    def put(self, port: int, message: bytes, due_us: int) -> bool:
        """Hand over one message of up to four bytes; False where there is no room.

        `due_us` is in microseconds of `time.monotonic`.
        """
        return self._put(port, message, due_us, RECORDS - _RESERVED)

    def take_back(self, port: int, now_us: int) -> None:
        """Let no channel message of a port be played any more that is due later than now."""
        self._put(port, b"", now_us, RECORDS)

    def withdraw(self, port: int, message: bytes, due_us: int) -> bool:
        """Let one channel message not be played that was put in, due then; False: no room."""
        return self._put(port, WITHDRAWN + message, due_us, RECORDS - _RESERVED)

    def _put(self, port: int, message: bytes, due_us: int, unread_max: int) -> bool:
        words = self._words
        number = self._number + 1
        if number - words[Figure.TAKEN] > unread_max:
            return False
        self._number = number
        place, tag = _RECORDS_AT + 2 * (number % RECORDS), number & _TAG
        words[place] = min(max(due_us, 0), _DUE_MAX_US) << _TAG_BITS | tag
        text = int.from_bytes(message, "big")
        words[place + 1] = text << 32 | len(message) << 24 | port << _TAG_BITS | tag
        return True

    @property
    def empty(self) -> bool:
        """Whether all that was put in is placed. Threads: any. Real-time: yes."""
        return self._words[Figure.TAKEN] == self._number and not self._words[Figure.WAITING]


class RingReader(Ring):
    """The end that they are taken out at. Threads: its own. Real-time: yes."""

    def __init__(self, memory: mmap.mmap | bytearray) -> None:
        super().__init__(memory)
        self._taken = 0

    def records(self) -> Iterator[Record]:
        """All that has come since, in the order in which it was put in."""
        words = self._words
        while True:
            number = self._taken + 1
            place, tag = _RECORDS_AT + 2 * (number % RECORDS), number & _TAG
            due, text = words[place], words[place + 1]
            if due & _TAG != tag or text & _TAG != tag:
                return
            message = (text >> 32).to_bytes(text >> 24 & 0xFF, "big")
            self._taken = number
            yield due >> _TAG_BITS, number, text >> _TAG_BITS & 0xFF, message

    def settle(self, waiting: int) -> None:
        """Make room for as much as was read; how many of these messages are not placed yet."""
        self._words[Figure.WAITING] = waiting
        self._words[Figure.TAKEN] = self._taken
