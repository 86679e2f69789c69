from dataclasses import replace

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.status_line import position, status_line
from polyrhythmia_live.messages import ClockCondition, ClockState, Rung, Status
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import HALF_TIME, NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

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
    bad_input=0,
    rung_steps=(20, 0, 0, 0),
    outputs=(("Polyrhythmia Out", "open"),),
    inputs=(),
)
CONTROLS = ControlState(genre=(("jazz", 0.8), ("funk", 0.2)), temperature=1.0, density=0.25)


def test_it_shows_source_tempo_place_genre_and_levels() -> None:
    line = status_line(PLAYING, CONTROLS, MeterMap())
    for word in ("internal", "120.0 bpm", "2.2", "jazz", "T 1.00", "25%", "plan", "late 0"):
        assert word in line


def test_half_time_is_said_and_normal_time_is_not() -> None:
    assert "half time" in status_line(replace(PLAYING, ratio=HALF_TIME), CONTROLS, MeterMap())
    assert "  3:2  " in status_line(replace(PLAYING, ratio=Ratio(3, 2)), CONTROLS, MeterMap())
    assert "time" not in status_line(PLAYING, CONTROLS, MeterMap())


def test_a_rung_below_the_plan_stands_out() -> None:
    line = status_line(replace(PLAYING, rung=Rung.LAST_BAR), CONTROLS, MeterMap())
    assert "REPEATING" in line
    assert "plan" not in line


def test_stopped_is_said() -> None:
    line = status_line(replace(PLAYING, transport=Transport.STOPPED), CONTROLS, MeterMap())
    assert "stopped" in line


def test_what_a_follower_is_doing_is_said() -> None:
    holdover = ClockCondition(ClockState.HOLDOVER, "holdover")
    follower = replace(PLAYING, clock="midi", clock_condition=holdover)
    assert "midi holdover" in status_line(follower, CONTROLS, MeterMap())


def test_the_session_is_named_with_its_peers_whether_we_follow_or_lead_it() -> None:
    peers = ClockCondition(ClockState.JOINED, "2 peers")
    follower = replace(PLAYING, clock="link", clock_condition=peers)
    assert "▶  link 2 peers  120.0 bpm" in status_line(follower, CONTROLS, MeterMap())
    locked = ClockCondition(ClockState.LOCKED, "locked")
    peer = ClockCondition(ClockState.JOINED, "1 peer")
    leader = replace(PLAYING, clock="midi", clock_condition=locked, link=peer)
    assert "▶  midi locked → link 1 peer  120.0 bpm" in status_line(leader, CONTROLS, MeterMap())


def test_a_silent_port_is_named_with_its_reason() -> None:
    status = replace(PLAYING, outputs=(("TR-8S", "no port 'TR-8S': found nothing"),))
    assert "TR-8S: no port 'TR-8S'" in status_line(status, CONTROLS, MeterMap())


def test_steps_that_were_not_planned_and_input_that_was_no_midi_are_counted() -> None:
    line = status_line(
        replace(PLAYING, rung_steps=(90, 8, 1, 1), bad_input=3), CONTROLS, MeterMap()
    )
    assert "10 steps unplanned" in line
    assert "bad input 3" in line
    clean = status_line(PLAYING, CONTROLS, MeterMap())
    assert "unplanned" not in clean
    assert "bad input" not in clean


def test_a_count_in_is_bar_0() -> None:
    assert position(-4 * PPQN, MeterMap()) == "0.1"
    assert position(-1, MeterMap()) == "0.4"


def test_trouble_is_shown() -> None:
    assert "brain lost" in status_line(PLAYING, CONTROLS, MeterMap(), "brain lost")
    assert status_line(None, CONTROLS, MeterMap(), "player lost") == "player lost"


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
