"""Mutes, solos, levels and locks, as a screen shows them: in signs and words, not in colour."""

from dataclasses import replace

import pytest

from polyrhythmia_live.control.answers import answer
from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.control.frame import frame
from polyrhythmia_live.control.grid import grid
from polyrhythmia_live.control.status_line import status_line
from polyrhythmia_live.messages import Applied, Command, Fire, SetLevel, Snapshot, Unchanged
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.mix import Mix
from tests.control.test_frame import FIRST, at_step, row
from tests.control.test_status_line import PLAYING, SNAPSHOT


def mixed(mix: Mix, *locked: str) -> Snapshot:
    return replace(SNAPSHOT, status=replace(PLAYING, mix=mix), locked=locked)


def drawn(mix: Mix, *locked: str) -> tuple[str, ...]:
    moment = at_step(3, FIRST)
    assert moment.status is not None
    moment = replace(moment, status=replace(moment.status, mix=mix), locked=locked)
    return grid(moment, MeterMap(), 79)


def test_a_muted_lane_is_signed_and_its_hits_are_crossed() -> None:
    picture = drawn(Mix(muted=frozenset({"kick"})), "kick", "snare")
    assert row(picture, "kick") == "x       " * 4 + "│ " + "x       " * 4
    signs = {line[:11].strip(): line[11] for line in picture[2:]}
    assert (signs["kick"], signs["snare"], signs["ride"]) == ("M", "L", " ")
    assert max(map(len, picture)) <= 79


def test_a_lane_of_the_longest_name_stands_apart_from_its_sign() -> None:
    picture = drawn(Mix(), "closed-hat")
    assert any(line.startswith("closed hat L") for line in picture)


def test_beside_a_solo_the_others_are_crossed() -> None:
    picture = drawn(Mix(soloed=frozenset({"snare"})))
    assert "x" in row(picture, "kick")
    assert "x" not in row(picture, "snare")
    assert next(line for line in picture if line.startswith("snare"))[11] == "S"


def test_a_hit_is_drawn_as_loud_as_it_sounds() -> None:
    assert row(drawn(Mix(lane_levels=(("kick", 0.25),))), "kick")[0] == "▂"
    assert row(drawn(Mix(lane_levels=(("kick", 2.0),))), "kick")[0] == "█"


def test_the_line_says_what_is_not_as_usual_within_its_columns() -> None:
    mix = Mix(muted=frozenset({"kick", "ride"}), lane_levels=(("snare", 0.8),))
    line = status_line(mixed(mix, "closed-hat"), MeterMap(), 120)
    assert "kick, ride muted  snare level 80%  closed hat locked" in line
    assert columns_of(status_line(mixed(mix, "closed-hat"), MeterMap(), 79)) <= 79
    assert "drums muted" in status_line(mixed(Mix(silent=True)), MeterMap(), 79)


KICK_MUTED = Mix(muted=frozenset({"kick"}))


@pytest.mark.parametrize(
    ("command", "mix", "words"),
    [
        (Fire("mute", word="kick"), KICK_MUTED, "kick muted"),
        (Fire("mute", word="kick"), Mix(), "kick unmuted"),
        (Fire("mute"), Mix(silent=True), "drums muted"),
        (Fire("unmute", word="kick"), Mix(silent=True), "kick unmuted, but all drums are muted"),
        (Fire("unmute", word="kick"), Mix(soloed=frozenset({"ride"})),
         "kick unmuted, but others are soloed"),
        (Fire("solo", word="kick"), Mix(soloed=frozenset({"kick", "ride"})), "solo kick, ride"),
        (Fire("solo"), Mix(), "no solo"),
        (Fire("lock", word="closed-hat open-hat"), Mix(), "closed hat, open hat locked"),
        (Fire("unlock"), Mix(), "drums unlocked"),
        (Fire("regenerate", word="kick"), Mix(), "kick anew, the others locked"),
        (SetLevel("level", 0.8, lane="kick"), Mix(lane_levels=(("kick", 0.8),)), "kick level 80%"),
        (SetLevel("level", 0.8), Mix(level=0.8), "level 80%"),
    ],
)  # fmt: skip
def test_what_was_done_is_said_in_a_few_words(command: Command, mix: Mix, words: str) -> None:
    assert answer(Applied(command, "drums", 21, 0, 1), mixed(mix)) == words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Fire("unmute", word="snare"), "snare unmuted already"),
        (Fire("solo"), "no solo already"),
        (Fire("lock", word="kick"), "kick locked already"),
        (Fire("unlock", word="kick"), "unlock: kick not locked"),
        (Fire("regenerate", word="kick"), "the others are locked already"),
        (SetLevel("level", 1.0, lane="ride"), "ride level 100% already"),
    ],
)
def test_what_was_so_already_is_said(command: Command, words: str) -> None:
    assert answer(Unchanged(command), mixed(KICK_MUTED)) == words


def test_no_frame_is_wider_for_it() -> None:
    moment = at_step(3, FIRST)
    assert moment.status is not None
    everything = Mix(True, frozenset({"kick"}), frozenset({"ride"}), 0.5, (("snare", 1.5),))
    busy = replace(moment, status=replace(moment.status, mix=everything), locked=("kick", "ride"))
    for columns in (79, 119):
        assert max(map(columns_of, frame(busy, MeterMap(), columns, 40))) <= columns
