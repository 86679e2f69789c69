import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS, LEVELS, TRIGGERS
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.messages import Choose, Command, Fire, Press, SetLevel

CHOICES = {"genre": 4}


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def note(number: int, velocity: int, channel: int = 15) -> bytes:
    return bytes((0x90 | channel, number, velocity))


def decoded(*messages: bytes, decoder: Decoder | None = None) -> list[Command]:
    """What a controller asks for, one message every two seconds."""
    decoder = decoder or Decoder(CHOICES)
    commands = (decoder.command(message, 2.0 * n) for n, message in enumerate(messages))
    return [command for command in commands if command is not None]


def test_the_density_knob_sets_density_on_any_channel() -> None:
    for channel in range(16):
        assert decoded(cc(21, 127, channel)) == [SetLevel("density", 1.0)]


def test_a_command_is_stamped_when_its_message_arrived() -> None:
    assert Decoder(CHOICES).command(cc(60, 127), 12.5) == Fire("tap", 12.5, Press.DOWN)
    assert Decoder(CHOICES).command(cc(21, 0), 12.5) == SetLevel("density", 0.0, 12.5)


@pytest.mark.parametrize("name", [name for name in LEVELS if name != "genre"])
def test_every_knob_of_the_table_goes_from_end_to_end(name: str) -> None:
    level = LEVELS[name]
    assert level.cc is not None
    assert decoded(cc(level.cc, 0)) == [SetLevel(name, level.low)]
    (command,) = decoded(cc(level.cc, 127))
    assert isinstance(command, SetLevel)
    assert command.value == pytest.approx(level.high)


def test_the_genre_knob_divides_its_travel_evenly() -> None:
    chosen = [Decoder(CHOICES).command(cc(20, value), 0.0) for value in range(128)]
    indices = [command.index for command in chosen if isinstance(command, Choose)]
    assert [indices.count(genre) for genre in range(4)] == [32, 32, 32, 32]


def test_a_genre_knob_on_the_border_does_not_flicker() -> None:
    knob = Decoder(CHOICES)
    assert knob.command(cc(20, 31), 0.0) == Choose("genre", 0)
    assert knob.command(cc(20, 32), 0.0) is None
    assert knob.command(cc(20, 33), 0.0) == Choose("genre", 1)
    assert knob.command(cc(20, 31), 0.0) is None


def test_a_held_pedal_asks_for_one_fill() -> None:
    pedal = [cc(64, 127), cc(64, 100), cc(64, 0), cc(64, 64)]
    assert decoded(*pedal) == [Fire("fill", 0.0, Press.DOWN), Fire("fill", 6.0, Press.DOWN)]


@pytest.mark.parametrize("name", [name for name, it in TRIGGERS.items() if it.note is not None])
def test_every_pad_of_the_table_fires_its_trigger(name: str) -> None:
    pad = TRIGGERS[name].note
    assert pad is not None
    fired = decoded(note(pad, 100), note(pad, 0))
    assert fired[0] == Fire(name, 0.0, Press.DOWN)
    assert fired[1:] == ([Fire(name, 2.0, Press.UP)] if TRIGGERS[name].held else [])


def test_a_pad_that_is_pushed_for_a_while_lasts_as_long() -> None:
    down, up = Fire("push", 0.0, Press.DOWN), Fire("push", 2.0, Press.UP)
    assert decoded(cc(44, 127), cc(44, 0)) == [down, up]


def test_notes_on_another_channel_are_music_and_no_commands() -> None:
    assert decoded(*(note(36, 100, channel) for channel in range(15))) == []


def test_no_two_controls_share_a_knob_a_pad_or_a_key() -> None:
    ccs = [cc for control in CONTROLS for cc in control.ccs]
    notes = [trigger.note for trigger in TRIGGERS.values() if trigger.note is not None]
    keys = [key for control in CONTROLS for key in control.keys or ()]
    for used in (ccs, notes, keys):
        assert len(used) == len(set(used))


def test_a_knob_that_the_table_does_not_know_is_counted() -> None:
    decoder = Decoder(CHOICES)
    assert decoded(cc(1, 64), cc(21, 0), note(36, 100), decoder=decoder)[0] == SetLevel(
        "density", 0.0, 2.0
    )
    assert decoder.unknown == 1


@pytest.mark.parametrize("message", [b"", b"\xb0", b"\xb0\x15", b"\x15\x40\x40", b"\xb0\x15\xff"])
def test_broken_messages_ask_for_nothing(message: bytes) -> None:
    assert decoded(message) == []


@given(st.lists(st.binary(max_size=4), max_size=50))
def test_no_bytes_can_upset_it(messages: list[bytes]) -> None:
    decoder = Decoder(CHOICES)
    decoded(*messages, decoder=decoder)
    assert decoder.command(cc(21, 0), 0.0) == SetLevel("density", 0.0)


def test_a_controller_that_is_gone_holds_nothing_any_more() -> None:
    decoder = Decoder(CHOICES)
    decoded(cc(44, 127), cc(64, 127), decoder=decoder)
    assert decoder.released(9.0) == (Fire("push", 9.0, Press.UP),)
    assert decoder.released(9.0) == ()
    assert decoder.command(cc(44, 127), 10.0) == Fire("push", 10.0, Press.DOWN)
