"""The clock that others follow us by, as they receive it."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import Fire, NudgeLevel, Quit, SetLevel
from polyrhythmia_live.player.clock_out import SETTLE_SECONDS, SPACING_SECONDS, ClockOut
from polyrhythmia_live.player.inbox import ClockIn, WireBack
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_PULSE, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.gear import CONTINUE, PULSE, START, STOP, Gear
from polyrhythmia_live.testing.stage import KICK, ClockStage
from polyrhythmia_live.wires.memory import MemoryWire

PULSE_SECONDS = 60.0 / 120.0 / 24
STEP_SECONDS = 6 * PULSE_SECONDS


def song_position(step: int) -> bytes:
    return bytes((0xF2, step & 0x7F, step >> 7))


def test_pulses_never_rest_and_start_does_not_disturb_them() -> None:
    stage = ClockStage()
    stage.run_until(1.003)
    stage.start()
    stage.run_until(2.0)
    pulses = stage.pulses()
    gaps = [later - earlier for earlier, later in itertools.pairwise(pulses)]
    assert gaps == pytest.approx([PULSE_SECONDS] * len(gaps))


def test_start_comes_just_before_the_pulse_of_beat_0_and_so_does_the_first_hit() -> None:
    stage = ClockStage()
    stage.plan({0: KICK})
    stage.run_until(0.1)
    stage.start()
    stage.run_until(0.3)
    start = stage.when(START)[0]
    downbeat = next(seconds for seconds in stage.pulses() if seconds > start)
    assert downbeat - start == pytest.approx(0.002)
    assert stage.player.clock.timeline.time_at(0) == pytest.approx(downbeat)
    assert [seconds for seconds, _, _ in stage.notes_on()] == pytest.approx([downbeat])


def test_on_one_port_the_pulse_comes_before_the_notes_of_its_tick() -> None:
    stage = ClockStage(shared=True)
    stage.plan(dict.fromkeys(range(8), KICK))
    stage.start()
    stage.run_until(0.7)
    messages = [message for _, message in stage.wires[0].messages]
    for place, message in enumerate(messages):
        if message[0] == 0x99:
            assert messages[place - 1] == PULSE


def test_pulses_can_be_kept_to_the_time_that_the_song_rolls() -> None:
    stage = ClockStage(nonstop=False)
    stage.timebase.advance_to(1.0)
    assert stage.clock_messages() == []
    stage.start()
    stage.run_until(2.0)
    stage.tell(Fire("stop"))
    count = len(stage.clock_messages())
    assert stage.clock_messages()[0] == START
    assert stage.clock_messages()[-2:] == [STOP, song_position(8)]
    stage.run_until(3.0)
    assert len(stage.clock_messages()) == count


def test_stop_is_sent_at_once_and_so_is_the_place_of_continue() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(3.1)
    stage.timebase.advance_to(3.1)
    stage.tell(Fire("stop"))
    assert stage.when(STOP) == [3.1]
    assert stage.when(song_position(25)) == [3.1]


def test_continue_comes_just_before_the_step_that_song_position_named() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(3.1)
    stage.tell(Fire("stop"))
    stage.run_until(5.0)
    stage.tell(Fire("continue"))
    stage.run_until(6.0)
    (told,) = stage.when(song_position(25))
    (continued,) = stage.when(CONTINUE)
    assert continued - told >= SETTLE_SECONDS
    pulse = next(seconds for seconds in stage.pulses() if seconds > continued)
    step_seconds = stage.player.clock.timeline.time_at(25 * TICKS_PER_STEP)
    assert pulse == pytest.approx(step_seconds)


def test_after_a_quick_continue_gear_is_given_time_and_taken_along_a_step_later() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(3.1)
    stage.tell(Fire("stop"), Fire("continue"))
    stage.run_until(5.0)
    (continued,) = stage.when(CONTINUE)
    told, position = [it for it in stage.heard() if it[1][0] == 0xF2][-1]
    assert continued - told >= SETTLE_SECONDS - 0.002
    step = position[1] | position[2] << 7
    step_seconds = stage.player.clock.timeline.time_at(step * TICKS_PER_STEP)
    assert continued == pytest.approx(step_seconds - 0.002)


def play(out: ClockOut, timeline: Timeline, until_seconds: float) -> float:
    """Let it send all that is due until a moment; the moment."""
    while (deadline := out.deadline(timeline)) is not None and deadline <= until_seconds:
        out.send_due(timeline, deadline)
    return until_seconds


@pytest.mark.parametrize("followed", [True, False])
def test_beyond_the_range_of_song_position_only_those_who_came_along_are_continued(
    followed: bool,
) -> None:
    wire: MemoryWire[float] = MemoryWire(lambda: 0.0)
    out = ClockOut(wire)
    tick = (16_380 if followed else 20_000) * TICKS_PER_STEP
    timeline = Timeline(120.0, tick)
    out.begin(timeline, Transport.STOPPED, 0.0)
    out.move(Move(MoveKind.START, tick, 0.0), timeline, 0.0)
    now = play(out, timeline, 2.0)
    stopped_at = timeline.tick_at(now)
    out.move(Move(MoveKind.STOP, stopped_at, now), timeline, now)
    wire.messages.clear()
    now = play(out, timeline, 3.0)
    again = Timeline(120.0, stopped_at, now)
    out.move(Move(MoveKind.START, stopped_at, now), again, now)
    play(out, again, 4.0)
    others = [message for _, message in wire.messages if message != PULSE]
    assert others == ([CONTINUE] if followed else [])


def test_starting_again_while_it_rolls_stops_the_followers_first() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(1.0)
    stage.start()
    stage.run_until(1.1)
    transport = [message for message in stage.clock_messages() if message in (START, STOP)]
    assert transport == [START, STOP, START]


def test_the_last_thing_that_followers_hear_is_stop() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(1.0)
    stage.player.inbox.put(Quit())
    stage.player.run()
    assert stage.clock_messages()[-1] == STOP


def test_after_a_short_stall_no_pulse_is_missing_and_none_crowds_the_next() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(2.0)
    stage.timebase.advance_to(2.3)
    stage.run_until(4.0)
    since_start = [seconds for seconds in stage.pulses() if seconds > stage.when(START)[0]]
    assert len(since_start) == pytest.approx(4.0 / PULSE_SECONDS, abs=2)
    gaps = [later - earlier for earlier, later in itertools.pairwise(since_start)]
    assert min(gaps) >= SPACING_SECONDS - 1e-9


def test_after_a_long_stall_followers_are_sent_to_where_the_song_is() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(2.0)
    stage.timebase.advance_to(9.0)
    stage.run_until(10.0)
    after = [message for seconds, message in stage.heard() if seconds >= 9.0]
    assert [message[0] for message in after if message != PULSE] == [0xFC, 0xF2, 0xFB]
    assert len([message for message in after if message == PULSE]) < 60


def test_a_port_that_is_back_is_taken_along_and_the_notes_rest_until_the_bar_line() -> None:
    stage = ClockStage(shared=True)
    stage.plan(dict.fromkeys(range(40), KICK))
    stage.start()
    stage.run_until(2.3)
    (output,) = stage.wires
    output.messages.clear()
    stage.tell(WireBack(output))
    stage.run_until(4.5)
    assert [message[0] for message in stage.clock_messages() if message != PULSE] == [
        0xFC, 0xF2, 0xFB,
    ]  # fmt: skip
    bar_line = stage.player.clock.timeline.time_at(2 * 4 * PPQN)
    assert stage.notes_on()[0][0] == pytest.approx(bar_line)


def test_a_player_that_joins_a_rolling_song_sends_the_followers_to_it() -> None:
    stage = ClockStage(under_way=Timeline(120.0, tick_origin=70 * TICKS_PER_STEP))
    stage.run_until(1.0)
    assert [message[0] for message in stage.clock_messages() if message != PULSE] == [
        0xFC, 0xF2, 0xFB,
    ]  # fmt: skip


def test_each_port_has_its_own_offset() -> None:
    early, on_time = ClockStage(offset=-0.01), ClockStage()
    for stage in (early, on_time):
        stage.start()
        stage.run_until(2.0)
    start = early.player.clock.timeline.time_at(0)
    assert min(abs(seconds - (start - 0.01)) for seconds in early.pulses()) < 1e-9
    assert early.when(START)[0] < on_time.when(START)[0] + PULSE_SECONDS


orders = st.one_of(
    st.sampled_from(
        [
            Fire("start"),
            Fire("stop"),
            Fire("continue"),
            Fire("play/stop"),
            NudgeLevel("tempo", 10, bars=1),
        ]
    ),
    st.builds(SetLevel, st.just("tempo"), st.floats(30, 300)),
    st.sampled_from([Fire("push"), Fire("pull")]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(orders, st.floats(0, 2)), max_size=12))
def test_whatever_the_performer_does_a_follower_is_where_we_are(
    script: list[tuple[object, float]],
) -> None:
    stage = ClockStage()
    follower = Gear()
    read = 0
    for order, seconds in script:
        stage.tell(order)
        stage.run_until(stage.timebase.now() + seconds)
        for _, message in stage.heard()[read:]:
            follower.receive(message)
        read = len(stage.heard())
        if follower.rolling:
            tick = stage.player.clock.timeline.tick_at(stage.timebase.now())
            assert abs(follower.pulses_counted * 280 - tick) <= 2 * 280
    assert follower.violations == []


def test_after_months_of_song_every_pulse_is_still_on_its_tick() -> None:
    months = 10**12 + 17
    timeline = Timeline(119.7, tick_origin=months)
    stage = ClockStage(under_way=timeline)
    stage.run_until(60.0)
    first = -(-months // TICKS_PER_PULSE) * TICKS_PER_PULSE
    count = (timeline.tick_at(60.0) - first) // TICKS_PER_PULSE + 1
    expected = [timeline.time_at(first + number * TICKS_PER_PULSE) for number in range(count)]
    assert stage.pulses() == expected


def test_a_clock_that_we_follow_goes_out_on_another_port_pulse_for_pulse() -> None:
    clock = MidiClock(tempo_bpm=100.0, meters=MeterMap())
    stage = ClockStage(clock=clock)
    leader = [number * PULSE_SECONDS for number in range(1, 500)]
    for number, seconds in enumerate(leader):
        stage.run_until(seconds - 1e-6)
        stage.timebase.advance_to(seconds)
        if number == 96:
            stage.tell(ClockIn(START, seconds))
        stage.tell(ClockIn(PULSE, seconds))
    stage.run_until(leader[-1])
    (start,) = stage.when(START)
    ours = [seconds for seconds in stage.pulses() if seconds > start]
    theirs = leader[96:]
    assert len(ours) == pytest.approx(len(theirs), abs=1)
    off = [abs(mine - its) for mine, its in zip(ours, theirs, strict=False)]
    assert max(off[:1]) < 0.002
    assert max(off[1:]) < 0.0005
