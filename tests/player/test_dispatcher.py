import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.messages import (
    DRUMS,
    Choose,
    Committed,
    Fire,
    Hello,
    Moved,
    NudgeLevel,
    Plan,
    Quit,
    Rung,
    SetLevel,
    Standby,
)
from polyrhythmia_live.midi.base import is_note_off
from polyrhythmia_live.player.inbox import WireBack
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.stage import KICK, SNARE, Stage

STEP_SECONDS = 0.125
"""A sixteenth at 120 bpm."""


def test_hits_sound_on_the_grid_of_sixteenths() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(16), KICK))
    stage.start()
    stage.play_until(15)
    stage.run_until(16 * STEP_SECONDS - 0.001)
    assert [seconds for seconds, _, _ in stage.notes_on()] == pytest.approx(
        [step * STEP_SECONDS for step in range(16)]
    )
    assert stage.voice.counters.late == 0


def test_microtiming_moves_a_hit_and_not_the_grid() -> None:
    stage = Stage()
    late, early = (Hit(0, 100, 420),), (Hit(0, 100, -420),)
    stage.plan({0: KICK, 1: late, 2: early, 3: KICK})
    stage.start()
    stage.play_until(3)
    stage.run_until(3.5 * STEP_SECONDS)
    played = [seconds / STEP_SECONDS for seconds, _, _ in stage.notes_on()]
    assert played == pytest.approx([0.0, 1.25, 1.75, 3.0])


def test_nothing_sounds_before_the_first_beat() -> None:
    stage = Stage()
    stage.plan({0: (Hit(0, 100, -800),)})
    stage.start()
    stage.play_until(0)
    stage.run_until(0.01)
    assert [seconds for seconds, _, _ in stage.notes_on()] == [0.0]


def test_every_note_that_begins_ends() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(32), KICK + SNARE))
    stage.start()
    stage.play_until(31)
    stage.tell(Fire("stop"))
    assert stage.hanging() == set()


def test_a_note_struck_again_while_it_sounds_is_not_cut_short_by_its_first_end() -> None:
    stage = Stage()
    stage.player.clock.set_tempo(300.0, 0.0)
    stage.plan({0: KICK, 1: (Hit(0, 100, -700),)})
    stage.start()
    stage.play_until(1)
    stage.run_until(0.12)
    kinds = [message[0] & 0xF0 for _, message in stage.wires[0].messages]
    assert kinds[:4] == [0x90, 0x80, 0x90, 0x80]
    times = [seconds for seconds, _ in stage.wires[0].messages]
    assert times[3] - times[2] == pytest.approx(0.06, abs=1e-3)


def test_stop_ends_every_note_at_once() -> None:
    stage = Stage()
    stage.plan({0: KICK})
    stage.start()
    stage.play_until(0)
    stage.run_until(0.01)
    assert stage.hanging() == {(9, 36)}
    stage.tell(Fire("stop"))
    assert stage.hanging() == set()
    assert stage.player.clock.transport is Transport.STOPPED


def test_continue_plays_on_where_stop_was_and_start_from_the_top() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(32), KICK))
    stage.start()
    stage.play_until(6)
    stage.tell(Fire("stop"), Fire("continue"))
    assert stage.moved().transport is Transport.ROLLING
    assert 5 <= stage.moved().step_index <= 7
    stage.tell(Fire("stop"), Fire("start"))
    assert stage.moved() == Moved(DRUMS, stage.voice.epoch, 0, Transport.ROLLING, 120.0)


def test_the_space_bar_starts_and_stops() -> None:
    stage = Stage()
    stage.tell(Fire("play/stop"))
    assert stage.moved().transport is Transport.ROLLING
    stage.tell(Fire("play/stop"))
    assert stage.moved().transport is Transport.STOPPED


def test_it_can_start_by_itself_when_the_first_plan_is_there() -> None:
    stage = Stage(autostart=True)
    assert stage.player.clock.transport is Transport.STOPPED
    stage.plan({0: SNARE})
    assert stage.moved().transport is Transport.ROLLING
    stage.play_until(0)
    assert stage.reports[-1] == Committed(DRUMS, 1, Step(0, SNARE), Rung.PLAN, 120.0)


def test_a_step_is_committed_before_its_earliest_hit_and_no_sooner() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(8), ()))
    stage.start()
    stage.play_until(4)
    assert stage.timebase.now() == pytest.approx(3.5 * STEP_SECONDS - 0.005)


def test_a_plan_never_changes_what_is_committed() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(8), ()))
    stage.start()
    stage.play_until(4)
    stage.plan({4: KICK, 5: SNARE})
    stage.play_until(5)
    stage.run_until(6 * STEP_SECONDS - 0.01)
    assert [note for _, note, _ in stage.notes_on()] == [38]


def test_a_plan_from_before_a_stop_is_void() -> None:
    stage = Stage()
    stage.plan({0: SNARE})
    stage.start()
    stage.tell(Plan(DRUMS, 0, (Step(1, KICK),)))
    stage.play_until(1)
    assert stage.voice.rung is not Rung.PLAN


def test_starting_again_plays_the_standby_plan_and_says_which() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(16), KICK))
    stage.tell(Standby(DRUMS, 7, (Step(0, SNARE),)), Standby(DRUMS, 7, (Step(1, SNARE),)))
    stage.start()
    stage.play_until(3)
    stage.tell(Fire("stop"), Fire("start"))
    assert stage.moved() == Moved(DRUMS, stage.voice.epoch, 0, Transport.ROLLING, 120.0, standby=7)
    stage.play_until(1)
    steps = [report.step for report in stage.reports if isinstance(report, Committed)]
    assert steps[-2:] == [Step(0, SNARE), Step(1, SNARE)]


def test_a_brain_that_comes_up_is_told_where_the_song_is() -> None:
    stage = Stage()
    stage.start()
    stage.play_until(10)
    stage.tell(Hello())
    assert stage.moved() == Moved(DRUMS, 1, stage.voice.next_step, Transport.ROLLING, 120.0)


def test_a_tempo_change_moves_what_is_already_queued() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(8), KICK))
    stage.start()
    stage.play_until(4)
    now_seconds = stage.timebase.now()
    stage.tell(SetLevel("tempo", 60.0))
    stage.play_until(5)
    half_a_step_and_the_margin = STEP_SECONDS / 2 + 0.005
    struck = [seconds for seconds, _, _ in stage.notes_on() if seconds > now_seconds]
    assert struck[0] == pytest.approx(now_seconds + 2 * half_a_step_and_the_margin, abs=1e-4)


def test_tempo_keys_stay_in_range() -> None:
    stage = Stage()
    stage.tell(NudgeLevel("tempo", 3), NudgeLevel("tempo", -1))
    assert stage.player.clock.timeline.tempo_bpm == 122.0
    stage.tell(SetLevel("tempo", 1e9))
    assert stage.player.clock.timeline.tempo_bpm == 320.0


def test_an_output_can_play_earlier_than_the_others() -> None:
    stage = Stage(offsets=(0.0, -0.05))
    stage.plan({step: (KICK if step == 4 else ()) for step in range(8)})
    stage.start()
    stage.play_until(7)
    assert stage.notes_on(0)[0][0] == pytest.approx(0.5)
    assert stage.notes_on(1)[0][0] == pytest.approx(0.45)


def test_panic_ends_the_open_notes_first_then_sends_the_switches_and_the_groove_goes_on() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(16), KICK))
    stage.start()
    stage.play_until(0)
    stage.run_until(0.01)
    before = len(stage.wires[0].messages)
    stage.tell(Fire("panic"))
    sent = [message for _, message in stage.wires[0].messages[before:]]
    assert sent == [b"\x89\x24\x00", b"\xb9\x7b\x00", b"\xb9\x78\x00"]
    stage.play_until(2)
    assert len(stage.notes_on()) >= 2


def test_a_panic_cc_does_not_wait_for_the_brain() -> None:
    stage = Stage()
    stage.plan({0: KICK})
    stage.start()
    stage.play_until(0)
    stage.run_until(0.01)
    stage.touch(b"\xb3\x78\x00")
    assert stage.hanging() == set()


def test_the_resets_of_a_daw_neither_end_a_note_nor_delay_a_hit() -> None:
    heard = []
    for resets in (0, 16):
        stage = Stage()
        stage.plan(dict.fromkeys(range(64), KICK))
        stage.start()
        for second in range(1, 5):
            stage.run_until(0.37 * second)
            for channel in range(resets):
                for cc in (123, 121, 64, 7, 10):
                    stage.touch(bytes((0xB0 | channel, cc, 0)))
        heard.append(stage.wires[0].messages)
    assert heard[0] == heard[1]
    assert len(heard[0]) > 10


def test_after_a_suspend_stale_notes_are_dropped_and_counted() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(64), KICK))
    stage.start()
    stage.play_until(4)
    assert stage.hanging() == {(9, 36)}, "as the machine is suspended"
    stage.timebase.advance_to(40 * STEP_SECONDS)
    stage.player.turn()
    assert stage.hanging() == set()
    assert stage.voice.counters.dropped == 36
    stage.run_until(40.5 * STEP_SECONDS)
    heard = [seconds / STEP_SECONDS for seconds, _, _ in stage.notes_on()]
    assert heard == pytest.approx([0, 1, 2, 3, 40])


def test_an_output_that_returns_joins_at_the_next_bar_line_and_the_others_never_notice() -> None:
    interrupted, undisturbed = Stage(offsets=(0.0, -0.01)), Stage(offsets=(0.0, -0.01))
    for stage in (interrupted, undisturbed):
        stage.plan(dict.fromkeys(range(48), KICK))
        stage.start()
        stage.play_until(5)
    interrupted.tell(WireBack(interrupted.wires[1]))
    ends = [message for _, message in interrupted.wires[1].messages if is_note_off(message)]
    assert {message[1] for message in ends} == set(GENERAL_MIDI.notes.values())
    returned_seconds = interrupted.timebase.now()
    for stage in (interrupted, undisturbed):
        stage.play_until(40)
    assert interrupted.wires[0].messages == undisturbed.wires[0].messages
    on_return = [it for it in interrupted.notes_on(1) if it[0] > returned_seconds]
    assert on_return[0][0] == pytest.approx(16 * STEP_SECONDS - 0.01)
    from_then_on = [it for it in undisturbed.notes_on(1) if it[0] >= on_return[0][0]]
    assert on_return == from_then_on


def test_notes_that_a_killed_player_left_open_are_ended_by_the_next() -> None:
    stage = Stage()
    stage.ledger.enter(0, b"\x99\x24\x64")
    stage.player.inbox.put(Quit())
    stage.player.run()
    assert [message for _, message in stage.wires[0].messages] == [b"\x89\x24\x00"]


def test_nothing_unknown_in_the_inbox_stops_it() -> None:
    stage = Stage()
    stage.tell("nonsense", 42, Fire("nonsense"), SetLevel("nonsense", 1.0), Choose("tempo", 3))
    stage.start()
    stage.play_until(3)


commands = st.sampled_from(["start", "stop", "continue", "space", "panic", "wait", "plan", "tempo"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(commands, st.integers(0, 40)), max_size=25))
def test_whatever_the_performer_does_no_note_hangs(script: list[tuple[str, int]]) -> None:
    stage = Stage()
    triggers = {"space": "play/stop"}
    for word, number in script:
        if word == "wait":
            stage.run_until(stage.timebase.now() + number / 50)
        elif word == "plan":
            first = stage.voice.next_step
            stage.plan({first + step: (Hit(number % 9, 100, number * 20),) for step in range(8)})
        elif word == "tempo":
            stage.tell(SetLevel("tempo", 40.0 + 6 * number))
        else:
            stage.tell(Fire(triggers.get(word, word)))
    stage.player.inbox.put(Quit())
    stage.player.run()
    assert stage.hanging() == set()
    times = [seconds for seconds, _ in stage.wires[0].messages]
    assert times == sorted(times)


def test_a_stop_says_where_the_song_stands() -> None:
    stage = Stage()
    stage.start()
    stage.play_until(8)
    stage.tell(Fire("stop"))
    assert stage.moved().step_index == stage.voice.next_step == 8


def test_a_player_that_joins_a_rolling_song_comes_in_at_the_next_bar_line() -> None:
    stage = Stage(under_way=Timeline(120.0, tick_origin=70 * TICKS_PER_STEP))
    assert stage.voice.next_step == 80
    stage.plan(dict.fromkeys(range(80, 96), KICK))
    stage.play_until(80)
    stage.run_until(10.2 * STEP_SECONDS)
    assert [seconds for seconds, _, _ in stage.notes_on()] == pytest.approx([10 * STEP_SECONDS])
    assert stage.voice.counters.dropped == 0
