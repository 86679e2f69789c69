import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS
from polyrhythmia_live.control.help_text import key_help
from polyrhythmia_live.control.keys import command_of, key_names
from polyrhythmia_live.messages import (
    ChooseGenre,
    Continue,
    DoubleTime,
    EndOnOne,
    Fill,
    HalfTime,
    Nudge,
    NudgeLevel,
    NudgeTempo,
    Panic,
    StartStop,
    Stop,
    Tap,
)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (b" ", StartStop()),
        (b"t", Tap(1.5)),
        (b"f", Fill()),
        (b"p", Panic()),
        (b"s", Stop()),
        (b"c", Continue()),
        (b"e", EndOnOne()),
        (b"h", HalfTime()),
        (b"d", DoubleTime()),
        (b">", NudgeTempo(10, bars=8)),
        (b"<", NudgeTempo(-10, bars=8)),
        (b"{", Nudge(0.005)),
        (b"}", Nudge(-0.005)),
        (b"\x1b[A", NudgeTempo(1)),
        (b"\x1b[B", NudgeTempo(-1)),
        (b"\x1b[C", NudgeLevel("density", 1)),
        (b"\x1bOD", NudgeLevel("density", -1)),
        (b"]", NudgeLevel("temperature", 1)),
        (b"=", NudgeLevel("intensity", 1)),
        (b"-", NudgeLevel("intensity", -1)),
        (b".", NudgeLevel("complexity", 1)),
        (b",", NudgeLevel("complexity", -1)),
        (b"1", ChooseGenre(0)),
        (b"9", ChooseGenre(8)),
    ],
)
def test_each_key_does_what_the_table_says(typed: bytes, command: object) -> None:
    (key,) = key_names(typed)
    assert command_of(key, now_seconds=1.5) == command


def test_fast_typing_loses_no_key() -> None:
    assert list(key_names(b"f\x1b[A\x1b[Ap")) == ["f", "up", "up", "p"]


@given(st.binary(max_size=20))
def test_no_typing_can_upset_it(typed: bytes) -> None:
    for key in key_names(typed):
        command_of(key, 0.0)


def test_the_help_names_every_key_of_the_table() -> None:
    text = key_help(("rock", "jazz"))
    for control in CONTROLS:
        assert all(key in text for key in control.keys or ())
    assert "1 rock, 2 jazz" in text
