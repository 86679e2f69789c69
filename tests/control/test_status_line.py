from dataclasses import replace

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.status_line import position, status_line
from polyrhythmia_live.messages import (
    OPEN,
    PortCondition,
    PortState,
    PortStatus,
    Rung,
    Status,
    absent,
)
from polyrhythmia_live.rhythm.feel import Feel
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

OUT = PortStatus("Polyrhythmia Out", OPEN, dropped=0, refused=0)
KNOBS = PortStatus("Polyrhythmia Control", OPEN, dropped=0, refused=0)
PLAYING = Status(
    clock="internal",
    clock_condition="free",
    link="",
    transport=Transport.ROLLING,
    timeline=Timeline(120.04),
    tick=5 * PPQN,
    feel=Feel.NORMAL,
    rung=Rung.PLAN,
    late=0,
    dropped=0,
    unknown=0,
    clock_ignored=0,
    brain_dropped=0,
    rung_steps=(20, 0, 0, 0),
    outputs=(OUT,),
    inputs=(KNOBS,),
)
CONTROLS = ControlState(genre=(("jazz", 0.8), ("funk", 0.2)), temperature=1.0, density=0.25)


def test_it_shows_source_tempo_place_genre_and_levels() -> None:
    line = status_line(PLAYING, CONTROLS, Meter())
    for word in ("internal", "120.0 bpm", "2.2", "jazz", "T 1.00", "25%", "plan", "late 0"):
        assert word in line


def test_half_time_is_said_and_normal_time_is_not() -> None:
    assert "half time" in status_line(replace(PLAYING, feel=Feel.HALF), CONTROLS, Meter())
    assert "time" not in status_line(PLAYING, CONTROLS, Meter())


def test_a_rung_below_the_plan_stands_out() -> None:
    line = status_line(replace(PLAYING, rung=Rung.LAST_BAR), CONTROLS, Meter())
    assert "REPEATING" in line
    assert "plan" not in line


def test_stopped_is_said() -> None:
    line = status_line(replace(PLAYING, transport=Transport.STOPPED), CONTROLS, Meter())
    assert "stopped" in line


def test_what_a_follower_is_doing_is_said() -> None:
    follower = replace(PLAYING, clock="midi", clock_condition="holdover")
    assert "midi holdover" in status_line(follower, CONTROLS, Meter())


def test_the_session_is_named_with_its_peers_whether_we_follow_or_lead_it() -> None:
    follower = replace(PLAYING, clock="link", clock_condition="2 peers")
    assert "▶  link 2 peers  120.0 bpm" in status_line(follower, CONTROLS, Meter())
    leader = replace(PLAYING, clock="midi", clock_condition="locked", link="1 peer")
    assert "▶  midi locked → link 1 peer  120.0 bpm" in status_line(leader, CONTROLS, Meter())


def test_a_silent_port_is_named_with_its_reason() -> None:
    gone = PortStatus("rx:in", absent("rx:in"), dropped=5, refused=0)
    mute = PortCondition(PortState.FAILED, "no sound: plug in a sound card")
    synth = PortStatus("synth", mute, dropped=5, refused=0)
    line = status_line(replace(PLAYING, outputs=(OUT, gone, synth)), CONTROLS, Meter())
    assert line.endswith("late 0  rx:in: no port 'rx:in'  synth: no sound")


def test_what_an_open_port_has_lost_is_said() -> None:
    line = status_line(replace(PLAYING, outputs=(replace(OUT, dropped=12),)), CONTROLS, Meter())
    assert line.endswith("late 0  Polyrhythmia Out: 12 lost")
    assert status_line(PLAYING, CONTROLS, Meter()).endswith("late 0")


def test_what_meant_nothing_to_the_clock_and_what_the_brain_could_not_take_is_counted() -> None:
    line = status_line(replace(PLAYING, clock_ignored=2, brain_dropped=7), CONTROLS, Meter())
    assert "clock ignored 2  knobs dropped 7" in line


def test_steps_that_were_not_planned_and_input_that_was_no_midi_are_counted() -> None:
    status = replace(PLAYING, rung_steps=(90, 8, 1, 1), inputs=(KNOBS, replace(KNOBS, refused=3)))
    line = status_line(status, CONTROLS, Meter())
    assert "10 steps unplanned" in line
    assert "bad input 3" in line
    clean = status_line(PLAYING, CONTROLS, Meter())
    assert "unplanned" not in clean
    assert "bad input" not in clean


def test_a_count_in_is_bar_0() -> None:
    assert position(-4 * PPQN, Meter()) == "0.1"
    assert position(-1, Meter()) == "0.4"


def test_trouble_is_shown() -> None:
    assert "brain lost" in status_line(PLAYING, CONTROLS, Meter(), "brain lost")
    assert status_line(None, CONTROLS, Meter(), "player lost") == "player lost"


def test_bars_and_beats_count_from_one_in_every_meter() -> None:
    assert position(0, Meter()) == "1.1"
    assert position(7 * PPQN, Meter()) == "2.4"
    assert position(Meter(7, 8).bar_ticks, Meter(7, 8)) == "2.1"
