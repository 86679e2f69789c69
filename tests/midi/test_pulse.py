from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.midi.pulse import STILL_SECONDS, UNREAD_MAX, Pulse, RingGuard

KICK, KICK_OFF, CLOCK = b"\x99\x24\x40", b"\x89\x24\x00", b"\xf8"
RING_MESSAGES = 2340
"""What RtMidi's ring holds; one more and it waits for room, for ever if need be."""


class Server:
    """A MIDI server and its time, as a pulse sees them. `ring` is what it has not read yet."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.period = 0
        self.ring: list[bytes] = []
        self._written_last_period = 0

    def pulse(self) -> Pulse:
        return Pulse(lambda: self.period, lambda: self.seconds)

    def play(self) -> None:
        """One more period, in which it reads what was there when the one before began."""
        del self.ring[: self._written_last_period]
        self._written_last_period = len(self.ring)
        self.period += 1

    def send(self, guard: RingGuard, message: bytes) -> bool:
        admitted = guard.admits(message)
        if admitted:
            self.ring.append(message)
        return admitted


def test_a_server_beats_from_period_to_period_and_no_longer() -> None:
    server = Server()
    pulse = server.pulse()
    for _ in range(100):
        server.play()
        server.seconds += STILL_SECONDS / 2
        assert pulse.beats()
    server.seconds += 1.5 * STILL_SECONDS
    assert not pulse.beats()
    server.play()
    assert pulse.beats()


def test_a_server_that_was_not_asked_for_long_is_not_taken_for_still() -> None:
    server = Server()
    pulse = server.pulse()
    server.play()
    server.seconds += 100.0
    assert pulse.beats()


def test_before_a_server_that_stands_still_only_what_ends_a_note_is_sent() -> None:
    server = Server()
    guard = RingGuard(server.pulse())
    assert server.send(guard, KICK)
    server.seconds += 1.5 * STILL_SECONDS
    assert not server.send(guard, KICK)
    assert not server.send(guard, CLOCK)
    assert server.send(guard, KICK_OFF)
    server.play()
    assert server.send(guard, KICK)


steps = st.one_of(
    st.just("period"),
    st.floats(0.0, 2 * STILL_SECONDS),
    st.tuples(st.sampled_from([KICK, KICK_OFF, CLOCK]), st.integers(1, 2000)),
)


@given(st.lists(steps, max_size=40))
def test_the_ring_never_fills(script: list[str | float | tuple[bytes, int]]) -> None:
    server = Server()
    guard = RingGuard(server.pulse())
    for step in script:
        if isinstance(step, tuple):
            for _ in range(step[1]):
                server.send(guard, step[0])
        elif isinstance(step, float):
            server.seconds += step
        else:
            server.play()
        assert len(server.ring) <= 2 * UNREAD_MAX < RING_MESSAGES
