from polyrhythmia_live.clock.base import Clock, Move, MoveKind
from polyrhythmia_live.clock.midi_transport import MidiTransport


def test_start_and_stop_act_at_once_at_our_own_tempo() -> None:
    clock: Clock = MidiTransport(90.0)
    assert clock.receive(b"\xfa", 1.0) == (Move(MoveKind.START, 0, 1.0),)
    assert clock.receive(b"\xf8", 1.02) == ()
    clock.set_tempo(120.0, 1.0)
    assert clock.timeline.tempo_bpm == 120.0
    assert clock.receive(b"\xfc", 2.0) == (Move(MoveKind.STOP, 2 * 6720, 2.0),)
    assert clock.receive(b"\xfb", 5.0) == (Move(MoveKind.START, 2 * 6720, 5.0),)


def test_a_song_position_counts_while_stopped() -> None:
    clock = MidiTransport(120.0)
    assert clock.receive(b"\xf2\x00\x01", 1.0) == (Move(MoveKind.LOCATE, 128 * 1680, 1.0),)
    assert clock.receive(b"\xfb", 2.0)[0].tick == 128 * 1680


def test_a_song_position_while_rolling_is_a_jump_at_once() -> None:
    clock = MidiTransport(120.0)
    clock.receive(b"\xfa", 0.0)
    assert clock.receive(b"\xf2\x05\x00", 2.0) == (Move(MoveKind.START, 5 * 1680, 2.0),)
    assert clock.receive(b"\xfb", 2.0) == ()
    assert clock.timeline.time_at(5 * 1680) == 2.0


def test_a_song_position_that_says_where_the_song_is_changes_nothing() -> None:
    clock = MidiTransport(120.0)
    clock.receive(b"\xfa", 0.0)
    before = clock.timeline
    assert clock.receive(b"\xf2\x10\x00", 2.03) == ()
    assert (clock.timeline, clock.ignored) == (before, 0)


def test_bytes_that_mean_nothing_are_counted_and_dropped() -> None:
    clock = MidiTransport(120.0)
    for message in (b"", b"\x00", b"\xf2", b"\xf2\x00\x80", b"\xff", b"\xfa\xfa"):
        assert clock.receive(message, 1.0) == ()
    assert clock.ignored == 6
    assert clock.receive(b"\xfe", 1.0) == ()
    assert clock.ignored == 6
