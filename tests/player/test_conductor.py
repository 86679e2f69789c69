"""Starting, ending and steering a song, from the performer's side."""

import math

import pytest

from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.control.base import TRIGGERS
from polyrhythmia_live.drums.count_in import count_in
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Command,
    Committed,
    Fire,
    Moved,
    NudgeLevel,
    SetLevel,
    Unchanged,
)
from polyrhythmia_live.player.conductor import AT_ONCE, Upbeat
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.stage import KICK, SNARE, Stage

BAR_SECONDS = 2.0


class Following(Stage):
    """A stage that follows a MIDI clock, of which nothing has been heard."""

    def __init__(self) -> None:
        super().__init__()
        self._play_by(MidiClock(120.0, MeterMap()), AT_ONCE)


def counted(bars: int = 1) -> Stage:
    return Stage(upbeat=Upbeat(count_in=count_in(Meter(), bars)))


def test_the_count_in_is_played_on_the_beats_and_the_song_follows_on_the_next() -> None:
    stage = counted()
    stage.plan(dict.fromkeys(range(0, 8, 4), KICK) | dict.fromkeys((1, 2, 3), ()))
    stage.start()
    stage.run_until(BAR_SECONDS + 0.6)
    heard = [(round(seconds, 6), note) for seconds, note, _ in stage.notes_on()]
    assert heard == [(0.0, 37), (0.5, 37), (1.0, 37), (1.5, 37), (2.0, 36), (2.5, 36)]
    loud, *others = [velocity for _, _, velocity in stage.notes_on()][:4]
    assert loud > max(others)


def test_the_brain_hears_nothing_of_the_count_in() -> None:
    stage = counted(2)
    stage.start()
    assert stage.moved() == Moved(DRUMS, 1, 0, Transport.ROLLING, 120.0)
    stage.run_until(2 * BAR_SECONDS + 0.01)
    steps = [report.step.index for report in stage.reports if isinstance(report, Committed)]
    assert steps == [0]


def test_a_plan_that_comes_during_the_count_in_is_played() -> None:
    stage = counted()
    stage.start()
    stage.run_until(1.0)
    stage.plan({0: SNARE})
    stage.run_until(BAR_SECONDS + 0.01)
    assert stage.notes_on()[-1][1] == 38


def test_stopped_in_its_count_in_the_song_is_continued_from_the_top_without_one() -> None:
    stage = counted()
    stage.plan({0: KICK})
    stage.start()
    stage.run_until(1.0)
    stage.tell(Fire("stop"))
    assert stage.moved().step_index == 0
    stage.tell(Fire("continue"))
    stage.run_until(stage.timebase.now() + 0.01)
    assert stage.notes_on()[-1][1] == 36
    assert stage.hanging() == {(9, 36)}


def test_a_count_in_stands_before_bar_1() -> None:
    stage = counted()
    stage.start()
    stage.timebase.advance_to(0.5)
    assert stage.player.tick() == -3 * PPQN


@pytest.mark.parametrize(
    ("meter", "counts"),
    [(Meter(), [0, 4, 8, 12]), (Meter(6, 8), [0, 6]), (Meter(7, 8), list(range(0, 14, 2))),
     (Meter(3, 4), [0, 4, 8]), (Meter(7, 8, (2, 2, 3)), [0, 4, 8])],
)  # fmt: skip
def test_every_meter_is_counted_as_musicians_count_it(meter: Meter, counts: list[int]) -> None:
    assert [step for step, hits in enumerate(count_in(meter, 1)) if hits] == counts


def test_an_output_that_plays_ahead_is_on_time_from_the_first_hit() -> None:
    synth_latency = 0.016
    stage = Stage(offsets=(0.0, -synth_latency), upbeat=Upbeat(lead_seconds=synth_latency))
    stage.plan(dict.fromkeys(range(4), KICK))
    stage.start()
    stage.run_until(0.6)
    port = [seconds for seconds, _, _ in stage.notes_on(0)]
    sounding = [seconds + synth_latency for seconds, _, _ in stage.notes_on(1)]
    assert port[0] == pytest.approx(stage.player.clock.timeline.time_at(0))
    assert sounding[: len(port)] == pytest.approx(port)


def test_end_on_one_plays_the_next_downbeat_and_stops() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(64), KICK))
    stage.start()
    stage.run_until(1.0)
    stage.tell(Fire("end on one"))
    stage.run_until(20.0)
    assert stage.player.clock.transport is Transport.STOPPED
    assert stage.notes_on()[-1][0] == pytest.approx(BAR_SECONDS)
    assert len(stage.notes_on()) == 17
    assert stage.hanging() == set()


def test_an_outro_is_so_many_bars_more_and_an_end_on_one() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(128), KICK))
    stage.start()
    stage.run_until(1.0)
    stage.tell(Fire("outro", word="2"))
    stage.run_until(20.0)
    assert stage.player.clock.transport is Transport.STOPPED
    assert stage.notes_on()[-1][0] == pytest.approx(3 * BAR_SECONDS)


def test_a_song_that_ended_on_one_can_start_again() -> None:
    stage = Stage()
    stage.start()
    stage.tell(Fire("end on one"))
    stage.run_until(20.0)
    stage.tell(Fire("start"))
    stage.play_until(40)


def test_two_presses_of_accelerando_ask_for_twenty() -> None:
    stage = Stage()
    stage.start()
    stage.tell(NudgeLevel("tempo", 10, bars=1), NudgeLevel("tempo", 10, bars=1))
    stage.run_until(6.0)
    assert stage.player.clock.timeline.tempo_bpm == 140.0


def test_a_nudge_shifts_every_later_hit() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(17), KICK))
    stage.start()
    stage.tell(Fire("pull"))
    stage.run_until(2.05)
    assert stage.notes_on()[16][0] == pytest.approx(2.005)


@pytest.mark.parametrize(
    "name",
    [name for name, it in TRIGGERS.items() if it.consumer is Consumer.PLAYER and name != "solo"],
)
def test_every_trigger_of_the_player_is_obeyed(name: str) -> None:
    stage = Stage()
    if name not in ("start", "play/stop", "continue"):
        stage.start()
    if name == "untap":
        stage.tell(*(Fire("tap", 0.4 * number) for number in range(4)))
    if name == "unmute":
        stage.tell(Fire("mute"))
    stage.reports.clear()
    asked = Fire(name, word="bell 7:4 ride" if name == "voice" else "")
    stage.tell(asked)
    assert [it.command for it in stage.reports if isinstance(it, Applied)] == [asked]


@pytest.mark.parametrize(
    "command",
    [Fire("play/stop"), Fire("continue"), Fire("tap"), Fire("push"), Fire("accelerando"),
     Fire("end on one"), NudgeLevel("tempo", 1), SetLevel("tempo", 90.0)],
)  # fmt: skip
def test_what_is_the_leaders_to_say_is_answered_and_changes_nothing(command: Command) -> None:
    stage = Following()
    stage.tell(command)
    assert stage.reports == [Unchanged(command)]


def test_where_the_song_is_goes_on_at_the_drummers_pace() -> None:
    stage = Stage()
    stage.start()
    stage.tell(Fire("half time"))
    stage.run_until(2 * BAR_SECONDS)
    tick = stage.player.tick()
    assert tick == 4 * PPQN * 3 // 2, "half of the second bar"
    song = stage.voice.timeline_at(tick)
    assert song.tempo_bpm == 60.0
    assert song.tick_at(2 * BAR_SECONDS) == tick


def pad(cc: int, value: int) -> bytes:
    return bytes((0xB0, cc, value))


def test_the_transport_pads_of_a_controller_work() -> None:
    stage = Stage()
    stage.touch(pad(41, 127), pad(41, 0))
    assert stage.moved().transport is Transport.ROLLING
    stage.touch(pad(42, 127), pad(42, 127), pad(42, 0))
    assert stage.moved().transport is Transport.STOPPED
    stage.touch(pad(46, 127))
    assert stage.moved().transport is Transport.ROLLING


def test_the_tempo_knob_takes_hold_on_its_way_and_goes_from_end_to_end() -> None:
    stage = Stage()
    for value, tempo_bpm in ((127, 120.0), (0, 60.0), (127, 187.0), (60, 120.0)):
        stage.touch(pad(27, value))
        assert stage.player.clock.timeline.tempo_bpm == tempo_bpm


def test_a_pad_pulls_for_as_long_as_it_is_held() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(64), KICK))
    stage.start()
    stage.touch(pad(43, 127))
    stage.run_until(1.0)
    stage.touch(pad(43, 0))
    stage.run_until(6.01)
    later = [seconds % 0.125 for seconds, _, _ in stage.notes_on() if seconds > 2.0]
    assert max(later) - min(later) < 1e-6
    assert later[0] == pytest.approx(0.03, abs=0.002)
    assert math.isfinite(stage.player.clock.timeline.tempo_bpm)


def test_a_brain_that_comes_late_does_not_start_the_song_again() -> None:
    stage = Stage(autostart=True)
    stage.tell(Fire("start"))
    stage.run_until(1.0)
    stage.plan({20: KICK})
    assert stage.voice.next_step > 4


def test_a_tempo_to_arrive_at_is_reached_after_so_many_bars() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(200), KICK))
    stage.start()
    stage.tell(SetLevel("tempo", 180.0, bars=4))
    stage.play_until(2 * 16)
    assert 120.0 < stage.player.clock.timeline.tempo_bpm < 180.0
    stage.play_until(5 * 16)
    assert stage.player.clock.timeline.tempo_bpm == 180.0


PULSE_SECONDS = 0.5 / 24


class Led(Following):
    """A stage whose leader played its first two bars at 120 bpm, and then fell silent."""

    def __init__(self) -> None:
        super().__init__()
        self.plan(dict.fromkeys(range(0, 320, 4), KICK))
        self.hear(b"\xfa", 0.0)
        for number in range(2 * 96):
            self.hear(b"\xf8", number * PULSE_SECONDS)

    def hear(self, message: bytes, at_seconds: float) -> None:
        self.run_until(at_seconds)
        self.timebase.advance_to(at_seconds)
        self.tell(ClockIn(message, at_seconds))

    def pass_to(self, seconds: float) -> None:
        self.run_until(seconds)
        self.timebase.advance_to(seconds)


def test_while_the_leader_is_there_it_leads_and_once_it_is_gone_the_performer_stops_the_song() -> (
    None
):
    stage = Led()
    for name in ("play/stop", "stop", "end on one"):
        stage.tell(Fire(name))
        assert stage.reports[-1] == Unchanged(Fire(name))
    stage.pass_to(4.5)
    stage.tell(Fire("play/stop"))
    assert stage.moved().transport is Transport.STOPPED
    assert stage.hanging() == set()


def test_a_song_that_the_performer_starts_in_the_leaders_place_is_theirs_in_all() -> None:
    stage = Led()
    stage.pass_to(4.5)
    stage.tell(Fire("stop"), Fire("start"), Fire("tap", 4.5), NudgeLevel("tempo", 1))
    told = [it for it in stage.reports if isinstance(it, Applied | Unchanged)]
    assert [type(it) for it in told] == [Applied] * 4
    stage.pass_to(6.0)
    assert stage.player.clock.timeline.tempo_bpm == pytest.approx(121.0)


def test_end_on_one_ends_a_song_whose_leader_is_gone() -> None:
    stage = Led()
    stage.pass_to(4.5)
    stage.tell(Fire("end on one"))
    stage.pass_to(20.0)
    assert stage.player.clock.transport is Transport.STOPPED
    assert stage.notes_on()[-1][0] == pytest.approx(3 * BAR_SECONDS, abs=0.01)
    assert stage.hanging() == set()


def test_an_end_that_was_asked_for_comes_although_the_leader_is_back() -> None:
    stage = Led()
    stage.pass_to(4.5)
    stage.tell(Fire("end on one"))
    for number in range(240, 24 * 24):
        stage.hear(b"\xf8", number * PULSE_SECONDS)
    assert stage.player.clock.transport is Transport.STOPPED
    assert stage.notes_on()[-1][0] == pytest.approx(3 * BAR_SECONDS, abs=0.01)
    assert stage.hanging() == set()


@pytest.mark.parametrize("name", ["stop", "end on one", "push", "pull", "untap"])
def test_what_does_nothing_while_the_song_stands_is_answered_so(name: str) -> None:
    stage = Stage()
    stage.tell(Fire(name))
    assert stage.reports == [Unchanged(Fire(name))]


def test_a_key_at_the_end_of_its_travel_changes_nothing() -> None:
    stage = Stage()
    stage.start()
    up, down = NudgeLevel("tempo", 1000), Fire("half time")
    stage.tell(up, up, down, down)
    told = [it for it in stage.reports if isinstance(it, Applied | Unchanged)][1:]
    assert [type(it) for it in told] == [Applied, Unchanged, Applied, Unchanged]
    stage.tell(Fire("continue"))
    assert stage.reports[-1] == Unchanged(Fire("continue"))


def test_what_was_obeyed_before_the_song_began_anew_is_known_to_be_of_the_song_before() -> None:
    stage = Stage()
    stage.start()
    stage.run_until(1.0)
    stage.tell(Fire("end on one"), Fire("start"))
    ending, start = [it for it in stage.reports if isinstance(it, Applied)][1:]
    assert ending.epoch < start.epoch == stage.voice.epoch
