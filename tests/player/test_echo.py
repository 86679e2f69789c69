"""Gear that sends our own clock back to us, under a name that is not the one it is sent to."""

from __future__ import annotations

import math
import random

import pytest

from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import ClockState, Fire
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.pulse_trains import framed, gaussian, steady
from polyrhythmia_live.testing.stage import ClockStage

BAR_SECONDS = 2.0


class Room:
    """A stage that sends its clock, follows one, and has gear beside it."""

    def __init__(self, follow_transport: bool = False, tempo_bpm: float = 120.0) -> None:
        self.clock = MidiClock(
            tempo_bpm, MeterMap(), follow_transport=follow_transport, sends_clock=True
        )
        self.stage = ClockStage(clock=self.clock)
        self.noticed: float | None = None
        self._sent = 0

    @property
    def rolls(self) -> bool:
        return self.clock.transport is Transport.ROLLING

    def receive(self, message: bytes, at_seconds: float) -> None:
        self.stage.run_until(at_seconds)
        self.stage.timebase.advance_to(at_seconds)
        self.stage.tell(ClockIn(message, at_seconds))
        if self.clock.condition.state is ClockState.ECHO and self.noticed is None:
            self.noticed = at_seconds

    def echo(self, until: float, delay: float, jitter: float = 0.0, buffer: float = 0.0) -> None:
        """Everything that the stage sends its followers comes back."""
        rng = random.Random(1)
        coming: list[tuple[float, bytes]] = []
        while self.stage.timebase.now() < until:
            sent = self.stage.heard()
            for seconds, message in sent[self._sent :]:
                at_seconds = seconds + delay + abs(rng.gauss(0.0, jitter))
                if buffer:
                    at_seconds = math.ceil(at_seconds / buffer) * buffer
                coming.append((at_seconds, message))
            self._sent = len(sent)
            coming.sort(key=lambda it: it[0])
            due = self.stage.player.next_deadline() or math.inf
            if coming and coming[0][0] <= due:
                at_seconds, message = coming.pop(0)
                self.receive(message, max(at_seconds, self.stage.timebase.now()))
            else:
                self.stage.player.turn()


@pytest.mark.parametrize("follow_transport", [False, True])
@pytest.mark.parametrize("delay", [0.0, 0.002, 0.003, 0.007, 0.012, 0.03])
@pytest.mark.parametrize(("jitter", "buffer"), [(0.0, 0.0), (0.001, 0.0), (0.0, 256 / 48000)])
def test_our_own_clock_is_noticed_within_a_bar_and_not_followed(
    delay: float, jitter: float, buffer: float, follow_transport: bool
) -> None:
    room = Room(follow_transport)
    room.echo(4 * BAR_SECONDS, delay, jitter, buffer)
    assert room.noticed is not None
    assert room.noticed < BAR_SECONDS
    assert room.clock.condition.words == "our own clock comes back"
    assert room.clock.timeline.tempo_bpm == pytest.approx(120.0)
    pulses = [it for it in room.stage.pulses() if it > BAR_SECONDS]
    assert len(pulses) == pytest.approx(3 * 96, abs=4)


def test_the_song_goes_on_and_is_the_performers_to_stop_and_start() -> None:
    room = Room()
    room.echo(2 * BAR_SECONDS, 0.003)
    assert room.rolls
    room.stage.tell(Fire("stop"))
    room.echo(3 * BAR_SECONDS, 0.003)
    assert not room.rolls
    room.stage.tell(Fire("start"))
    room.echo(4 * BAR_SECONDS, 0.003)
    assert room.rolls
    assert room.stage.when(b"\xfa")[-1] == pytest.approx(3 * BAR_SECONDS, abs=0.05)
    room.clock.set_tempo(90.0, room.stage.timebase.now())
    room.echo(6 * BAR_SECONDS, 0.003)
    assert room.clock.timeline.tempo_bpm == 90.0
    assert room.clock.condition.state is ClockState.ECHO


def test_a_leader_that_comes_instead_of_the_echo_is_followed() -> None:
    room = Room()
    room.echo(2 * BAR_SECONDS, 0.003)
    for arrival in steady(131, 24 * 8, room.stage.timebase.now() + 0.01):
        room.receive(b"\xf8", arrival)
    assert room.clock.condition.words == "locked"
    assert room.clock.timeline.tempo_bpm == pytest.approx(131.0)


def test_an_echo_that_ends_leaves_the_song_rolling() -> None:
    room = Room()
    room.echo(2 * BAR_SECONDS, 0.003)
    room.stage.run_until(4 * BAR_SECONDS)
    assert room.clock.condition.state is ClockState.FREE
    assert room.rolls


@pytest.mark.parametrize("follow_transport", [False, True])
@pytest.mark.parametrize("tempo_bpm", [60, 90, 119.8, 120, 120.05, 121, 122, 140, 240])
@pytest.mark.parametrize("kind", ["perfect", "jitter", "buffers"])
def test_a_leader_is_not_taken_for_an_echo_whatever_its_tempo(
    kind: str, tempo_bpm: float, follow_transport: bool
) -> None:
    """Not even at the very tempo that is ours."""
    for seed in range(3):
        room = Room(follow_transport)
        truth = steady(tempo_bpm, 24 * 8, 1.003)
        rng = random.Random(seed)
        if kind == "jitter":
            truth = gaussian(truth, 0.001, rng)
        elif kind == "buffers":
            truth = framed(truth, 256 / 48000, rng)
        for arrival in truth:
            room.receive(b"\xf8", arrival)
        assert room.noticed is None
        assert room.clock.condition.words == "locked"
        assert room.clock.timeline.tempo_bpm == pytest.approx(tempo_bpm, rel=0.01)


def test_a_leader_that_says_start_is_followed_from_its_first_pulse() -> None:
    room = Room(follow_transport=True)
    room.receive(b"\xfa", 0.999)
    for number, arrival in enumerate(steady(100, 48, 1.0)):
        room.receive(b"\xf8", arrival)
        if number > 6:
            assert room.clock.timeline.time_at(280 * number) == pytest.approx(arrival, abs=1e-4)
