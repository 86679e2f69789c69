"""The shell has the terminal for a while: nothing sounds, and nobody follows."""

import pytest

from polyrhythmia_live.messages import Moved, Resume, Suspend
from polyrhythmia_live.testing.stage import KICK, ClockStage, Stage

BAR_SECONDS = 2.0


def test_what_sounds_is_ended_and_nothing_sounds_until_the_bar_line_after() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(0, 320, 2), KICK))
    stage.start()
    stage.run_until(1.01)
    stage.tell(Suspend())
    assert stage.hanging() == set()
    heard = len(stage.notes_on())
    stage.run_until(20.0)
    stage.timebase.advance_to(20.3)
    stage.tell(Resume())
    stage.run_until(23.0)
    later = [seconds for seconds, _, _ in stage.notes_on()[heard:]]
    assert later[0] == pytest.approx(11 * BAR_SECONDS), "it went on in silence"
    assert stage.player.clock.timeline.tempo_bpm == 120.0


def test_the_drummer_is_told_where_the_song_is_when_it_goes_on() -> None:
    stage = Stage()
    stage.start()
    stage.tell(Suspend())
    stage.timebase.advance_to(5.0)
    stage.tell(Resume())
    assert stage.moved() == Moved("drums", 1, 48, stage.player.clock.transport, 120.0)


def test_a_song_that_stands_stands_afterwards_too() -> None:
    stage = Stage()
    stage.tell(Suspend(), Resume())
    stage.run_until(10.0)
    assert stage.notes_on() == []
    stage.start()
    stage.play_until(8)


def test_gear_that_follows_is_stopped_and_taken_along_again() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(1.0)
    stage.tell(Suspend())
    stopped_at = len(stage.clock_messages())
    assert stage.clock_messages()[-1] == b"\xfc"
    stage.run_until(5.0)
    assert len(stage.clock_messages()) == stopped_at
    stage.timebase.advance_to(5.0)
    stage.tell(Resume())
    stage.run_until(6.0)
    told = stage.clock_messages()[stopped_at:]
    assert [message[0] for message in told if message != b"\xf8"][-2:] == [0xF2, 0xFB]
    assert told.count(b"\xf8") > 40
