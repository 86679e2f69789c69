"""Dispatcher and horizon together, on virtual time: what the processes do, without the pipes."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.messages import (
    ChooseGenre,
    Committed,
    Continue,
    Fill,
    Hello,
    Moved,
    Panic,
    Rung,
    SetLevel,
    SetTempo,
    Start,
    StartStop,
    Stop,
)
from polyrhythmia_live.player.ladder import MAX_REPEATS
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from tests.drummer.doubles import ROCK, SEED, DiceDrummer
from tests.player.stage import Stage

FOUR_FOUR = Meter()
BAR_SECONDS = 2.0
"""Of four quarters, at 120 bpm."""


class Band:
    """A stage whose brain answers at once, as long as it is not `frozen`."""

    def __init__(self, seed: int = SEED, meter: Meter = FOUR_FOUR) -> None:
        self.stage = Stage(MeterMap.of(meter))
        self.horizon = Horizon(DiceDrummer(), MeterMap.of(meter), ROCK, seed)
        self.committed: list[Committed] = []
        self.frozen = False
        self.perform(Hello())

    def perform(self, command: object) -> None:
        """The performer's command, and all that follows from it at once."""
        if isinstance(command, (SetLevel, ChooseGenre, Fill)):
            self.horizon.receive(command)
        else:
            self.stage.tell(command)
        self._settle()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        until = self.stage.timebase.now() + seconds
        player = self.stage.player
        while (deadline := player.next_deadline()) is not None and deadline <= until:
            player.turn()
            self._settle()
        self.stage.timebase.advance_to(until)

    def _settle(self) -> None:
        """Reports to the horizon and plans to the player, until neither has more to say."""
        while not self.frozen:
            reports = list(self.stage.reports)
            self.stage.reports.clear()
            for report in reports:
                self.horizon.receive(report)
                if isinstance(report, Committed):
                    self.committed.append(report)
            plan = self.horizon.next_plan()
            if plan is None and not self.stage.reports:
                return
            if plan is not None:
                self.stage.tell(plan)


commands = st.one_of(
    st.sampled_from([Start(), Stop(), Continue(), StartStop(), Panic(), Fill(), Hello()]),
    st.builds(SetLevel, st.sampled_from(DRUMMER_LEVELS), st.floats(0, 3)),
    st.builds(ChooseGenre, st.integers(0, 2)),
    st.builds(SetTempo, st.floats(20, 320)),
)
script = st.lists(st.tuples(commands, st.floats(0, 3)), max_size=15)


@settings(max_examples=100, deadline=None)
@given(script)
def test_with_a_quick_brain_every_step_is_planned_whatever_the_performer_does(
    acts: list[tuple[object, float]],
) -> None:
    band = Band()
    for command, seconds in acts:
        band.perform(command)
        band.wait(seconds)
    assert {report.rung for report in band.committed} <= {Rung.PLAN}
    band.perform(Stop())
    assert band.stage.hanging() == frozenset()


@settings(max_examples=50, deadline=None)
@given(script)
def test_the_same_seed_and_the_same_controls_give_the_same_notes(
    acts: list[tuple[object, float]],
) -> None:
    bands = [Band(), Band()]
    for band in bands:
        for command, seconds in acts:
            band.perform(command)
            band.wait(seconds)
    one, two = (band.stage.outputs[0].messages for band in bands)
    assert one == two


@pytest.mark.parametrize(
    ("meter", "last_rung"), [(FOUR_FOUR, Rung.GROOVE), (Meter(3, 4), Rung.KICK_AND_HAT)]
)
def test_a_frozen_brain_takes_the_song_down_the_ladder_and_a_thawed_one_up_again(
    meter: Meter, last_rung: Rung
) -> None:
    band = Band(meter=meter)
    bar_seconds = BAR_SECONDS * meter.bar_steps / FOUR_FOUR.bar_steps
    band.perform(Start())
    band.wait(2 * bar_seconds)
    band.frozen = True
    band.wait((2 + MAX_REPEATS + 3) * bar_seconds)
    band.frozen = False
    band.wait(2 * bar_seconds)
    bars = [
        {report.rung for report in band.committed[first : first + meter.bar_steps]}
        for first in range(0, len(band.committed) - meter.bar_steps, meter.bar_steps)
    ]
    whole = [next(iter(rungs)) for rungs in bars if len(rungs) == 1]
    assert [rung for rung, _ in itertools.groupby(whole)] == [
        Rung.PLAN,
        Rung.LAST_BAR,
        last_rung,
        Rung.PLAN,
    ]
    assert MAX_REPEATS - 1 <= whole.count(Rung.LAST_BAR) <= MAX_REPEATS
    onsets = [seconds for seconds, _, _ in band.stage.notes_on()]
    assert max(later - earlier for earlier, later in itertools.pairwise(onsets)) < bar_seconds
    assert band.stage.player.counters.dropped == 0


def test_a_knob_is_heard_at_the_first_uncommitted_step() -> None:
    turned, left_alone = Band(), Band()
    for band in (turned, left_alone):
        band.perform(Start())
        band.wait(3.0)
    uncommitted = turned.stage.player.next_step
    turned.perform(SetLevel("density", 0.9))
    for band in (turned, left_alone):
        band.wait(2.0)
    pairs = list(zip(turned.committed, left_alone.committed, strict=True))
    first_change = next(i for i, (one, two) in enumerate(pairs) if one.step != two.step)
    assert pairs[first_change][0].step.index in (uncommitted, uncommitted + 1)


def test_start_again_is_at_once_and_on_the_one() -> None:
    band = Band()
    band.perform(Start())
    band.wait(5.0)
    band.perform(Stop())
    band.wait(1.0)
    before = len(band.committed)
    band.perform(Start())
    assert band.committed[before].step.index == 0
    assert band.committed[before].rung is Rung.PLAN
    assert band.stage.player.clock.transport is Transport.ROLLING


def test_a_brain_that_comes_up_in_the_middle_takes_over_within_a_step() -> None:
    band = Band()
    band.perform(Start())
    band.wait(4.0)
    band.horizon = Horizon(DiceDrummer(), MeterMap(), ROCK, SEED + 1)
    band.stage.tell(Hello())
    moved = [report for report in band.stage.reports if isinstance(report, Moved)]
    assert moved[-1].step_index == band.stage.player.next_step
    band._settle()
    band.wait(4.0)
    assert {report.rung for report in band.committed} == {Rung.PLAN}
