from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CONTROLS, LEVELS, ControlState
from polyrhythmia_live.control.help_text import key_help, pages
from polyrhythmia_live.control.keys import OTHER_KEY, Held, command_of, key_names, repeatable
from polyrhythmia_live.messages import Choose, Command, Fire, NudgeLevel


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (b" ", Fire("play/stop")),
        (b"t", Fire("tap")),
        (b"f", Fire("fill")),
        (b"p", Fire("panic")),
        (b"s", Fire("stop")),
        (b"c", Fire("continue")),
        (b"e", Fire("end on one")),
        (b"h", Fire("half time")),
        (b"d", Fire("double time")),
        (b">", Fire("accelerando")),
        (b"<", Fire("ritardando")),
        (b"{", Fire("pull")),
        (b"}", Fire("push")),
        (b"\x1b[A", NudgeLevel("tempo", 1)),
        (b"\x1b[B", NudgeLevel("tempo", -1)),
        (b"\x1b[C", NudgeLevel("density", 1)),
        (b"\x1bOD", NudgeLevel("density", -1)),
        (b"]", NudgeLevel("temperature", 1)),
        (b"=", NudgeLevel("intensity", 1)),
        (b"-", NudgeLevel("intensity", -1)),
        (b".", NudgeLevel("complexity", 1)),
        (b",", NudgeLevel("complexity", -1)),
        (b"+", NudgeLevel("intensity", 1)),
        (b"_", NudgeLevel("intensity", -1)),
        (b"\x1b[5~", NudgeLevel("temperature", 1)),
        (b"\x1b[6~", NudgeLevel("temperature", -1)),
        (b"\x1b[H", Fire("pull")),
        (b"\x1b[1~", Fire("pull")),
        (b"\x1bOF", Fire("push")),
        (b"\x1b[4~", Fire("push")),
        (b"1", Choose("genre", 0)),
        (b"9", Choose("genre", 8)),
    ],
)
def test_each_key_does_what_the_table_says(typed: bytes, command: Command) -> None:
    (key,) = key_names(typed)
    assert command_of(key, 1.5) == replace(command, at_seconds=1.5)


AWKWARD = set("[]{}\\|@#~^`=")
"""Signs that some keyboards have on no key, or behind AltGr: German, French, Nordic ones."""


@pytest.mark.parametrize("name", [control.name for control in CONTROLS if control.keys])
def test_every_keyboard_has_a_key_for_it(name: str) -> None:
    (control,) = (control for control in CONTROLS if control.name == name)
    easy = [not AWKWARD & {key} for key in control.keys]
    if control.name in LEVELS:
        assert any(easy[::2])
        assert any(easy[1::2])
    else:
        assert any(easy)


def test_fast_typing_loses_no_key() -> None:
    assert list(key_names(b"f\x1b[A\x1b[Ap")) == ["f", "up", "up", "p"]


def test_a_letter_of_any_alphabet_is_one_key() -> None:
    assert list(key_names("é日F".encode())) == ["é", "日", "f"]
    assert list(key_names("é".encode("latin-1"), "latin-1")) == ["é"]


def test_a_key_that_we_have_no_name_for_costs_no_other_one() -> None:
    assert list(key_names(b"\x1b[15~f\x1bOPx\x1b[1;5Ab")) == [
        OTHER_KEY, "f", OTHER_KEY, "x", OTHER_KEY, "b",
    ]  # fmt: skip
    assert list(key_names(b"\x1bf\x01")) == ["escape", "f", OTHER_KEY]


@pytest.mark.parametrize(("columns", "rows"), [(80, 12), (80, 8), (40, 12), (80, 24), (120, 40)])
def test_the_help_is_paged_so_that_all_of_it_can_be_read(columns: int, rows: int) -> None:
    lines = key_help(("rock", "jazz"), ControlState((("rock", 1.0),))).splitlines()
    found = pages(lines, columns, rows)
    shown = [page.splitlines() for page in found]
    for page in shown:
        assert sum(-(-len(line) // columns) for line in page) <= rows - 1
    assert [line for page in shown for line in page if "for more" not in line] == lines
    assert [page[-1] for page in shown[:-1]] == [
        f"? for more ({number} of {len(found)})" for number in range(1, len(found))
    ]
    assert len(found) == 1 or rows < 40
    assert len(found) <= 2 or rows < 24


@given(st.binary(max_size=20))
def test_no_typing_can_upset_it(typed: bytes) -> None:
    for key in key_names(typed):
        command_of(key, 0.0)


def test_the_help_names_every_key_of_the_table() -> None:
    text = key_help(("rock", "jazz"), ControlState((("rock", 1.0),), stability=0.3))
    for control in CONTROLS:
        assert all(key in text for key in control.keys or ())
    assert "1 rock, 2 jazz" in text
    assert "stability 30%" in text


def test_the_help_takes_two_pages_at_the_most_on_a_terminal_of_24_rows() -> None:
    names = ("rock", "latin", "jazz", "funk", "hiphop", "afrocuban", "afrobeat", "neworleans")
    lines = key_help((*names, "dance"), ControlState((("rock", 1.0),))).splitlines()
    assert len(pages(lines, 80, 24)) <= 2
    assert max(map(len, lines)) <= 79


def test_a_key_that_is_held_down_is_one_press_and_one_more() -> None:
    for repeat_seconds in (0.03, 0.09):
        held = Held()
        typed = [0.0, *(0.5 + n * repeat_seconds for n in range(50))]
        assert [at for at in typed if not held.repeats("t", at)] == [0.0, 0.5]


def test_keys_that_are_pressed_fast_are_all_heard() -> None:
    held = Held()
    typed = [(n * 0.05, key) for n, key in enumerate("fbfbftt")]
    assert [held.repeats(key, at) for at, key in typed] == [False] * 6 + [True]
    assert not held.repeats("t", 1.0)


def test_levels_and_pushes_go_on_while_their_key_is_held() -> None:
    assert repeatable(NudgeLevel("tempo", 1))
    assert repeatable(Fire("push"))
    assert not repeatable(Fire("play/stop"))
