"""Voices beside the drums: they come and go on the song's bar lines, and meet on one."""

import pytest

from polyrhythmia_live.messages import (
    VOICES_MAX,
    Applied,
    Command,
    Committed,
    Fire,
    Hello,
    Joined,
    Left,
    Moved,
    Plan,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.testing.stage import Stage

BAR_SECONDS = 2.0
RIDE = (Hit(8, 90),)
RIDE_NOTE = 51


def voice(word: str) -> Fire:
    return Fire("voice", word=word)


def playing(*words: str) -> Stage:
    """A song under way, with these voices asked for in its first bar."""
    stage = Stage()
    stage.start()
    stage.run_until(0.5)
    stage.tell(*map(voice, words))
    return stage


def fed(stage: Stage, name: str) -> None:
    """Plan a strike on each beat of a voice, from where it is."""
    moved = [it for it in stage.reports if isinstance(it, Moved) and it.voice == name][-1]
    first = moved.step_index
    steps = tuple(Step(i, RIDE if i % 4 == 0 else ()) for i in range(first, first + 400))
    stage.tell(Plan(name, moved.epoch, steps))


def rides(stage: Stage) -> list[float]:
    """When the ride was struck, in bars of the song."""
    return [round(at / BAR_SECONDS, 3) for at, note, _ in stage.notes_on() if note == RIDE_NOTE]


def said(stage: Stage, command: Command) -> list[Applied | Unchanged]:
    answers = [it for it in stage.reports if isinstance(it, Applied | Unchanged)]
    return [it for it in answers if it.command == command]


def test_a_voice_comes_in_on_the_next_bar_line_and_seven_of_its_beats_last_four() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(2 * BAR_SECONDS - 0.01)
    assert rides(stage) == [round(1 + beat / 7, 3) for beat in range(7)]
    (applied,) = said(stage, voice("bell 7:4 ride"))
    assert isinstance(applied, Applied)
    assert applied.step == 16


def test_what_is_committed_says_whose_it_is_and_at_what_ratio() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(2 * BAR_SECONDS)
    bells = [it for it in stage.reports if isinstance(it, Committed) and it.voice == "bell"]
    assert {str(it.own) for it in bells} == {"7:4"}
    assert {it.tempo_bpm for it in bells} == {210.0}


def test_without_a_plan_a_voice_is_silent_and_the_drums_go_on() -> None:
    stage = playing("bell 7:4 ride")
    stage.run_until(3 * BAR_SECONDS)
    assert rides(stage) == []
    assert stage.notes_on()


def test_a_voice_leaves_with_the_bar_and_the_song_goes_on() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(1.5 * BAR_SECONDS)
    stage.tell(voice("bell off"))
    stage.run_until(4 * BAR_SECONDS)
    assert rides(stage) == [round(1 + beat / 7, 3) for beat in range(7)]
    assert Left("bell", 2 * 16 * 1680) in stage.reports
    assert [it.name for it in stage.player.voices] == ["drums"]
    assert stage.player.clock.transport.name == "ROLLING"


def test_a_voice_that_is_asked_for_anew_changes_on_the_bar_line() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(1.5 * BAR_SECONDS)
    stage.tell(voice("bell 3:4 ride"))
    fed(stage, "bell")
    stage.run_until(3 * BAR_SECONDS - 0.01)
    seven = [round(1 + beat / 7, 3) for beat in range(7)]
    assert rides(stage) == [*seven, *(round(2 + beat / 3, 3) for beat in range(3))]
    assert stage.player.parts == (Part.parse("bell 3:4 ride"),)


def test_there_are_four_voices_at_the_most() -> None:
    stage = playing("one ride", "two crash", "three open-hat")
    assert len(stage.player.voices) == VOICES_MAX
    stage.tell(voice("four low-tom"))
    (unchanged,) = said(stage, voice("four low-tom"))
    assert unchanged == Unchanged(voice("four low-tom"), "there are 4 voices already")


@pytest.mark.parametrize("word", ["", "bell", "bell 7:0 ride", "bell ukulele", "nobody off"])
def test_a_word_that_is_no_voice_changes_nothing_and_stops_nobody(word: str) -> None:
    stage = playing(word)
    (unchanged,) = said(stage, voice(word))
    assert isinstance(unchanged, Unchanged)
    stage.run_until(2 * BAR_SECONDS)
    assert stage.player.voices == (stage.voice,)


def test_a_brain_that_comes_up_is_told_of_every_voice() -> None:
    stage = playing("bell 7:4 ride", "hats 5/4 closed-hat")
    stage.reports.clear()
    stage.tell(Hello())
    joined = [it.part.name for it in stage.reports if isinstance(it, Joined)]
    moved = [it.voice for it in stage.reports if isinstance(it, Moved)]
    assert joined == ["bell", "hats"]
    assert moved == ["drums", "bell", "hats"]


def test_an_end_on_one_is_everybodys() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(1.5 * BAR_SECONDS)
    stage.tell(Fire("end on one"))
    stage.run_until(6 * BAR_SECONDS)
    assert rides(stage)[-1] == 2.0
    assert stage.player.clock.transport.name == "STOPPED"


def test_half_time_is_everybodys_from_the_same_line_on() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(1.5 * BAR_SECONDS)
    stage.tell(Fire("half time"))
    stage.run_until(4 * BAR_SECONDS - 0.01)
    slow = [round(2 + 2 * beat / 7, 3) for beat in range(7)]
    assert rides(stage) == [*(round(1 + beat / 7, 3) for beat in range(7)), *slow]


def test_a_muted_lane_is_silent_in_whatever_voice_plays_it() -> None:
    stage = playing("bell 7:4 ride")
    fed(stage, "bell")
    stage.run_until(BAR_SECONDS)
    stage.tell(Fire("mute", word="ride"))
    stage.run_until(2 * BAR_SECONDS)
    assert len(rides(stage)) <= 1
    assert len(said(stage, Fire("mute", word="ride"))) == 1
