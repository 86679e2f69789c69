"""Dispatcher and horizon together, on virtual time: what the processes do, without the pipes."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.engine import Engine, record, unattended
from polyrhythmia_live.messages import Choose, Command, Fire, Hello, Rung, SetLevel
from polyrhythmia_live.midi.base import is_note_off, is_note_on
from polyrhythmia_live.player.ladder import MAX_REPEATS
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import ROCK, SEED, DiceDrummer
from polyrhythmia_live.testing.stage import ROCK_GROOVE

FOUR_FOUR = Meter()
BAR_SECONDS = 2.0
"""Of four quarters, at 120 bpm."""


def engine_of(seed: int = SEED, meter: Meter = FOUR_FOUR) -> Engine:
    return Engine(
        Horizon(DiceDrummer(), MeterMap.of(meter), ROCK, seed), MeterMap.of(meter), ROCK_GROOVE
    )


commands = st.one_of(
    st.sampled_from(
        [
            Fire("start"),
            Fire("stop"),
            Fire("continue"),
            Fire("play/stop"),
            Fire("panic"),
            Fire("fill"),
            Fire("end on one"),
        ]
    ),
    st.builds(Fire, st.sampled_from(["again", "back", "keep", "go on", "fork", "veto", "undo"])),
    st.builds(Fire, st.sampled_from(["remember", "recall", "now"])),
    st.builds(SetLevel, st.sampled_from(DRUMMER_LEVELS), st.floats(0, 3)),
    st.builds(Choose, st.just("genre"), st.integers(0, 2)),
    st.builds(SetLevel, st.just("tempo"), st.floats(20, 320)),
)
script = st.lists(st.tuples(commands, st.floats(0, 3)), max_size=15)


@settings(max_examples=100, deadline=None)
@given(script)
def test_with_a_quick_brain_every_step_is_planned_whatever_the_performer_does(
    acts: list[tuple[Command, float]],
) -> None:
    engine = engine_of()
    for command, seconds in acts:
        engine.perform(command)
        engine.wait(seconds)
    assert {report.rung for report in engine.committed} <= {Rung.PLAN}
    engine.perform(Fire("stop"))
    assert engine.wire.sounding() == frozenset()


@settings(max_examples=50, deadline=None)
@given(script)
def test_the_same_seed_and_the_same_controls_give_the_same_notes(
    acts: list[tuple[Command, float]],
) -> None:
    engines = [engine_of(), engine_of()]
    for engine in engines:
        for command, seconds in acts:
            engine.perform(command)
            engine.wait(seconds)
    one, two = (engine.wire.messages for engine in engines)
    assert one == two


@pytest.mark.parametrize(
    ("meter", "last_rung"), [(FOUR_FOUR, Rung.GROOVE), (Meter(3, 4), Rung.LAST_RESORT)]
)
def test_a_frozen_brain_takes_the_song_down_the_ladder_and_a_thawed_one_up_again(
    meter: Meter, last_rung: Rung
) -> None:
    engine = engine_of(meter=meter)
    bar_seconds = BAR_SECONDS * meter.bar_steps / FOUR_FOUR.bar_steps
    engine.perform(Fire("start"))
    engine.wait(2 * bar_seconds)
    engine.frozen = True
    engine.wait((2 + MAX_REPEATS + 3) * bar_seconds)
    engine.frozen = False
    engine.wait(2 * bar_seconds)
    bars = [
        {report.rung for report in engine.committed[first : first + meter.bar_steps]}
        for first in range(0, len(engine.committed) - meter.bar_steps, meter.bar_steps)
    ]
    whole = [next(iter(rungs)) for rungs in bars if len(rungs) == 1]
    assert [rung for rung, _ in itertools.groupby(whole)] == [
        Rung.PLAN,
        Rung.LAST_BAR,
        last_rung,
        Rung.PLAN,
    ]
    assert MAX_REPEATS - 1 <= whole.count(Rung.LAST_BAR) <= MAX_REPEATS
    onsets = [tick for tick, message in engine.wire.messages if is_note_on(message)]
    assert max(later - earlier for earlier, later in itertools.pairwise(onsets)) < meter.bar_ticks
    assert engine.voice.counters.dropped == 0


def test_a_knob_is_heard_at_the_first_uncommitted_step() -> None:
    turned, left_alone = engine_of(), engine_of()
    for engine in (turned, left_alone):
        engine.perform(Fire("start"))
        engine.wait(3.0)
    uncommitted = turned.voice.next_step
    turned.perform(SetLevel("density", 0.9))
    for engine in (turned, left_alone):
        engine.wait(2.0)
    assert first_change(turned, left_alone) in (uncommitted, uncommitted + 1)


def test_start_again_is_at_once_and_on_the_one() -> None:
    engine = engine_of()
    engine.perform(Fire("start"))
    engine.wait(5.0)
    engine.perform(Fire("stop"))
    engine.wait(1.0)
    before = len(engine.committed)
    engine.perform(Fire("start"))
    assert engine.committed[before].step.index == 0
    assert engine.committed[before].rung is Rung.PLAN
    assert engine.player.clock.transport is Transport.ROLLING


def test_a_brain_that_comes_up_in_the_middle_takes_over_within_a_step() -> None:
    relieved, left_alone = engine_of(), engine_of()
    for engine in (relieved, left_alone):
        engine.perform(Fire("start"))
        engine.wait(4.0)
    relieved.horizon = Horizon(DiceDrummer(), MeterMap(), ROCK, SEED + 1)
    uncommitted = relieved.voice.next_step
    relieved.tell(Hello())
    for engine in (relieved, left_alone):
        engine.wait(4.0)
    assert first_change(relieved, left_alone) in (uncommitted, uncommitted + 1)
    assert {report.rung for report in relieved.committed} == {Rung.PLAN}


def first_change(one: Engine, other: Engine) -> int:
    """The first step that the two play differently."""
    pairs = zip(one.committed, other.committed, strict=True)
    return next(it.step.index for it, its in pairs if it.step != its.step)


def test_a_recording_ends_with_its_last_bar_and_lets_its_last_notes_ring_out() -> None:
    horizon = Horizon(DiceDrummer(), MeterMap(), ROCK, SEED)
    ringing = replace(GENERAL_MIDI, gate_ms=900)
    told: list[int] = []
    recording = record(horizon, MeterMap(), ROCK_GROOVE, ringing, 120.0, 3, told.append)
    assert [step.index for step in recording.steps] == list(range(48))
    assert sum(told) == 48
    begun, ended = (
        [tick for tick, message in recording.messages if is_kind(message)]
        for is_kind in (is_note_on, is_note_off)
    )
    assert len(begun) == len(ended) == sum(len(step.hits) for step in recording.steps)
    assert begun[-1] < 3 * FOUR_FOUR.bar_ticks < ended[-1]


def test_unattended_the_brain_plays_what_a_recording_plays() -> None:
    meters = MeterMap.of(FOUR_FOUR)
    horizon = Horizon(DiceDrummer(), meters, ROCK, SEED)
    recording = record(horizon, meters, ROCK_GROOVE, GENERAL_MIDI, 120.0, bars=3)
    steps = unattended(DiceDrummer(), ROCK, meter=FOUR_FOUR, tempo_bpm=120.0, seed=SEED)
    assert list(itertools.islice(steps, 48)) == [step.hits for step in recording.steps[:48]]


def test_unattended_a_fill_comes_at_the_step_where_it_is_asked_for() -> None:
    def heard(fills: tuple[int, ...]) -> list[Place]:
        drummer = DiceDrummer()
        steps = unattended(drummer, ROCK, meter=FOUR_FOUR, tempo_bpm=120.0, seed=SEED, fills=fills)
        list(itertools.islice(steps, 64))
        return list({place.index: place for place in drummer.played}.values())

    assert [place.index for place in heard((24,)) if place.fill] == list(range(24, 32))
    assert not [place for place in heard(()) if place.fill]


def test_the_end_on_one_asks_for_a_fill_and_a_crash_and_stops() -> None:
    drummer = DiceDrummer()
    engine = Engine(Horizon(drummer, MeterMap(), ROCK, SEED), MeterMap(), ROCK_GROOVE)
    engine.perform(Fire("start"))
    engine.play_until(20)
    drummer.played.clear()
    engine.perform(Fire("end on one"))
    engine.wait(2 * BAR_SECONDS)
    asked = {place.index: place for place in drummer.played}
    assert [step for step in range(20, 34) if asked[step].fill] == list(range(20, 32))
    assert asked[32].required == {LANE["crash"], LANE["kick"]}
    assert engine.committed[-1].step.index == 32
    assert engine.player.clock.transport is Transport.STOPPED
