from dataclasses import replace

import pytest

from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.control.answers import position
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.control.status_line import news_line, status_line
from polyrhythmia_live.messages import (
    OPEN,
    Applied,
    Choose,
    ClockCondition,
    ClockState,
    Command,
    Cue,
    Fire,
    NudgeLevel,
    PortCondition,
    PortState,
    PortStatus,
    Rung,
    SectionNow,
    Snapshot,
    Status,
    Turn,
    absent,
)
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import DOUBLE_TIME, HALF_TIME, NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

OUT = PortStatus("Polyrhythmia Out", OPEN, dropped=0, refused=0)
KNOBS = PortStatus("Polyrhythmia Control", OPEN, dropped=0, refused=0)
PLAYING = Status(
    clock="internal",
    clock_condition=ClockCondition(ClockState.FREE, "free"),
    link=None,
    transport=Transport.ROLLING,
    timeline=Timeline(120.04),
    target_bpm=120.04,
    song=Timeline(120.04),
    tick=5 * PPQN,
    epoch=1,
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
CONTROLS = ControlState(genre=(("jazz", 1.0), ("funk", 0.0)), temperature=1.0, density=0.25)
SNAPSHOT = Snapshot(PLAYING, CONTROLS.levels, seconds=5 * 60 / 120.04)
COLUMNS = 79


def line_of(status: Status) -> str:
    return status_line(replace(SNAPSHOT, status=status), MeterMap(), COLUMNS)


def test_while_all_is_well_it_shows_source_tempo_place_genre_and_density() -> None:
    line = line_of(PLAYING)
    assert line == "▶  internal  120.0 bpm  2.2  jazz  density 25%"


def test_the_song_of_a_set_list_is_named_and_makes_way_for_its_section() -> None:
    playing = replace(SNAPSHOT, section=SectionNow("Blue Moon", "verse", 0, 128, "chorus"))
    line = status_line(playing, MeterMap(), COLUMNS)
    assert line == "▶  internal  120.0 bpm  2.2  Blue Moon  verse 2/8 → chorus  jazz  density 25%"
    short = status_line(playing, MeterMap(), 60)
    assert short == "▶  internal  120.0 bpm  2.2  verse 2/8 → chorus  jazz"


def test_a_screen_that_shows_the_song_elsewhere_is_told_what_is_new_alone() -> None:
    missing = replace(PLAYING, dropped=2, outputs=(replace(OUT, condition=absent(())),))
    snapshot = replace(
        SNAPSHOT,
        status=missing,
        answers=(Applied(NudgeLevel("intensity", 1), "drums", 3, 5040),),
        cues=(Cue("fill", 16, 32),),
    )
    line = news_line(snapshot, MeterMap(), COLUMNS)
    assert line.startswith("Polyrhythmia Out: waiting for this port")
    assert line.endswith("intensity 50%  fill to 3.1  dropped 2")
    assert news_line(SNAPSHOT, MeterMap(), COLUMNS) == ""


def at_ratio(ratio: Ratio, sounding: Ratio | None = None) -> Status:
    """Playing, with a ratio asked for that sounds, or another one that still does."""
    now = sounding or ratio
    tempo_bpm = 120.04 * now.numerator / now.denominator
    song = Timeline(tempo_bpm, 5 * PPQN, 5 * 60 / 120.04)
    return replace(PLAYING, ratio=ratio, song=song)


def test_half_time_is_shown_and_normal_time_is_not() -> None:
    assert "half time" in line_of(at_ratio(HALF_TIME))
    assert "  3:2  " in line_of(at_ratio(Ratio(3, 2)))
    assert "time" not in line_of(PLAYING)


def test_before_its_bar_line_half_time_is_to_come() -> None:
    asked = Applied(Fire("half time", 1.0), "drums", 32, 32 * TICKS_PER_STEP, 1)
    waiting = replace(SNAPSHOT, status=at_ratio(HALF_TIME, NORMAL_TIME), answers=(asked,))
    line = status_line(waiting, MeterMap(), COLUMNS)
    assert line == "▶  internal  120.0 bpm  2.2  jazz  half time at 3.1  density 25%"
    back = replace(waiting, status=at_ratio(NORMAL_TIME, DOUBLE_TIME))
    assert "  double time  jazz  normal time at 3.1  " in status_line(back, MeterMap(), COLUMNS)
    other = replace(asked, command=Fire("double time", 0.5))
    twice = replace(waiting, answers=(asked, other))
    assert status_line(twice, MeterMap(), COLUMNS) == line


def test_before_its_bar_line_a_new_genre_is_to_come_and_the_old_one_is_named() -> None:
    waiting = replace(SNAPSHOT, turn=Turn("rock", 32))
    assert "  rock → jazz at 3.1  " in status_line(waiting, MeterMap(), COLUMNS)
    begun = replace(waiting, turn=Turn("rock", 20))
    assert "  2.2  jazz  " in status_line(begun, MeterMap(), COLUMNS)


def test_what_is_to_come_stays_to_be_seen_behind_the_answer_to_a_later_key() -> None:
    ending = Applied(Fire("end on one", 1.0), "drums", 32, 32 * TICKS_PER_STEP, 1)
    louder = Applied(NudgeLevel("intensity", 1, 2.0), "drums", 21, 21 * TICKS_PER_STEP, 1)
    line = status_line(replace(SNAPSHOT, answers=(louder, ending)), MeterMap(), COLUMNS)
    assert line.startswith("▶  intensity 50%  internal  ")
    assert "end on one at 3.1" in line


def test_what_was_to_come_in_the_song_before_does_not_come_in_this_one() -> None:
    ending = Applied(Fire("end on one", 1.0), "drums", 32, 32 * TICKS_PER_STEP, 1)
    anew = replace(SNAPSHOT, status=replace(PLAYING, epoch=2), answers=(ending,))
    assert "end on one" not in status_line(anew, MeterMap(), COLUMNS)


def test_a_ramp_says_where_it_leads_for_as_long_as_it_lasts() -> None:
    assert "  120.0 → 130.0 bpm  2.2  " in line_of(replace(PLAYING, target_bpm=130.0))


def test_silence_that_was_asked_for_is_told() -> None:
    silent = replace(CONTROLS, density=0.0)
    line = status_line(replace(SNAPSHOT, levels=silent.levels), MeterMap(), COLUMNS)
    assert line.startswith("▶  density 0%: nothing is played  internal")


KEYS = [
    (NudgeLevel("intensity", 1, 1.0), "intensity 50%"),
    (NudgeLevel("density", 1, 1.0), "density 25%"),
    (Choose("genre", 2, 1.0), "jazz"),
    (NudgeLevel("tempo", 1, 1.0), "120.0 bpm"),
    (Fire("fill", 1.0), "fill to 3.1"),
    (Fire("half time", 1.0), "half time at 3.1"),
    (Fire("end on one", 1.0), "end on one at 3.1"),
]


@pytest.mark.parametrize(("key", "words"), KEYS)
@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_has_room_beside_ports_that_are_missing(
    key: Command, words: str, count: int
) -> None:
    away = PortStatus("USB MIDI Interface", absent(["tr:in"]), dropped=3, refused=0)
    status = replace(at_ratio(HALF_TIME, NORMAL_TIME), outputs=(OUT,) + (away,) * count)
    answers = (Applied(key, "drums", 32, 32 * TICKS_PER_STEP, 1),)
    cues = (Cue("fill", 18, 32),)
    snapshot = replace(SNAPSHOT, status=status, answers=answers, cues=cues)
    line = status_line(snapshot, MeterMap(), COLUMNS)
    assert words in line
    assert len(line) <= COLUMNS
    assert "120.0 bpm  2.2" in line
    short = "USB MIDI Interf… missing" if count == 1 else f"{count} ports missing"
    assert short in line or "USB MIDI Interface: waiting for this port" in line


def test_a_key_that_is_none_is_answered_before_all_that_is_older() -> None:
    louder = Applied(NudgeLevel("intensity", 1, 1.0), "drums", 21, 21 * TICKS_PER_STEP, 1)
    remarked = replace(SNAPSHOT, answers=(louder,), remark="y does nothing: ? lists the keys")
    line = status_line(remarked, MeterMap(), COLUMNS)
    assert line.startswith("▶  y does nothing: ? lists the keys  internal  ")


def test_a_name_in_wide_letters_is_not_drawn_beyond_the_row() -> None:
    away = PortStatus("音源モジュール" * 3, absent(["tr:in"]), dropped=3, refused=0)
    for columns in range(30, 120):
        line = status_line(
            replace(SNAPSHOT, status=replace(PLAYING, outputs=(away,))), MeterMap(), columns
        )
        assert columns_of(line) <= columns
        assert line.isprintable()


def test_the_place_goes_on_with_the_moment_and_not_with_the_players_reports() -> None:
    later = replace(SNAPSHOT, seconds=SNAPSHOT.seconds + 60 / 120.04)
    assert "  2.3  " in status_line(later, MeterMap(), COLUMNS)
    stopped = replace(later, status=replace(PLAYING, transport=Transport.STOPPED))
    assert "  2.2  " in status_line(stopped, MeterMap(), COLUMNS)


def test_levels_that_are_not_the_usual_are_shown() -> None:
    moved = replace(CONTROLS, temperature=1.21, humanise=0.0)
    line = status_line(replace(SNAPSHOT, levels=moved.levels), MeterMap(), COLUMNS)
    assert line.endswith("  density 25%  temperature 1.21  humanise 0%")


def test_a_rung_below_the_plan_stands_out() -> None:
    line = line_of(replace(PLAYING, rung=Rung.LAST_BAR))
    assert line.startswith("▶  REPEATING the last bar  internal")


def test_a_stopped_song_is_shown_as_stopped() -> None:
    line = line_of(replace(PLAYING, transport=Transport.STOPPED))
    assert "stopped" in line


def test_a_followers_condition_is_shown() -> None:
    alone = MidiClock(120.0, MeterMap())
    alone.receive(b"\xfa", 0.0)
    alone.receive(b"\xf8", 0.0)
    alone.poll(10.0)
    follower = replace(PLAYING, clock=alone.name, clock_condition=alone.condition)
    assert "▶  midi clock gone, playing on  120.0 bpm" in line_of(follower)
    alone.stop(10.0)
    alone.start(11.0)
    ours = replace(follower, clock_condition=alone.condition)
    assert "▶  midi clock gone, at our own tempo  120.0 bpm" in line_of(ours)


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
    assert line.startswith("▶  rx:in: waiting for this port  internal")
    silent = line_of(replace(PLAYING, outputs=(synth, replace(synth, name="other"))))
    assert silent.startswith("▶  nothing sounds  internal")


def test_an_open_port_says_what_it_has_lost() -> None:
    line = line_of(replace(PLAYING, outputs=(replace(OUT, dropped=12),)))
    assert line.endswith("  Polyrhythmia Out: 12 lost")


def test_messages_that_clock_or_brain_could_not_use_are_counted() -> None:
    status = replace(PLAYING, clock_ignored=2, brain_dropped=7)
    line = status_line(replace(SNAPSHOT, status=status), MeterMap(), 119)
    assert line.endswith("clock ignored 2  knobs dropped 7")


def test_steps_that_were_not_planned_and_input_that_was_no_midi_are_counted() -> None:
    refused = replace(KNOBS, refused=3)
    status = replace(PLAYING, rung_steps=(90, 8, 1, 1), inputs=(KNOBS, refused), late=2)
    line = line_of(status)
    assert "10 steps unplanned" in line
    assert line.endswith("  late 2")  # the least of them goes first
    assert "bad input" not in line
    clean = line_of(PLAYING)
    assert "unplanned" not in clean
    assert "late" not in clean


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


def test_at_80_columns_nothing_is_cut_off_and_trouble_comes_first() -> None:
    away = PortStatus("USB MIDI Interface", absent("USB MIDI Interface"), dropped=3, refused=0)
    busy = replace(at_ratio(HALF_TIME), outputs=(OUT, away), late=9, unknown=4, dropped=1)
    moved = replace(CONTROLS, temperature=1.5, intensity=0.8, stability=0.1, guidance=2.0)
    snapshot = replace(SNAPSHOT, status=busy, levels=moved.levels)
    for columns in range(79, 200):
        line = status_line(snapshot, MeterMap(), columns)
        assert len(line) <= columns
        full, short = "USB MIDI Interface: waiting for this port", "USB MIDI Interf… missing"
        assert line.startswith(f"▶  {full if columns >= 87 else short}  ")
        assert "120.0 bpm  2.2" in line
    whole = status_line(snapshot, MeterMap(), 300)
    said = {*whole.split("  "), "USB MIDI Interf… missing"}
    assert set(line_of(busy).split("  ")) <= said, "what is dropped goes whole"
    assert whole.endswith("dropped 1  late 9  4 unknown controls")


def test_trouble_that_is_longer_than_the_line_is_cut_visibly() -> None:
    line = status_line(replace(SNAPSHOT, trouble="x" * 200), MeterMap(), 40)
    assert len(line) == 40
    assert line.endswith("…")
