from dataclasses import replace

import pytest

from polyrhythmia_live.control.answers import (
    NOWHERE,
    answer,
    genre_in_words,
    level_in_words,
    to_come,
)
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.messages import (
    Applied,
    Choose,
    ClockCondition,
    ClockState,
    Command,
    Cue,
    Fire,
    NudgeLevel,
    SetLevel,
    ShiftLevel,
    Unchanged,
)
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from tests.control.test_status_line import PLAYING, SNAPSHOT

HERE = 21
"""The step after the one that sounds in `SNAPSHOT`."""
FOLLOWER = replace(
    PLAYING, clock="midi", clock_condition=ClockCondition(ClockState.LOCKED, "locked")
)


def obeyed(command: Command, step: int = HERE) -> str:
    applied = Applied(command, "drums", step, step * TICKS_PER_STEP, 1)
    return answer(applied, SNAPSHOT)


def test_a_level_is_answered_with_its_value() -> None:
    assert obeyed(NudgeLevel("intensity", 1)) == "intensity 50%"
    assert obeyed(NudgeLevel("guidance", 1)) == "guidance 0.00"
    assert obeyed(SetLevel("humanise", 1.0)) == "humanise 100%"


def test_what_the_line_shows_anyway_needs_no_answer() -> None:
    for command in (SetLevel("density", 0.5), NudgeLevel("tempo", 1), Choose("genre", 2)):
        assert obeyed(command) == ""


def test_a_ramp_says_where_it_leads() -> None:
    ramping = replace(SNAPSHOT, status=replace(PLAYING, target_bpm=140.0))
    for command, over in (
        (SetLevel("tempo", 140.0, bars=8), "8 bars"),
        (ShiftLevel("tempo", 20.0, bars=1), "1 bar"),
        (Fire("accelerando"), "8 bars"),
        (Fire("ritardando"), "8 bars"),
    ):
        applied = Applied(command, None, HERE, HERE * TICKS_PER_STEP, 1)
        assert answer(applied, ramping) == f"to 140.0 bpm over {over}"
        stopped = replace(PLAYING, target_bpm=140.0, transport=Transport.STOPPED)
        words = answer(applied, replace(SNAPSHOT, status=stopped))
        assert words == f"to 140.0 bpm over {over}, from the start on"


def test_what_half_time_led_to_is_called_by_its_name() -> None:
    assert obeyed(Fire("half time")) == "normal time", "it was double time"
    assert obeyed(Fire("panic")) == "panic"
    assert obeyed(Fire("now")) == "jazz now"


def test_a_fill_is_shown_as_what_is_to_come_and_not_twice() -> None:
    assert obeyed(Fire("fill")) == obeyed(Fire("break"), 32) == obeyed(Fire("end on one"), 32) == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Fire("play/stop"), "play/stop: the MIDI clock leads"),
        (NudgeLevel("tempo", 1), "tempo: the MIDI clock leads"),
        (Fire("end on one"), "end on one: the MIDI clock leads"),
        (NudgeLevel("density", 1), "density 25%: no further"),
        (SetLevel("density", 0.25), "density 25%"),
        (SetLevel("density", 0.9), "density 25%: turn the knob there to take hold"),
        (Choose("genre", 2), "jazz already"),
        (Fire("fill"), "fill already"),
        (Fire("now"), "now: no genre or section waits"),
        (Fire("half time"), "normal time already"),
        (Fire("continue"), "continue: it plays already"),
    ],
)
def test_a_key_that_does_nothing_says_why(command: Command, why: str) -> None:
    following = replace(SNAPSHOT, status=FOLLOWER)
    assert answer(Unchanged(command), following) == why


@pytest.mark.parametrize("name", ["fill", "break", "crash", "stop", "end on one", "push", "pull"])
def test_where_no_song_plays_what_needs_one_says_so(name: str) -> None:
    for status in (PLAYING, FOLLOWER):
        stopped = replace(SNAPSHOT, status=replace(status, transport=Transport.STOPPED))
        assert answer(Unchanged(Fire(name)), stopped) == f"{name}: nothing plays"


def test_a_tempo_at_the_end_of_its_travel_says_so() -> None:
    assert answer(Unchanged(NudgeLevel("tempo", 1)), SNAPSHOT) == "tempo 120.0 bpm: no further"
    knob = SetLevel("tempo", 90.0, passing=(80.0, 90.0))
    words = "tempo 120.0 bpm: turn the knob there to take hold"
    assert answer(Unchanged(knob), SNAPSHOT) == words


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ClockState.WAITING, "tempo: waiting for the MIDI clock"),
        (ClockState.LOCKED, "tempo: the MIDI clock leads"),
        (ClockState.HOLDOVER, "tempo: the MIDI clock is gone; s stops"),
    ],
)
def test_who_leads_is_named_and_so_is_that_it_is_gone(state: ClockState, why: str) -> None:
    status = replace(FOLLOWER, clock_condition=ClockCondition(state, ""))
    assert answer(Unchanged(NudgeLevel("tempo", 1)), replace(SNAPSHOT, status=status)) == why


def test_whoever_obeyed_says_it_better() -> None:
    said = Applied(Fire("undo"), "drums", HERE, HERE * TICKS_PER_STEP, 1, words="undone: fill")
    assert answer(said, SNAPSHOT) == "undone: fill"
    cued = replace(SNAPSHOT, cues=(Cue("undone: fill", 32, 48),))
    assert answer(said, cued) == "", "what is shown to come is said once"
    refused = Unchanged(Fire("recall"), "recall: nothing is remembered yet")
    assert answer(refused, SNAPSHOT) == "recall: nothing is remembered yet"


def test_a_bar_that_is_kept_is_to_come_and_then_is_there() -> None:
    for first, words in ((32, "keep at 3.1"), (16, "keep")):
        cued = replace(SNAPSHOT, cues=(Cue("keep", first, None),))
        assert list(to_come(cued, MeterMap())) == [("keep", words)]


def test_swing_over_what_a_genre_swings_itself_is_said() -> None:
    jazz, rock = (ControlState(((name, 1.0),), swing8=0.66) for name in ("jazz", "rock"))
    assert level_in_words("swing8", jazz) == "swing8 66% over jazz's own"
    assert level_in_words("swing8", rock) == "swing8 66%"
    assert level_in_words("swing8", replace(jazz, swing8=0.5)) == "swing8 50%"


def test_a_mixture_of_genres_is_called_by_its_shares() -> None:
    mixed = ControlState((("rock", 1.0),)).with_towards("jazz").with_morph(0.4)
    assert genre_in_words(replace(SNAPSHOT, levels=mixed.levels), MeterMap()) == "60% rock 40% jazz"
    alone = replace(SNAPSHOT, levels=ControlState((("rock", 1.0),)).levels)
    assert answer(Unchanged(SetLevel("morph", 0.4)), alone) == NOWHERE
