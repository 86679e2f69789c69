"""What a client may ask for: what keys, knobs and words may, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.spoken import spoken
from polyrhythmia_live.desk.requests import as_request, id_of, read_object, request, table
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import (
    Choose,
    Command,
    Fire,
    NudgeLevel,
    Press,
    SetLevel,
    ShiftLevel,
)
from tests.desk.doubles import GENRES

NOW = 12.5


def commands(**given: Any) -> tuple[Command, ...]:
    return request(given, GENRES, NOW).commands


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ({"set": "density", "value": 0.7}, SetLevel("density", 0.7, NOW)),
        ({"set": "density", "value": "70%"}, SetLevel("density", 0.7, NOW)),
        ({"set": "tempo", "value": 96, "bars": 4}, SetLevel("tempo", 96.0, NOW, 4)),
        ({"shift": "tempo", "amount": -4}, ShiftLevel("tempo", -4.0, NOW)),
        ({"nudge": "intensity", "presses": 2}, NudgeLevel("intensity", 2, NOW)),
        ({"choose": "genre", "index": 2}, Choose("genre", 2, NOW)),
        ({"fire": "end on one"}, Fire("end on one", NOW)),
        ({"fire": "pull", "press": "down"}, Fire("pull", NOW, Press.DOWN)),
    ],
)
def test_a_command_is_the_one_that_a_key_or_a_knob_gives(
    given: dict[str, Any], command: Command
) -> None:
    assert commands(**given, id=3) == (command,)


def test_words_are_read_as_the_prompt_reads_them() -> None:
    for words in ("tempo 120 -> 140 over 8 bars", "jazz now", "density +10", "half time"):
        assert commands(say=words) == spoken(words, GENRES, NOW)


@pytest.mark.parametrize("name", [name for name, it in TRIGGERS.items() if it.bare])
def test_every_trigger_can_be_fired(name: str) -> None:
    assert commands(fire=name) == (Fire(name, NOW),)


def test_a_trigger_is_told_its_word() -> None:
    assert commands(fire="section", word="Chorus") == (Fire("section", NOW, word="chorus"),)
    with pytest.raises(ConfigError, match="expected section and a name"):
        commands(fire="section")


@pytest.mark.parametrize(
    "command",
    [
        SetLevel("density", 0.25, NOW),
        SetLevel("tempo", 96.0, NOW, 8),
        ShiftLevel("tempo", 10.0, NOW, 8),
        NudgeLevel("temperature", -1, NOW),
        Choose("genre", 1, NOW),
        Fire("push", NOW),
        Fire("mute", NOW, word="closed-hat open-hat"),
        SetLevel("level", 0.8, NOW, lane="kick"),
    ],
)
def test_what_an_attached_terminal_asks_for_is_what_was_pressed(command: Command) -> None:
    assert commands(**as_request(command)) == (command,)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "got none of them"),
        ({"dance": 1}, "'dance'"),
        ({"set": "density", "value": 0.5, "fire": "fill"}, "expected one of"),
        ({"set": "densty", "value": 0.5}, "did you mean density"),
        ({"set": "genre", "value": 1}, "got 'genre'"),
        ({"set": "density"}, "'value' beside 'set'"),
        ({"set": "density", "value": "loud"}, "density 0% to 100%"),
        ({"set": "density", "value": 7000}, "density 0% to 100%"),
        ({"set": "tempo", "value": float("nan")}, "tempo 20 to 320"),
        ({"set": "density", "value": 0.5, "bars": 8}, "only energy and tempo"),
        ({"set": "density", "value": 0.5, "lane": "kick"}, "density without a lane"),
        ({"set": "level", "value": 0.5, "lane": "cowbell"}, "one of kick, snare"),
        ({"set": "level", "value": 0.5, "lane": ["cow"]}, "one of kick, snare"),
        ({"fire": "lock", "word": "cowbell"}, "one of kick, snare"),
        ({"set": "tempo", "value": 96, "bars": -1}, "bars 0 to 999"),
        ({"shift": "tempo", "amount": float("inf")}, "finite"),
        ({"shift": "tempo", "amount": 10**400}, "expected float"),
        ({"set": "tempo", "value": "1" * 4000}, "tempo 20 to 320"),
        ({"nudge": "density", "presses": 10**9}, "100 presses"),
        ({"choose": "genre", "index": 3}, "genre 0 to 2"),
        ({"choose": "genre", "index": -1}, "genre 0 to 2"),
        ({"fire": "fyll", "press": "down"}, "did you mean fill"),
        ({"fire": ["fill"]}, "expected str"),
        ({"fire": "fill", "at_seconds": 1}, "'at_seconds' too"),
        ({"say": ""}, "got none"),
        ({"say": "polka"}, "'polka'"),
        ({"ask": "money"}, "snapshot or log"),
        ({"subscribe": "yes"}, "bool"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as error:
        request(given, GENRES, NOW)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1]", b"\xff\xfe", b"fill", b"[" * 9000, b"1" * 5000]
)
def test_a_line_that_is_no_object_is_one_clear_line(text: bytes) -> None:
    with pytest.raises(ConfigError, match=r"^expected a JSON object, got [^\n]{1,80}$"):
        read_object(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
keys = st.sampled_from(["set", "value", "bars", "fire", "choose", "index", "say", "id", "presses"])


@given(st.dictionaries(keys | st.sampled_from(["nudge", "shift", "amount", "ask"]), json_values))
def test_whatever_comes_it_is_a_request_or_one_line(given: dict[str, Any]) -> None:
    id_of(given)
    line = ""
    try:
        request(given, GENRES, NOW)
    except ConfigError as error:
        line = str(error)
    assert "\n" not in line
    assert len(line) < 400


def test_the_table_that_clients_are_sent_has_every_control() -> None:
    assert [row["name"] for row in table()["levels"]] == list(LEVELS)
    assert [row["name"] for row in table()["triggers"]] == list(TRIGGERS)
