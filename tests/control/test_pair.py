"""Knobs of 14 bits: their low bytes come on the numbers of pads, and press none."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.messages import Command, Fire, Press, SetLevel

PADS = sorted(cc for trigger in TRIGGERS.values() for cc in trigger.ccs if 32 <= cc < 64)
"""The triggers that stand where low bytes come."""

Sent = tuple[int, int, int]
"""A control change: channel, number, value."""


def heard(decoder: Decoder, sent: list[Sent], gap_seconds: float, at: float = 0.0) -> list[Command]:
    commands = (
        decoder.command(bytes((0xB0 | channel, cc, value)), at + n * gap_seconds)
        for n, (channel, cc, value) in enumerate(sent)
    )
    return [command for command in commands if command is not None]


def fired(commands: list[Command]) -> list[str]:
    return [command.name for command in commands if isinstance(command, Fire)]


def bytes_of(channel: int, high: int, value: int) -> tuple[Sent, Sent]:
    return (channel, high, value >> 7), (channel, high + 32, value & 127)


turns = st.tuples(
    st.integers(0, 2), st.sampled_from([cc - 32 for cc in PADS]), st.integers(0, 0x3FFF)
)


@st.composite
def interleaved(draw: st.DrawFn) -> list[Sent]:
    """What several knobs send that are turned at once: each its high byte, then its low one."""
    waiting: list[list[Sent]] = []
    lanes: dict[tuple[int, int], list[Sent]] = {}
    for channel, high, value in draw(st.lists(turns, max_size=30)):
        lanes.setdefault((channel, high), []).extend(bytes_of(channel, high, value))
    waiting = list(lanes.values())
    sent = []
    while waiting:
        lane = draw(st.sampled_from(waiting))
        sent.append(lane.pop(0))
        waiting = [lane for lane in waiting if lane]
    return sent


@given(interleaved())
def test_no_way_of_turning_knobs_together_presses_a_pad(sent: list[Sent]) -> None:
    assert fired(heard(Decoder({"genre": 4}), sent, 0.0007)) == []


@given(st.lists(turns, max_size=30), st.floats(0.0, 0.04), st.floats(0.0, 2.0))
def test_a_knob_presses_no_pad_however_slowly_it_is_turned(
    turned: list[tuple[int, int, int]], within: float, between: float
) -> None:
    decoder, at = Decoder({"genre": 4}), 0.0
    for turn in turned:
        assert fired(heard(decoder, list(bytes_of(*turn)), within, at)) == []
        at += within + between


@given(st.lists(turns, max_size=30), st.floats(0.0, 0.02))
def test_knobs_that_send_the_low_byte_first_press_none_once_they_are_known(
    turned: list[tuple[int, int, int]], within: float
) -> None:
    decoder, at = Decoder({"genre": 4}), 0.0
    for channel in range(3):
        for pad in PADS:
            high, low = bytes_of(channel, pad - 32, 20)
            assert fired(heard(decoder, [low, high], within, at)) == []
            at += 1.0
    for turn in turned:
        high, low = bytes_of(*turn)
        assert fired(heard(decoder, [low, high], within, at)) == []
        at += 1.0


@given(st.lists(st.integers(0, 127), min_size=1))
def test_a_small_turn_that_sends_the_low_byte_alone_presses_none(values: list[int]) -> None:
    decoder = Decoder({"genre": 4})
    heard(decoder, list(bytes_of(0, 9, 0x1234)), 0.001)
    assert fired(heard(decoder, [(0, 41, value) for value in values], 1.0, at=9.0)) == []


@pytest.mark.parametrize("pad", PADS)
def test_a_pad_that_shares_its_number_with_a_low_byte_still_works_at_once(pad: int) -> None:
    for value in (127, 70):
        (command,) = heard(Decoder({"genre": 4}), [(0, pad, value)], 0.0, at=12.5)
        assert isinstance(command, Fire)
        assert (command.at_seconds, command.press) == (12.5, Press.DOWN)


def test_a_knob_of_seven_bits_leaves_the_pad_of_its_low_byte_alone() -> None:
    decoder = Decoder({"genre": 4})
    heard(decoder, [(0, 28, value) for value in range(128)], 0.005)
    tapped = heard(decoder, [(0, 60, 127), (0, 60, 0)] * 3, 0.25, at=1.0)
    assert fired(tapped) == ["tap"] * 3


def test_the_same_numbers_on_another_channel_or_port_are_pads() -> None:
    decoder = Decoder({"genre": 4})
    heard(decoder, list(bytes_of(0, 9, 0x1234)), 0.001)
    assert fired(heard(decoder, [(1, 41, 127)], 0.0, at=0.002)) == ["play/stop"]
    assert fired(heard(Decoder({"genre": 4}), [(0, 41, 127)], 0.0, at=0.002)) == ["play/stop"]


def test_a_pad_hit_while_its_neighbour_is_turned_is_only_dead_for_that_moment() -> None:
    decoder = Decoder({"genre": 4})
    assert fired(heard(decoder, [(0, 28, 70), (0, 60, 127), (0, 60, 0)], 0.02)) == []
    assert fired(heard(decoder, [(0, 60, 127)], 0.0, at=1.0)) == ["tap"]


def test_a_pad_taken_for_a_low_byte_is_one_again_when_the_knob_is_seen_to_send_none() -> None:
    decoder = Decoder({"genre": 4})
    heard(decoder, [(0, 16, 70), (0, 48, 90)], 0.01)
    heard(decoder, [(0, 16, value) for value in range(4)], 0.01, at=1.0)
    assert fired(heard(decoder, [(0, 48, 0), (0, 48, 90)], 0.1, at=2.0)) == ["double time"]


@given(st.integers(0, 0x3FFF), st.integers(0, 0x3FFF), st.booleans(), st.floats(0.0, 0.04))
def test_a_level_stands_where_both_bytes_say(
    before: int, value: int, low_first: bool, within: float
) -> None:
    decoder = Decoder({"genre": 4})
    for n, turn in enumerate((before, value)):
        sent = bytes_of(0, LEVELS["density"].cc or 0, turn)
        commands = heard(decoder, list(sent[::-1] if low_first else sent), within, at=float(n))
    last = commands[-1]
    assert isinstance(last, SetLevel)
    assert last.name == "density"
    assert last.value == pytest.approx(value / 0x3FFF)


@given(st.lists(st.integers(0, 0x3FFF), min_size=2).map(sorted))
def test_a_level_that_is_turned_up_never_steps_back_by_more_than_a_click(values: list[int]) -> None:
    sent = [it for value in values for it in bytes_of(0, 21, value)]
    levels = [it.value for it in heard(Decoder({"genre": 4}), sent, 0.001)
              if isinstance(it, SetLevel)]  # fmt: skip
    assert all(later >= sooner - 1 / 127 for sooner, later in pairwise(levels))


def test_a_knob_of_fourteen_bits_sets_tempos_between_the_clicks() -> None:
    commands = heard(Decoder({"genre": 4}), list(bytes_of(0, 27, 8191)), 0.001)
    assert isinstance(commands[-1], SetLevel)
    assert commands[-1].value == pytest.approx(123.496, abs=0.001)


@given(st.lists(st.tuples(st.sampled_from([98, 99, 100, 101, 6, 38, 96, 97]), st.integers(0, 127))))
def test_registered_and_other_parameters_ask_for_nothing(sent: list[tuple[int, int]]) -> None:
    assert heard(Decoder({"genre": 4}), [(0, cc, value) for cc, value in sent], 0.001) == []
