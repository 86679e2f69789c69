import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS, LEVELS, TRIGGERS
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.messages import Choose, Command, Fire, Press, SetLevel

CHOICES = {"genre": 4, "towards": 4}


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def note(number: int, velocity: int, channel: int = 15) -> bytes:
    return bytes((0x90 | channel, number, velocity))


def decoded(*messages: bytes, decoder: Decoder | None = None) -> list[Command]:
    """What a controller asks for, one message every two seconds."""
    decoder = decoder or Decoder(CHOICES)
    commands = (decoder.command(message, 2.0 * n) for n, message in enumerate(messages))
    return [command for command in commands if command is not None]


def turned(message: bytes, decoder: Decoder | None = None) -> SetLevel:
    """The one thing that a turn of a knob asks for."""
    (command,) = decoded(message, decoder=decoder)
    assert isinstance(command, SetLevel)
    return command


def test_the_density_knob_sets_density_on_any_channel() -> None:
    for channel in range(16):
        knob = turned(cc(21, 127, channel))
        assert (knob.name, knob.value) == ("density", 1.0)


def test_a_controller_with_a_channel_of_its_own_leaves_a_pianists_pedal_alone() -> None:
    decoder = Decoder(CHOICES, channel=15)
    assert decoded(cc(64, 127, 0), cc(21, 90, 14), decoder=decoder) == []
    assert decoder.unknown == 0
    assert decoded(cc(64, 127, 15), decoder=decoder) == [Fire("fill", 0.0, Press.DOWN)]


def test_a_knob_takes_hold_of_a_level_only_when_it_comes_past_it() -> None:
    density, knob, stood_at = LEVELS["density"], Decoder(CHOICES), 0.5
    heard = []
    for value in (10, 11, 60, 70, 71, 20):
        moved = turned(cc(21, value), knob).moved(density, stood_at)
        stood_at = stood_at if moved is None else moved
        heard.append(moved is not None)
    assert heard == [False, False, False, True, True, True]
    assert stood_at == pytest.approx(20 / 127)


def test_a_knob_lets_go_of_a_level_that_words_have_put_elsewhere() -> None:
    density, knob = LEVELS["density"], Decoder(CHOICES)
    decoded(cc(21, 0), cc(21, 64), decoder=knob)
    assert turned(cc(21, 65), knob).moved(density, 0.9) is None
    assert turned(cc(21, 120), knob).moved(density, 0.9) == pytest.approx(120 / 127)


def test_every_whole_tempo_of_the_tempo_knobs_travel_can_be_set() -> None:
    assert [turned(cc(27, value)).value for value in range(128)] == list(range(60, 188))


def test_the_end_of_the_tempo_knob_takes_hold_of_a_tempo_beyond_it() -> None:
    assert turned(cc(27, 127)).moved(LEVELS["tempo"], 250.0) == 187.0
    assert turned(cc(27, 100)).moved(LEVELS["tempo"], 250.0) is None


def test_a_command_is_stamped_when_its_message_arrived() -> None:
    assert Decoder(CHOICES).command(cc(60, 127), 12.5) == Fire("tap", 12.5, Press.DOWN)
    command = Decoder(CHOICES).command(cc(21, 0), 12.5)
    assert isinstance(command, SetLevel)
    assert command.at_seconds == 12.5


@pytest.mark.parametrize(
    "name", [level.name for level in LEVELS.values() if level.cc and level.name not in CHOICES]
)
def test_every_knob_of_the_table_goes_from_end_to_end(name: str) -> None:
    level = LEVELS[name]
    assert level.cc is not None
    ends = [turned(cc(level.cc, value)).value for value in (0, 127)]
    assert ends == pytest.approx(level.knob or (level.low, level.high))


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


def test_a_half_pedal_that_trembles_asks_for_a_fill_when_it_is_pressed() -> None:
    trembling = [cc(64, value) for value in (62, 64, 63, 65, 60, 66, 61, 64)]
    assert decoded(*trembling) == []
    assert decoded(*trembling, cc(64, 127), *trembling) == [Fire("fill", 16.0, Press.DOWN)]


def test_pedals_on_two_channels_are_two_pedals() -> None:
    stood_on = [cc(64, 127, 0), cc(64, 127, 1), cc(64, 0, 1), cc(64, 127, 1)]
    assert [command.at_seconds for command in decoded(*stood_on)] == [0.0, 2.0, 6.0]


def test_a_switch_that_bounces_taps_once() -> None:
    decoder = Decoder(CHOICES)
    taps = [(n * 0.6 + later, value) for n in range(3)
            for later, value in ((0.0, 127), (0.003, 0), (0.006, 127), (0.008, 0))]  # fmt: skip
    heard = [at for at, value in taps if decoder.command(cc(60, value), at) is not None]
    assert heard == pytest.approx([0.0, 0.6, 1.2])


def test_a_pad_that_strikes_twice_for_one_stroke_fires_once() -> None:
    decoder = Decoder(CHOICES)
    strokes = [(0.0, 90), (0.01, 0), (0.012, 30), (0.02, 0), (0.3, 90)]
    heard = [at for at, velocity in strokes
             if decoder.command(note(36, velocity), at) is not None]  # fmt: skip
    assert heard == [0.0, 0.3]


def test_a_keyboard_that_ends_all_notes_at_every_key_is_no_panic() -> None:
    for mode in range(121, 128):
        decoder = Decoder(CHOICES)
        assert decoded(cc(mode, 0), cc(mode, 127), decoder=decoder) == []
        assert decoder.unknown == 0


def test_all_sound_off_is_a_panic_on_any_channel() -> None:
    for channel in range(16):
        assert decoded(cc(120, 0, channel)) == [Fire("panic", 0.0)]


def test_a_daw_that_stops_locates_and_plays_changes_nothing() -> None:
    resets = [message for channel in range(16) for message in (
        cc(123, 0, channel), cc(121, 0, channel), cc(64, 0, channel), cc(7, 100, channel),
        cc(10, 64, channel), bytes((0xE0 | channel, 0, 64)), bytes((0xC0 | channel, 0)),
    )]  # fmt: skip
    decoder = Decoder(CHOICES)
    assert decoded(*resets, *resets, decoder=decoder) == []
    assert decoded(cc(64, 127), decoder=decoder) == [Fire("fill", 0.0, Press.DOWN)]


def test_a_program_change_calls_for_a_section_on_the_controllers_own_channel() -> None:
    decoder = Decoder(CHOICES, channel=3)
    assert decoded(bytes((0xC3, 4)), bytes((0xC2, 5)), decoder=decoder) == [
        Fire("section", 0.0, word="5")
    ]


def test_where_switches_stand_when_a_controller_is_plugged_in_is_no_press() -> None:
    decoder = Decoder(CHOICES, plugged_seconds=10.0)
    for number in (41, 64, 66):
        assert decoder.command(cc(number, 127), 10.2) is None
    assert decoder.command(note(36, 100), 10.3) == Fire("fill", 10.3, Press.DOWN)
    assert decoder.command(cc(64, 0), 12.0) == Fire("fill", 12.0, Press.DOWN)
    assert decoder.command(cc(64, 127), 12.3) is None


def test_a_button_that_never_says_that_it_is_let_go_works_every_time() -> None:
    assert [command.at_seconds for command in decoded(*[cc(64, 127)] * 3)] == [0.0, 2.0, 4.0]


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
    assert decoded(cc(1, 64), cc(21, 0), note(36, 100), decoder=decoder)[0].name == "density"
    assert decoder.unknown == 1


@pytest.mark.parametrize("message", [b"", b"\xb0", b"\xb0\x15", b"\x15\x40\x40", b"\xb0\x15\xff"])
def test_broken_messages_ask_for_nothing(message: bytes) -> None:
    assert decoded(message) == []


@given(st.lists(st.binary(max_size=4), max_size=50))
def test_no_bytes_can_upset_it(messages: list[bytes]) -> None:
    decoder = Decoder(CHOICES)
    decoded(*messages, decoder=decoder)
    command = decoder.command(cc(21, 0), 1000.0)
    assert isinstance(command, SetLevel)
    assert command.value == 0.0


def test_a_controller_that_is_gone_holds_nothing_any_more() -> None:
    decoder = Decoder(CHOICES)
    decoded(cc(44, 127), cc(64, 127), decoder=decoder)
    assert decoder.unplugged(9.0) == (Fire("push", 9.0, Press.UP),)
    assert decoder.unplugged(9.0) == ()
    assert decoder.command(cc(44, 127), 10.0) == Fire("push", 10.0, Press.DOWN)


def test_what_is_plugged_in_again_is_known_anew() -> None:
    decoder = Decoder(CHOICES)
    decoded(cc(9, 5), cc(41, 20), cc(64, 127), decoder=decoder)
    decoder.unplugged(9.0)
    assert decoder.command(cc(64, 127), 9.1) is None
    assert decoder.command(cc(41, 127), 10.0) == Fire("play/stop", 10.0, Press.DOWN)
