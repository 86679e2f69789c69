"""Controllers that have a map: encoders, NRPN, pitch bend, programs, pads, pickup or jump."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.control.controller.base import (
    TABLE,
    ControllerMap,
    Controllers,
    Encoding,
    Entry,
    Kind,
    Source,
)
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.messages import (
    Choose,
    Command,
    Fire,
    NudgeLevel,
    Press,
    SetLevel,
    ShiftLevel,
)

CHOICES = {"genre": 4}
CC21, CC22 = Source(Kind.CC, 21, 0), Source(Kind.CC, 22, 0)


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def decoder(*entries: Entry, table: bool = False) -> Decoder:
    return Decoder(CHOICES, controller=ControllerMap("ours", table=table, entries=entries))


def asked(heard: Decoder, *messages: bytes) -> list[Command]:
    """What a controller asks for, a message every two seconds."""
    commands = (heard.command(message, 2.0 * n) for n, message in enumerate(messages))
    return [command for command in commands if command is not None]


CLICKS = {
    Encoding.TWOS_COMPLEMENT: {1: 1, 3: 3, 127: -1, 125: -3},
    Encoding.BINARY_OFFSET: {65: 1, 67: 3, 63: -1, 61: -3},
    Encoding.SIGNED_BIT: {1: 1, 3: 3, 65: -1, 67: -3},
}


@pytest.mark.parametrize("encoding", CLICKS)
def test_an_encoder_turns_a_level_on_from_where_it_stands(encoding: Encoding) -> None:
    for value, clicks in CLICKS[encoding].items():
        (shift,) = asked(decoder(Entry("density", CC21, encoding)), cc(21, value))
        assert isinstance(shift, ShiftLevel)
        assert shift.moved(LEVELS["density"], 0.5) == pytest.approx(0.5 + clicks / 100)


@given(st.sampled_from(sorted(CLICKS, key=str)), st.lists(st.integers(-60, 60).filter(bool)))
def test_clicks_up_and_down_again_come_back(encoding: Encoding, clicks: list[int]) -> None:
    def written(count: int) -> int:
        if encoding is Encoding.BINARY_OFFSET:
            return 64 + count
        if count > 0:
            return count
        return 128 + count if encoding is Encoding.TWOS_COMPLEMENT else 64 - count

    knob = decoder(Entry("tempo", CC21, encoding, clicks=100))
    turned = asked(knob, *(cc(21, written(it)) for it in [*clicks, *(-it for it in clicks)]))
    shifts = [it.amount for it in turned if isinstance(it, ShiftLevel)]
    assert len(shifts) == 2 * len(clicks)
    assert math.fsum(shifts) == pytest.approx(0.0, abs=1e-6)


def test_an_encoder_with_a_cc_for_each_direction() -> None:
    knob = decoder(Entry("density", CC21, Encoding.INC_DEC, down=22, clicks=50))
    shifts = asked(knob, cc(21, 127), cc(22, 127), cc(22, 0), cc(22, 1))
    assert [it.amount for it in shifts if isinstance(it, ShiftLevel)] == [0.02, -0.02, -0.02]


def test_an_encoder_chooses_a_genre_every_few_clicks() -> None:
    knob = decoder(Entry("genre", CC21, Encoding.BINARY_OFFSET))
    up = asked(knob, *[cc(21, 65)] * 9)
    assert up == [NudgeLevel("genre", 1, 6.0), NudgeLevel("genre", 1, 14.0)]
    assert asked(knob, *[cc(21, 63)] * 4) == [NudgeLevel("genre", -1, 6.0)]


def test_an_encoder_that_counts_the_other_way_round() -> None:
    up = decoder(Entry("density", CC21, Encoding.SIGNED_BIT, clicks=-100))
    (shift,) = asked(up, cc(21, 65))
    assert isinstance(shift, ShiftLevel)
    assert shift.amount == 0.01
    genre = decoder(Entry("genre", CC21, Encoding.SIGNED_BIT, clicks=-100))
    assert asked(genre, *[cc(21, 65)] * 4) == [NudgeLevel("genre", 1, 6.0)]


def test_the_low_byte_of_an_encoders_cc_is_no_part_of_it() -> None:
    knob = decoder(Entry("density", CC21, Encoding.BINARY_OFFSET))
    assert [type(it) for it in asked(knob, cc(21, 65), cc(53, 20))] == [ShiftLevel]


def test_a_fader_that_jumps_takes_the_level_along_at_once() -> None:
    motor, knob = (decoder(Entry("density", CC21, pickup=pickup)) for pickup in (False, True))
    for fader, moved in ((motor, pytest.approx(10 / 127)), (knob, None)):
        (turn,) = asked(fader, cc(21, 10))
        assert isinstance(turn, SetLevel)
        assert turn.moved(LEVELS["density"], 0.5) == moved


def test_a_pedal_that_never_comes_to_its_ends_has_the_whole_level() -> None:
    pedal = decoder(Entry("density", CC21, low=5, high=120))
    values = [it.value for it in asked(pedal, cc(21, 5), cc(21, 120), cc(21, 0), cc(21, 127))
              if isinstance(it, SetLevel)]  # fmt: skip
    assert values == [0.0, 1.0, 0.0, 1.0]


def test_a_pedal_that_is_the_other_way_round() -> None:
    pedal = decoder(Entry("density", CC21, low=127, high=0))
    heard = asked(pedal, cc(21, 0), cc(21, 127))
    assert [it.value for it in heard if isinstance(it, SetLevel)] == [1.0, 0.0]


def test_a_mapped_knob_of_fourteen_bits_is_exact() -> None:
    knob = decoder(Entry("density", Source(Kind.CC, 3, 4)))
    knob.command(cc(3, 64, 4), 0.0)
    fine = knob.command(cc(35, 1, 4), 0.01)
    assert isinstance(fine, SetLevel)
    assert fine.value == pytest.approx((64 * 128 + 1) / 16383)


def test_a_button_whose_number_is_a_low_bytes_is_a_button() -> None:
    desk = decoder(Entry("density", Source(Kind.CC, 0, 0)), Entry("fill", Source(Kind.CC, 32, 0)))
    desk.command(cc(0, 64), 0.0)
    assert desk.command(cc(32, 127), 0.01) == Fire("fill", 0.01, Press.DOWN)


def nrpn(number: int, value: int, channel: int = 0) -> tuple[bytes, ...]:
    pairs = ((99, number >> 7), (98, number & 127), (6, value >> 7), (38, value & 127))
    return tuple(cc(*pair, channel=channel) for pair in pairs)


@given(st.integers(0, 16382), st.integers(0, 16383), st.integers(0, 15))
def test_a_daw_moves_a_level_by_nrpn(number: int, value: int, channel: int) -> None:
    daw = decoder(Entry("density", Source(Kind.NRPN, number, channel), high=16383, pickup=False))
    *_, last = asked(daw, *nrpn(number, value, channel))
    assert isinstance(last, SetLevel)
    assert last.value == pytest.approx(value / 16383)
    assert asked(daw, *nrpn((number + 1) % 16383, value, channel)) == []
    assert asked(daw, cc(101, 0, channel), cc(100, 0, channel), cc(6, 2, channel)) == []


def test_data_that_comes_without_low_bytes_reaches_both_ends() -> None:
    daw = decoder(Entry("density", Source(Kind.NRPN, 5, 0), high=16383))
    heard = asked(daw, cc(99, 0), cc(98, 5), cc(6, 0), cc(6, 127))
    assert [it.value for it in heard if isinstance(it, SetLevel)] == [0.0, 1.0]


def test_an_nrpn_is_moved_by_clicks() -> None:
    entry = Entry("density", Source(Kind.NRPN, 5, 0), Encoding.INC_DEC, high=16383)
    heard = asked(decoder(entry), cc(99, 0), cc(98, 5), cc(96, 0), cc(97, 0))
    assert [it.amount for it in heard if isinstance(it, ShiftLevel)] == [0.01, -0.01]


def test_the_bend_wheel_moves_a_level() -> None:
    wheel = decoder(Entry("fills", Source(Kind.BEND, 0, 0), low=8192, high=16383, pickup=False))
    heard = asked(wheel, bytes((0xE0, 0, 64)), bytes((0xE0, 127, 127)), bytes((0xE1, 127, 127)))
    assert [it.value for it in heard if isinstance(it, SetLevel)] == [0.0, 1.0]


def test_a_program_change_fires_what_it_is_mapped_to() -> None:
    keys = decoder(
        Entry("genre", Source(Kind.PROGRAM, 0), value=2.0),
        Entry("fill", Source(Kind.PROGRAM, 7, 3)),
    )
    programs = [bytes((0xC0 | channel, number)) for channel, number in ((5, 0), (3, 7), (2, 7))]
    assert asked(keys, *programs) == [Choose("genre", 2, 0.0), Fire("fill", 2.0, Press.TAP)]


def test_a_trigger_is_told_its_word() -> None:
    keys = decoder(Entry("break", Source(Kind.PROGRAM, 1), word="4"))
    assert asked(keys, bytes((0xC0, 1))) == [Fire("break", 0.0, Press.TAP, "4")]


def test_a_pad_puts_a_level_somewhere() -> None:
    pad = decoder(Entry("density", Source(Kind.NOTE, 36, 9), value=0.7))
    assert asked(pad, bytes((0x99, 36, 90)), bytes((0x89, 36, 0))) == [
        SetLevel("density", 0.7, 0.0)
    ]


def test_pads_are_cues_once_they_are_mapped() -> None:
    stroke = bytes((0x99, 36, 90))
    assert asked(decoder(table=True), stroke) == []
    assert asked(decoder(Entry("fill", Source(Kind.NOTE, 36, 9)), table=True), stroke) == [
        Fire("fill", 0.0, Press.DOWN)
    ]


def test_what_a_map_does_not_name_is_as_in_the_table_or_nothing() -> None:
    mapped = Entry("intensity", CC21)
    on, off = decoder(mapped, table=True), decoder(mapped)
    assert [it.name for it in asked(on, cc(21, 9), cc(22, 9), cc(21, 9, 1))] == [
        "intensity", "temperature", "density",
    ]  # fmt: skip
    assert [it.name for it in asked(off, cc(21, 9), cc(22, 9), cc(21, 9, 1))] == ["intensity"]
    assert off.unknown == 2


def test_another_controller_may_be_plugged_in() -> None:
    port = decoder(table=True)
    assert [it.name for it in asked(port, cc(21, 9))] == ["density"]
    port.use(ControllerMap("other", entries=(Entry("stability", CC21),)))
    assert [it.name for it in asked(port, cc(21, 9))] == ["stability"]


def test_a_held_pad_of_a_map_is_let_go_when_it_is_unplugged() -> None:
    pad = decoder(Entry("push", Source(Kind.NOTE, 40, 9)))
    assert pad.command(bytes((0x99, 40, 90)), 1.0) == Fire("push", 1.0, Press.DOWN)
    assert pad.unplugged(2.0) == (Fire("push", 2.0, Press.UP),)
    assert pad.unplugged(3.0) == ()


def test_the_longest_name_finds_the_controller_and_one_that_was_asked_for_goes_first() -> None:
    short, long = ControllerMap("one", ("nano",)), ControllerMap("two", ("nanoKONTROL2",))
    assert Controllers(known=(short, long)).at("a2j:nanokontrol2 (capture)") is long
    assert Controllers((short,), (long,)).at("nanoKONTROL2 CTRL") is short
    assert Controllers((short,), (long,)).at("TR-8S").entries == ()


@given(
    st.lists(st.sampled_from(TABLE), max_size=8),
    st.lists(st.binary(max_size=4) | st.builds(cc, *[st.integers(0, 127)] * 2), max_size=60),
)
def test_no_bytes_can_upset_a_mapped_controller(
    entries: list[Entry], messages: list[bytes]
) -> None:
    port = decoder(
        *entries,
        Entry("density", CC21, Encoding.SIGNED_BIT),
        Entry("tempo", Source(Kind.NRPN, 0, 0), Encoding.INC_DEC),
        Entry("genre", Source(Kind.BEND)),
        Entry("genre", CC22, Encoding.INC_DEC, down=23),
    )
    asked(port, *messages)
    port.unplugged(1e6)
