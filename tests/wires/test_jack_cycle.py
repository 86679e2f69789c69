"""Where messages lie in JACK's periods, on a period and a ring of our own."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.system.jack_ring import RECORDS, RING_BYTES, Figure, RingReader, RingWriter
from polyrhythmia_live.wires.jack_cycle import Cycle

KICK, KICK_OFF, PULSE = b"\x99\x24\x40", b"\x89\x24\x00", b"\xf8"
FRAMES = 480
PERIOD_US = 10_000
"""480 frames at 48 kHz: a frame lasts 20.8 microseconds."""


class Periods:
    """A server's periods, one after the other, and what is heard of each port."""

    def __init__(self, room: int = 1000) -> None:
        memory = bytearray(RING_BYTES)
        self.ring = RingWriter(memory)
        self.cycle = Cycle(RingReader(memory))
        self.heard: list[tuple[int, int, bytes]] = []
        """The port, the frame since the first period, the message."""
        self.now_us = 0
        self._first_frame = 0
        self._room = room
        self._written = 0

    def write(self, port: int, frame: int, message: bytes) -> bool:
        if message == b"\xff":
            raise RuntimeError
        if self._written == self._room:
            return False
        self._written += 1
        self.heard.append((port, self._first_frame + frame, message))
        return True

    def play(self, periods: int = 1) -> None:
        for _ in range(periods):
            self._written = 0
            self.cycle.fill(self, FRAMES, self.now_us, self.now_us + PERIOD_US)
            self.now_us += PERIOD_US
            self._first_frame += FRAMES


def test_a_hit_lies_on_the_frame_at_which_it_is_due() -> None:
    server = Periods()
    dues_us = [0, 2_500, 9_979, 10_000, 33_333]
    for due_us in dues_us:
        assert server.ring.put(0, KICK, due_us)
    server.play(5)
    assert [frame for _, frame, _ in server.heard] == [0, 120, 479, 480, 1600]


def test_a_hit_that_is_handed_over_late_lies_on_the_first_frame_that_is_left() -> None:
    server = Periods()
    server.play(3)
    server.ring.put(0, KICK, 12_000)
    server.play()
    assert server.heard == [(0, 3 * FRAMES, KICK)]


messages = st.lists(
    st.tuples(
        st.integers(0, 8),  # the period before which it is handed over
        st.integers(0, 1),  # its port
        st.integers(0, 10 * PERIOD_US),
    ),
    max_size=40,
)


@given(messages)
def test_nothing_is_lost_or_early_and_what_is_due_at_one_moment_keeps_its_order(
    script: list[tuple[int, int, int]],
) -> None:
    server = Periods()
    expected = []
    for period in range(12):
        for number, (handed_over, port, due_us) in enumerate(script):
            if handed_over == period:
                message = bytes((0x90, number, 1))
                assert server.ring.put(port, message, due_us)
                frame = max(period * FRAMES, round(due_us * FRAMES / PERIOD_US))
                expected.append((port, frame, message))
        server.play()
    assert sorted(server.heard) == sorted(expected)
    for port in (0, 1):
        mine = [(frame, message) for at, frame, message in server.heard if at == port]
        assert all(one[0] <= other[0] for one, other in pairwise(mine))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3 * PERIOD_US)), max_size=20))
def test_the_end_of_a_note_never_overtakes_its_start(notes: list[tuple[int, int]]) -> None:
    server = Periods()
    for number, (handed_over, due_us) in enumerate(notes):
        while server.now_us < handed_over * PERIOD_US:
            server.play()
        server.ring.put(0, bytes((0x90, number, 1)), due_us)
        server.ring.put(0, bytes((0x80, number, 0)), due_us)
    server.play(8)
    for number in range(len(notes)):
        kinds = [message[0] for _, _, message in server.heard if message[1] == number]
        assert kinds == [0x90, 0x80]


def test_what_is_taken_back_is_not_played_and_the_clock_goes_on() -> None:
    server = Periods()
    server.ring.put(0, KICK_OFF, 4_000)
    for due_us in (6_000, 25_000):
        server.ring.put(0, KICK, due_us)
        server.ring.put(0, PULSE, due_us)
    server.ring.put(1, KICK, 7_000)
    server.ring.take_back(0, 5_000)
    server.ring.put(0, KICK, 8_000)
    server.play(3)
    assert server.heard == [
        (0, 192, KICK_OFF),  # it was due: the ledger may have struck its note out
        (0, 288, PULSE),
        (0, 384, KICK),
        (1, 336, KICK),
        (0, 1200, PULSE),
    ]


def test_one_message_is_withdrawn_and_no_other() -> None:
    server = Periods()
    for due_us in (6_000, 25_000):
        for message in (KICK, KICK_OFF, PULSE):
            server.ring.put(0, message, due_us)
    server.ring.put(1, KICK, 25_000)
    server.play()
    server.ring.withdraw(0, KICK, 6_000)  # too late
    server.ring.withdraw(0, KICK, 25_000)
    server.ring.withdraw(0, KICK, 25_001)  # there is none
    server.play(2)
    assert server.heard == [
        (0, 288, KICK),
        (0, 288, KICK_OFF),
        (0, 288, PULSE),
        (0, 1200, KICK_OFF),
        (0, 1200, PULSE),
        (1, 1200, KICK),
    ]


@given(messages, st.integers(0, 8), st.data())
def test_what_is_due_after_the_period_that_was_filled_last_can_be_withdrawn_for_certain(
    script: list[tuple[int, int, int]], withdrawn_at: int, data: st.DataObject
) -> None:
    server = Periods()
    taken: set[bytes] = set()
    for period in range(12):
        for number, (handed_over, port, due_us) in enumerate(script):
            if handed_over == period:
                server.ring.put(port, bytes((0x90, number, 1)), due_us)
        if period == withdrawn_at:
            firm_us = server.ring.figure(Figure.END_US)
            for number, (handed_over, port, due_us) in enumerate(script):
                later = handed_over <= period and due_us >= firm_us
                if later and data.draw(st.booleans()):
                    taken.add(bytes((0x90, number, 1)))
                    server.ring.withdraw(port, bytes((0x90, number, 1)), due_us)
        server.play()
    heard = [message for _, _, message in server.heard]
    expected = [bytes((0x90, number, 1)) for number in range(len(script))]
    assert sorted(heard) == [message for message in expected if message not in taken]


def test_what_a_period_has_no_room_for_opens_the_next_one() -> None:
    server = Periods(room=2)
    for number in range(5):
        server.ring.put(0, bytes((0x90, number, 1)), 1_000)
    server.play(3)
    assert [(frame, message[1]) for _, frame, message in server.heard] == [
        (48, 0), (48, 1), (480, 2), (480, 3), (960, 4)
    ]  # fmt: skip


def test_a_message_that_cannot_be_placed_is_counted_and_the_others_play() -> None:
    server = Periods()
    for message in (KICK, b"\xff", KICK_OFF):
        server.ring.put(3, message, 1_000)
    server.play(2)
    assert [message for _, _, message in server.heard] == [KICK, KICK_OFF]
    assert (server.ring.lost(3), server.ring.lost(0)) == (1, 0)


def test_where_nobody_reads_messages_are_refused_and_taking_back_still_works() -> None:
    server = Periods()
    admitted = sum(server.ring.put(0, KICK, 50_000) for _ in range(2 * RECORDS))
    assert 1000 < admitted < RECORDS
    server.ring.take_back(0, 0)
    server.play(10)
    assert server.heard == []
    assert server.ring.put(0, KICK, 0)


def test_a_record_that_is_half_written_is_read_when_it_is_whole() -> None:
    memory = bytearray(RING_BYTES)
    writer, reader = RingWriter(memory), RingReader(memory)
    before = bytes(memory)
    writer.put(0, KICK, 1)
    place = max(at for at in range(RING_BYTES) if memory[at] != before[at]) // 8 * 8
    whole = memory[place : place + 8]
    memory[place : place + 8] = bytes(8)
    assert list(reader.records()) == []
    memory[place : place + 8] = whole
    assert [message for _, _, _, message in reader.records()] == [KICK]


def test_the_ring_goes_round_for_ever() -> None:
    server = Periods()
    for number in range(70_000):
        assert server.ring.put(0, bytes((0x90, number & 127, 1 + (number >> 7) % 127)), number)
        if number % 500 == 0:
            server.play()
    server.play(20)
    assert len(server.heard) == 70_000


def test_it_says_how_long_a_period_lasts() -> None:
    server = Periods()
    server.play(2)
    assert server.ring.figure(Figure.PERIODS) == 2
    assert server.ring.figure(Figure.PERIOD_US) == PERIOD_US


@pytest.mark.parametrize("waiting", [0, 1])
def test_before_it_leaves_it_ends_what_sounds_and_plays_nothing_else(waiting: int) -> None:
    server = Periods()
    other = b"\x90\x30\x40"
    server.ring.put(0, KICK, 0)
    server.ring.put(0, other, 0)
    server.ring.put(0, b"\x90\x30\x00", 100)
    server.play()
    for _ in range(waiting):
        server.ring.put(0, other, 15_000)
    server.cycle.end_notes()
    server.heard.clear()
    server.play(2)
    assert server.heard == [(0, FRAMES, KICK_OFF)]
