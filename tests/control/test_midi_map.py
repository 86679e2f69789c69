import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.midi_map import MidiMap
from polyrhythmia_live.messages import ChooseGenre, Fill, SetLevel

GENRES = ("rock", "jazz", "funk", "latin")


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def test_the_density_knob_sets_density_on_any_channel() -> None:
    for channel in range(16):
        assert MidiMap(GENRES).commands(cc(21, 127, channel)) == (SetLevel("density", 1.0),)


@pytest.mark.parametrize(
    ("number", "name", "high"),
    [
        (23, "intensity", 1.0),
        (24, "complexity", 1.0),
        (26, "stability", 1.0),
        (28, "guidance", 3.0),
    ],
)
def test_the_knobs_of_the_playing_go_from_end_to_end(number: int, name: str, high: float) -> None:
    midi_map = MidiMap(GENRES)
    assert midi_map.commands(cc(number, 0)) == (SetLevel(name, 0.0),)
    assert midi_map.commands(cc(number, 127)) == (SetLevel(name, high),)


def test_the_genre_knob_divides_its_travel_evenly() -> None:
    chosen = [MidiMap(GENRES).commands(cc(20, value)) for value in range(128)]
    indices = [command.index for (command,) in chosen if isinstance(command, ChooseGenre)]
    assert [indices.count(genre) for genre in range(4)] == [32, 32, 32, 32]


def test_a_genre_knob_on_the_border_does_not_flicker() -> None:
    midi_map = MidiMap(GENRES)
    assert midi_map.commands(cc(20, 31)) == (ChooseGenre(0),)
    assert midi_map.commands(cc(20, 32)) == ()
    assert midi_map.commands(cc(20, 33)) == (ChooseGenre(1),)
    assert midi_map.commands(cc(20, 31)) == ()


def test_a_held_pedal_asks_for_one_fill() -> None:
    midi_map = MidiMap(GENRES)
    assert midi_map.commands(cc(64, 127)) == (Fill(),)
    assert midi_map.commands(cc(64, 100)) == ()
    assert midi_map.commands(cc(64, 0)) == ()
    assert midi_map.commands(cc(64, 64)) == (Fill(),)


def test_what_is_the_players_is_no_stray_message() -> None:
    midi_map = MidiMap(GENRES)
    for number in (120, 123, 27, 41, 60):  # two panics, tempo, play/stop, tap
        assert midi_map.commands(cc(number, 0)) == ()
    assert midi_map.ignored == 0


@pytest.mark.parametrize("message", [b"", b"\xb0", b"\xb0\x15", b"\x15\x40\x40", b"\xb0\x15\xff"])
def test_broken_messages_are_counted_and_dropped(message: bytes) -> None:
    midi_map = MidiMap(GENRES)
    assert midi_map.commands(message) == ()
    assert midi_map.ignored == 1


@given(st.lists(st.binary(max_size=4), max_size=50))
def test_no_bytes_can_upset_it(messages: list[bytes]) -> None:
    midi_map = MidiMap(GENRES)
    for message in messages:
        midi_map.commands(message)
    assert midi_map.commands(cc(21, 0)) == (SetLevel("density", 0.0),)
