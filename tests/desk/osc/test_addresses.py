"""Every control of the table has its address, and the document says so."""

import math
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from polyrhythmia_live.control.base import CONTROLS, DRUMMER_LEVELS, LEVELS, TRIGGERS
from polyrhythmia_live.desk.osc import addresses
from polyrhythmia_live.desk.osc.addresses import (
    KNOB,
    ROOT,
    SAY,
    TOLD,
    address_of,
    request_of,
    state,
)
from polyrhythmia_live.desk.osc.packet import Argument
from polyrhythmia_live.desk.requests import NUMBERS, request
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Choose, Command, Fire, Press, SetLevel, ShiftLevel
from polyrhythmia_live.rhythm.control import Trigger, Word
from polyrhythmia_live.rhythm.meter_map import MeterMap
from tests.control.test_status_line import SNAPSHOT
from tests.desk.doubles import GENRES

DOCUMENT = (Path(addresses.__file__).parents[3] / "docs" / "osc.md").read_text()
OTHERS = {"subscribe", "ping"}
OF_KIND = {Word.LANE: "kick", Word.NAME: "verse", Word.VOICE: "bell 7:4 ride"}
WORDS: dict[str, Argument] = {
    name: 1.0 if it.bare or it.word is None else OF_KIND[it.word] for name, it in TRIGGERS.items()
}
"""What each trigger can be told."""


def asked(address: str, *arguments: Argument) -> tuple[Command, ...]:
    """What the desk makes of a message that has come at a moment."""
    wanted = request_of(address.removeprefix(f"{ROOT}/"), arguments)
    return () if wanted is None else request(wanted, GENRES, 1.0).commands


@pytest.mark.parametrize("name", [control.name for control in CONTROLS])
def test_a_control_of_the_table_has_an_address_that_osc_allows_and_the_document_names(
    name: str,
) -> None:
    address = address_of(name)
    assert re.fullmatch(r"/polyrhythmia/[a-z]+[0-9]?(-[a-z]+)*", address)
    assert f"`{address}`" in DOCUMENT
    told = 2 if name == "genre" else LEVELS[name].default if name in LEVELS else WORDS[name]
    (command,) = asked(address, told)
    assert (command.name, command.at_seconds) == (name, 1.0)


def test_the_document_names_no_address_that_there_is_not() -> None:
    known = {address_of(it) for it in (*[c.name for c in CONTROLS], *TOLD, *OTHERS, SAY)}
    named = set(re.findall(r"/polyrhythmia/[a-z0-9-]+", DOCUMENT))
    assert named == known


def test_the_examples_of_the_document_are_understood() -> None:
    lines = re.findall(r"oscsend localhost 9100 (.*)", DOCUMENT)
    assert len(lines) > 4
    for line in lines:
        address, types, *values = [*shlex.split(line), ""]
        kinds = {"f": float, "i": int, "s": str}
        arguments = [kinds[kind](value) for kind, value in zip(types, values, strict=False)]
        if not address.endswith("subscribe"):
            assert asked(address, *arguments), line


@pytest.mark.parametrize("name", NUMBERS)
def test_the_document_says_how_far_a_level_goes(name: str) -> None:
    level = LEVELS[name]
    row = next(line for line in DOCUMENT.splitlines() if f"`{address_of(name)}`" in line)
    assert f"| {level.low:g} to {level.high:g}" in row


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_in_the_levels_unit_from_end_to_end(name: str) -> None:
    level = LEVELS[name]
    for value in (level.low, level.default, level.high):
        assert asked(address_of(name), value) == (SetLevel(name, value, 1.0),)
    for wrong in (level.low - 1.0, level.high + 1.0, math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match=f"expected {name} "):
            asked(address_of(name), wrong)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_knob_goes_from_0_to_1_as_the_midi_knob_does_and_back(name: str) -> None:
    level = LEVELS[name]
    for position in (0.0, 0.25, 1.0):
        (command,) = asked(address_of(name) + KNOB, position)
        assert isinstance(command, SetLevel)
        assert command.value == pytest.approx(level.from_unit(position))
        assert level.to_unit(command.value) == pytest.approx(position)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=r"expected .*/knob 0 to 1"):
            asked(address_of(name) + KNOB, wrong)


def test_a_number_of_32_bits_is_the_one_that_was_meant() -> None:
    (command,) = asked("/polyrhythmia/density", 0.699999988079071)
    assert command == SetLevel("density", 0.7, 1.0)


def test_one_means_all_of_it() -> None:
    assert asked("/polyrhythmia/density", 1) == (SetLevel("density", 1.0, 1.0),)


def test_a_tempo_takes_bars_to_arrive_in() -> None:
    assert asked("/polyrhythmia/tempo", 140.0, 8) == (SetLevel("tempo", 140.0, 1.0, 8),)
    with pytest.raises(ConfigError, match="only energy and tempo take some"):
        asked("/polyrhythmia/density", 0.5, 8)


def test_a_text_is_what_the_prompt_takes_after_the_name() -> None:
    assert asked("/polyrhythmia/density", "70%") == (SetLevel("density", 0.7, 1.0),)
    assert asked("/polyrhythmia/density", "+10%") == (ShiftLevel("density", 0.1, 1.0),)
    assert asked("/polyrhythmia/say", "tempo +4") == (ShiftLevel("tempo", 4.0, 1.0),)


def test_a_genre_is_chosen_by_its_name_or_its_number() -> None:
    assert asked("/polyrhythmia/genre", "funk") == (Choose("genre", 2, 1.0),)
    assert asked("/polyrhythmia/genre", 2.0) == (Choose("genre", 2, 1.0),)
    for wrong in (3, -1, 0.5, "polka"):
        with pytest.raises((ConfigError, ValueError), match="expected"):
            asked("/polyrhythmia/genre", wrong)


def test_a_button_that_is_let_go_does_not_fire_again() -> None:
    for pressed, released in ((1.0, 0.0), (1, 0), (True, False), (0.4, 0.0)):
        assert asked("/polyrhythmia/fill", pressed) == (Fire("fill", 1.0),)
        assert asked("/polyrhythmia/fill", released) == ()
    assert asked("/polyrhythmia/fill") == asked("/polyrhythmia/fill", None) == (Fire("fill", 1.0),)


@pytest.mark.parametrize("name", [it.name for it in TRIGGERS.values() if it.held])
def test_what_lasts_while_it_is_held_is_let_go_when_the_button_is(name: str) -> None:
    assert asked(address_of(name), 1.0) == (Fire(name, 1.0, Press.DOWN),)
    assert asked(address_of(name), 0.0) == (Fire(name, 1.0, Press.UP),)
    assert asked(address_of(name)) == (Fire(name, 1.0, Press.TAP),)


def test_a_trigger_that_counts_takes_a_whole_number_and_a_button_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row: Trigger = replace(TRIGGERS["fill"], name="back", word=Word.COUNT, most=8)
    monkeypatch.setitem(TRIGGERS, "back", row)
    assert request_of("back", (4,)) == {"fire": "back", "word": "4"}
    assert request_of("back", (1.0,)) == {"fire": "back"}
    assert request_of("back", (0,)) is None
    assert request_of("back", ("4",)) == {"fire": "back", "word": "4"}


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, "loud"])
def test_a_trigger_is_pressed_by_a_number_and_nothing_else(wrong: Argument) -> None:
    with pytest.raises((ConfigError, ValueError), match="expected fill"):
        asked("/polyrhythmia/fill", wrong)


@pytest.mark.parametrize("path", ["*", "{fill,crash}", "fil?", "[a-z]", "fi*"])
def test_a_pattern_fires_nothing(path: str) -> None:
    with pytest.raises(ValueError, match="without patterns"):
        asked(f"{ROOT}/{path}")


@pytest.mark.parametrize(
    ("path", "given"),
    [("densty", (0.5,)), ("genre/knob", (0.5,)), ("fill/knob", (1.0,)), ("", ()), ("say", ()),
     ("say", (1,)), ("say", ("x" * 201,)), ("density", ()), ("density", (True,)),
     ("density", (0.5, 1, 2)), ("fill", (1, 1)), ("tempo", (120.0, 0.5))],
)  # fmt: skip
def test_what_means_nothing_is_refused_in_one_line(path: str, given: tuple[Argument, ...]) -> None:
    with pytest.raises((ConfigError, ValueError), match=r"^expected [^\n]*$"):
        asked(f"{ROOT}/{path}", *given)


def test_a_wrong_address_is_told_which_may_have_been_meant() -> None:
    with pytest.raises(ValueError, match=r"densty': did you mean /polyrhythmia/density\?"):
        asked("/polyrhythmia/densty", 0.5)


def test_everything_is_told_where_it_is_asked_for() -> None:
    told = state(SNAPSHOT, GENRES, MeterMap())
    assert told["/polyrhythmia/density"] == told["/polyrhythmia/density/knob"] == (0.25,)
    assert told["/polyrhythmia/tempo"] == (SNAPSHOT.status.timeline.tempo_bpm,)  # type: ignore[union-attr]
    assert told["/polyrhythmia/genre"] == ("jazz", 1)
    assert told["/polyrhythmia/beat"] == (2, 2)
    assert told["/polyrhythmia/transport"] == ("rolling",)
    assert {address_of(name) for name in (*DRUMMER_LEVELS, "tempo")} <= set(told)


def test_without_a_player_the_levels_are_told_all_the_same() -> None:
    told = state(replace(SNAPSHOT, status=None, trouble="player: again"), GENRES, MeterMap())
    assert told["/polyrhythmia/trouble"] == ("player: again",)
    assert "/polyrhythmia/density" in told
    assert "/polyrhythmia/beat" not in told
