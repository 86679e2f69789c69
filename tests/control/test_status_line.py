from dataclasses import replace

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.status_line import bar_picture, position, status_line
from polyrhythmia_live.messages import (
    OPEN,
    Applied,
    ClockCondition,
    ClockState,
    Fire,
    NudgeLevel,
    Outlook,
    PortCondition,
    PortState,
    PortStatus,
    Rung,
    SetLevel,
    Snapshot,
    Status,
    absent,
)
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import HALF_TIME, NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

OUT = PortStatus("Polyrhythmia Out", OPEN, dropped=0, refused=0)
KNOBS = PortStatus("Polyrhythmia Control", OPEN, dropped=0, refused=0)
PLAYING = Status(
    clock="internal",
    clock_condition=ClockCondition(ClockState.FREE, "free"),
    link=None,
    transport=Transport.ROLLING,
    timeline=Timeline(120.04),
    tick=5 * PPQN,
    ratio=NORMAL_TIME,
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
SNAPSHOT = Snapshot(PLAYING, CONTROLS.levels)
COLUMNS = 79


def line_of(status: Status) -> str:
    return status_line(replace(SNAPSHOT, status=status), MeterMap(), COLUMNS)


def test_it_shows_source_tempo_place_genre_and_levels() -> None:
    line = line_of(PLAYING)
    for word in ("internal", "120.0 bpm", "2.2", "jazz", "T 1.00", "25%", "plan", "late 0"):
        assert word in line


def test_half_time_is_shown_and_normal_time_is_not() -> None:
    assert "half time" in line_of(replace(PLAYING, ratio=HALF_TIME))
    assert "  3:2  " in line_of(replace(PLAYING, ratio=Ratio(3, 2)))
    assert "time" not in line_of(PLAYING)


def test_a_rung_below_the_plan_stands_out() -> None:
    line = line_of(replace(PLAYING, rung=Rung.LAST_BAR))
    assert "REPEATING" in line
    assert "plan" not in line


def test_a_stopped_song_is_shown_as_stopped() -> None:
    line = line_of(replace(PLAYING, transport=Transport.STOPPED))
    assert "stopped" in line


def test_a_followers_condition_is_shown() -> None:
    holdover = ClockCondition(ClockState.HOLDOVER, "holdover")
    follower = replace(PLAYING, clock="midi", clock_condition=holdover)
    assert "midi holdover" in line_of(follower)


def test_the_session_is_named_with_its_peers_whether_we_follow_or_lead_it() -> None:
    peers = ClockCondition(ClockState.JOINED, "2 peers")
    follower = replace(PLAYING, clock="link", clock_condition=peers)
    assert "▶  link 2 peers  120.0 bpm" in line_of(follower)
    locked = ClockCondition(ClockState.LOCKED, "locked")
    peer = ClockCondition(ClockState.JOINED, "1 peer")
    leader = replace(PLAYING, clock="midi", clock_condition=locked, link=peer)
    assert "▶  midi locked → link 1 peer  120.0 bpm" in line_of(leader)


def test_a_silent_port_is_named_with_its_reason() -> None:
    gone = PortStatus("rx:in", absent(["tr:in"]), dropped=5, refused=0)
    mute = PortCondition(PortState.FAILED, "no sound: plug in a sound card")
    synth = PortStatus("synth", mute, dropped=5, refused=0)
    line = line_of(replace(PLAYING, outputs=(OUT, gone, synth)))
    assert line.endswith("late 0  rx:in: waiting for this port  synth: no sound")


def test_an_open_port_says_what_it_has_lost() -> None:
    line = line_of(replace(PLAYING, outputs=(replace(OUT, dropped=12),)))
    assert line.endswith("late 0  Polyrhythmia Out: 12 lost")
    assert line_of(PLAYING).endswith("late 0")


def test_messages_that_clock_or_brain_could_not_use_are_counted() -> None:
    line = line_of(replace(PLAYING, clock_ignored=2, brain_dropped=7))
    assert "clock ignored 2  knobs dropped 7" in line


def test_steps_that_were_not_planned_and_input_that_was_no_midi_are_counted() -> None:
    status = replace(PLAYING, rung_steps=(90, 8, 1, 1), inputs=(KNOBS, replace(KNOBS, refused=3)))
    line = line_of(status)
    assert "10 steps unplanned" in line
    assert "bad input 3" in line
    clean = line_of(PLAYING)
    assert "unplanned" not in clean
    assert "bad input" not in clean


def test_a_count_in_is_bar_0() -> None:
    assert position(-4 * PPQN, MeterMap()) == "0.1"
    assert position(-1, MeterMap()) == "0.4"


def test_trouble_is_shown() -> None:
    assert "brain lost" in status_line(replace(SNAPSHOT, trouble="brain lost"), MeterMap(), COLUMNS)
    assert (
        status_line(replace(SNAPSHOT, status=None, trouble="player lost"), MeterMap(), COLUMNS)
        == "player lost"
    )


def test_bars_and_beats_count_from_one_in_every_meter() -> None:
    assert position(0, MeterMap()) == "1.1"
    assert position(7 * PPQN, MeterMap()) == "2.4"
    assert position(Meter(7, 8).bar_ticks, MeterMap.of(Meter(7, 8))) == "2.1"


def test_in_quarters_a_beat_is_a_quarter_and_elsewhere_what_the_meter_counts() -> None:
    for meter in (Meter(), Meter(3, 4), Meter(5, 4)):
        bar = [position(beat * PPQN, MeterMap.of(meter)) for beat in range(meter.numerator)]
        assert bar == [f"1.{beat + 1}" for beat in range(meter.numerator)]
    seven = MeterMap.of(Meter.parse("7/8=2+2+3"))
    eighths = [position(eighth * PPQN // 2, seven) for eighth in range(8)]
    assert eighths == ["1.1", "1.1", "1.2", "1.2", "1.3", "1.3", "1.3", "2.1"]


def test_a_trigger_says_from_where_on_it_holds_and_a_level_does_not() -> None:
    fill = Applied(Fire("fill"), "drums", 42, 42 * TICKS_PER_STEP)
    assert "fill from 3.3" in status_line(replace(SNAPSHOT, applied=fill), MeterMap(), COLUMNS)
    density = replace(fill, command=SetLevel("density", 0.5))
    assert " from " not in status_line(replace(SNAPSHOT, applied=density), MeterMap(), COLUMNS)
    halved = replace(SNAPSHOT, status=replace(PLAYING, ratio=HALF_TIME), applied=fill)
    assert "  fill  " in status_line(halved, MeterMap(), COLUMNS), "the clock's bars are others"


def test_a_level_that_is_not_on_the_line_is_said_when_it_moves() -> None:
    for name, words in (("intensity", "intensity 50%"), ("guidance", "guidance 0.50")):
        moved = Applied(NudgeLevel(name, 1), "drums", 42, 42 * TICKS_PER_STEP)
        assert words in status_line(replace(SNAPSHOT, applied=moved), MeterMap(), COLUMNS)


def test_a_bar_is_drawn_as_loud_as_it_is() -> None:
    loudness = [0, 1, 64, 127]
    steps = [
        Step(n, (Hit(0, velocity),) if velocity else ()) for n, velocity in enumerate(loudness)
    ]
    assert bar_picture(steps) == "·▁▅█"


def test_the_bar_that_sounds_and_the_next_are_drawn_where_there_is_room() -> None:
    bar = tuple(Step(step, (Hit(0, 127),) if step % 4 == 0 else ()) for step in range(16))
    playing = replace(SNAPSHOT, outlooks=(Outlook("drums", bar, bar[:8]),))
    assert status_line(playing, MeterMap(), 120).endswith("  █···█···█···█··· █···█···")
    assert "█" not in status_line(playing, MeterMap(), 79)
