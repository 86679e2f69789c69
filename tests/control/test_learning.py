"""Learning: what was touched, however the controller speaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.controller.base import Encoding, Entry, Kind, Source
from polyrhythmia_live.control.controller.learning import Listening, encoding_of

UP_AND_DOWN = (*range(0, 128, 3), 127, *range(126, -1, -3), 0)


def touched(control: str, *messages: bytes, port: str = "Box") -> tuple[str, Entry] | None:
    listening = Listening(control)
    for number, message in enumerate(messages):
        listening.hear(port, message, 0.02 * number)
    return listening.found()


def turned(cc: int, *values: int, channel: int = 0) -> list[bytes]:
    return [bytes((0xB0 | channel, cc, value)) for value in values]


def test_a_knob_that_is_turned_up_and_down() -> None:
    assert touched("density", *turned(16, *UP_AND_DOWN, channel=4)) == (
        "Box",
        Entry("density", Source(Kind.CC, 16, 4)),
    )


def test_a_pedal_that_stops_short_of_its_ends() -> None:
    found = touched("density", *turned(11, *(min(120, max(7, it)) for it in UP_AND_DOWN)))
    assert found is not None
    assert (found[1].low, found[1].high) == (7, 120)


CLICKS = {
    Encoding.TWOS_COMPLEMENT: ((1, 1, 2, 1, 1, 3), (127, 127, 126, 127, 127)),
    Encoding.BINARY_OFFSET: ((65, 65, 66, 65, 65, 67), (63, 63, 62, 63, 63)),
    Encoding.SIGNED_BIT: ((1, 1, 2, 1, 1, 3), (65, 65, 66, 65, 65)),
}


@pytest.mark.parametrize("encoding", CLICKS)
def test_an_encoder_that_is_turned_both_ways(encoding: Encoding) -> None:
    up, down = CLICKS[encoding]
    found = touched("density", *turned(16, *up, *down))
    assert found == ("Box", Entry("density", Source(Kind.CC, 16, 0), encoding))


@pytest.mark.parametrize("encoding", CLICKS)
def test_an_encoder_that_counts_the_other_way_round(encoding: Encoding) -> None:
    up, down = CLICKS[encoding]
    found = touched("density", *turned(16, *down, *up))
    assert found is not None
    assert (found[1].encoding, found[1].clicks) == (encoding, -100)


def test_an_encoder_with_a_cc_for_each_direction_is_turned_up_first() -> None:
    for value in (1, 127):
        found = touched("density", *turned(97, *[value] * 5), *turned(96, *[value] * 5))
        entry = Entry("density", Source(Kind.CC, 97, 0), Encoding.INC_DEC, down=96)
        assert found == ("Box", entry)


@given(st.integers(0, 127), st.integers(0, 127), st.integers(1, 12))
def test_a_knob_that_was_hardly_turned_is_no_encoder(start: int, end: int, stride: int) -> None:
    values = list(range(start, end, stride if end > start else -stride))
    if len(values) > 2:
        assert encoding_of(values) is Encoding.ABSOLUTE


def test_the_low_bytes_of_a_fine_knob_are_not_the_knob() -> None:
    fine = [message for value in range(0, 16383, 50)
            for message in (*turned(3, value >> 7), *turned(35, value & 127))]  # fmt: skip
    assert touched("density", *fine) == ("Box", Entry("density", Source(Kind.CC, 3, 0)))


def test_an_nrpn_is_one_knob() -> None:
    sent = [message for value in range(0, 128, 9) for message in (
        *turned(99, 8), *turned(98, 8), *turned(6, value), *turned(38, 0))]  # fmt: skip
    entry = Entry("tempo", Source(Kind.NRPN, 8 * 128 + 8, 0), high=16383)
    assert touched("tempo", *sent) == ("Box", entry)


def test_a_pad_a_button_and_a_program_let_things_happen() -> None:
    pad = touched("fill", b"\x99\x24\x50", b"\x89\x24\x00")
    assert pad == ("Box", Entry("fill", Source(Kind.NOTE, 36, 9)))
    assert touched("fill", *turned(64, 127, 0)) == ("Box", Entry("fill", Source(Kind.CC, 64, 0)))
    program = touched("break", b"\xc3\x07")
    assert program == ("Box", Entry("break", Source(Kind.PROGRAM, 7, 3)))


def test_a_level_wants_a_knob_and_not_a_pad() -> None:
    assert touched("density", b"\x99\x24\x50", b"\x89\x24\x00") is None
    assert touched("density", *turned(64, 127, 0, 127, 0)) is None
    assert touched("density", *turned(16, 50, 51)) is None


def test_the_clock_and_another_ports_brush_are_no_touch() -> None:
    listening = Listening("density")
    listening.hear("Clock", b"\xf8", 1.0)
    listening.hear("Clock", b"\xfe", 1.0)
    assert listening.changed_seconds == 0.0
    listening.hear("Other", b"\xb0\x07\x40", 1.0)
    for message in turned(16, *UP_AND_DOWN):
        listening.hear("Box", message, 2.0)
    found = listening.found()
    assert found is not None
    assert found[0] == "Box"


@given(st.sampled_from(["density", "genre", "fill"]), st.lists(st.binary(max_size=4), max_size=40))
def test_no_bytes_can_upset_it(control: str, messages: list[bytes]) -> None:
    touched(control, *messages)
