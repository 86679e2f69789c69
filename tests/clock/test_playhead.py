"""Start, Continue, Stop and Song Position against a model that a musician can check."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from polyrhythmia_live.clock.base import MoveKind, Moves, OnClockLoss
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import ClockState
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

PULSE_SECONDS = 60.0 / (120 * 24)
TICKS = 280
PULSE, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
SILENCE_SECONDS = 0.25
HOLDOVER_PULSES = 4 * 4 * 24
KNOWN_PULSES, LONG_PULSES = 48, 150
"""The tempo of a clock that came back elsewhere is known to a thousandth after `KNOWN_PULSES`. That
makes less than half a pulse in a silence of `LONG_PULSES`; after a longer one, a song that holds
over may be a pulse off, and is right.
"""

Pairs = tuple[tuple[MoveKind, int], ...]
"""Moves, as (kind, tick)."""


@dataclass(frozen=True)
class Model:
    """The whole semantics: `position` is the number of the next pulse, `last` when one came.

    The rules of MIDI 1.0, 4.2.1, and ours for what it leaves open: a Start while rolling begins
    anew, a Song Position while rolling is a jump, told once more by a Continue within 1 s, and a
    song whose clock is silent rolls on, for ever or (`stops`) for four bars.
    """

    stops: bool
    from_the_top: bool
    """Where the transport is not followed, a clock that was lost begins from the top."""
    rolling: bool = False
    armed: bool = False
    position: int = 0
    left: int = 0
    """While rolling and armed: the number of the next pulse, if the song did not jump."""
    told: tuple[int, float] | None = None
    ignored: int = 0
    last: float = -math.inf

    def after(self, message: bytes, now: float) -> tuple[Model, Pairs]:
        """The state after a message, and the moves that it makes, as (kind, tick)."""
        kind = message[0]
        if kind == 0xF8:
            return self.after_pulse(now)
        if kind == 0xFA:
            located: Pairs = () if self.rolling else ((MoveKind.LOCATE, 0),)
            return replace(self.jumping(0), told=None), located
        if kind == 0xFB:
            if not self.rolling:
                return replace(self, armed=True, told=None), ()
            told = self.told is not None and now - self.told[1] <= 1.0
            model = self.jumping(self.told[0]) if told and self.told else self
            return replace(model, told=None), ()
        if kind == 0xFC:
            return replace(self.at_rest(now), armed=False, told=None), self.stopped(now)
        pulse = 6 * (message[1] + 128 * message[2])
        if not self.rolling:
            return replace(self, position=pulse), ((MoveKind.LOCATE, pulse * TICKS),)
        silent = now - self.last > SILENCE_SECONDS
        if pulse == (self.left if self.armed else self.position) and not silent:
            return replace(self, position=pulse, armed=False, told=None), ()
        return replace(self.jumping(pulse), told=(pulse, now)), ()

    def jumping(self, pulse: int) -> Model:
        """The song is at a place with the next pulse."""
        left = self.left if self.armed else self.position
        return replace(self, armed=True, position=pulse, left=left)

    def after_pulse(self, now: float) -> tuple[Model, Pairs]:
        if self.armed:
            rolling = replace(self, rolling=True, armed=False, position=self.position + 1, last=now)
            return rolling, ((MoveKind.START, self.position * TICKS),)
        passed = max(1, round((now - self.last) / PULSE_SECONDS)) if self.rolling else 0
        return replace(self, position=self.position + passed, last=now), ()

    def after_silence(self, now: float) -> tuple[Model, Pairs]:
        """The state after a wait, if there was no pulse."""
        ends = self.last + HOLDOVER_PULSES * PULSE_SECONDS
        if not (self.stops and self.rolling and now > ends):
            return self, ()
        model, moves = replace(self.at_rest(ends), told=None), self.stopped(ends)
        if self.from_the_top:
            return replace(model, armed=True, position=0), (*moves, (MoveKind.LOCATE, 0))
        return model, moves

    def at_rest(self, now: float) -> Model:
        return replace(self, rolling=False, position=self.place(now))

    def stopped(self, now: float) -> Pairs:
        return ((MoveKind.STOP, self.place(now) * TICKS),) if self.rolling else ()

    def place(self, now: float) -> int:
        """The next pulse: the one after the last that came or, in a silence, that passed."""
        silent = now - self.last > SILENCE_SECONDS
        if not (self.rolling and silent) or self.armed:
            return self.position
        return self.position + math.ceil((now - self.last) / PULSE_SECONDS - 1e-6) - 1


def as_pairs(moves: Moves) -> Pairs:
    return tuple((move.kind, move.tick) for move in moves)


class TransportMachine(RuleBasedStateMachine):
    """Any order of messages, at any phase, from a source that may also fall silent and return."""

    @initialize(policy=st.sampled_from(OnClockLoss), follow_transport=st.booleans())
    def plug_in(self, policy: OnClockLoss, follow_transport: bool) -> None:
        self.clock = MidiClock(120.0, MeterMap(), policy, follow_transport=follow_transport)
        self.led = follow_transport
        """Whether it is the source who starts and stops the song."""
        self.heeds_source = follow_transport
        self.model = Model(
            stops=policy is OnClockLoss.STOP,
            from_the_top=not follow_transport,
            armed=not follow_transport,
        )
        self.now = self.pulse_seconds = 0.0
        self.silent = False
        self.since_shift = math.inf
        """Pulses since the source came back elsewhere than it had been."""

    def send(self, message: bytes) -> None:
        if message != PULSE:
            self.led = True
        self.model, moves = self.model.after(message, self.now)
        assert as_pairs(self.clock.receive(message, self.now)) == moves

    def later(self, phase: float) -> None:
        """A moment between the last pulse and the next one."""
        if not self.silent:
            self.now = max(self.now, self.pulse_seconds + phase * PULSE_SECONDS)

    @rule(times=st.integers(1, 60), shift=st.floats(-0.3, 0.3))
    def pulses(self, times: int, shift: float) -> None:
        """The source sends some; after a silence they may lie elsewhere than before."""
        places: float = 1
        if self.silent:
            places = math.ceil((self.now - self.pulse_seconds) / PULSE_SECONDS)
            if times >= 12 and shift:
                places, self.since_shift = places + shift, 0
            self.silent = False
        for _ in range(times):
            self.pulse_seconds += places * PULSE_SECONDS
            self.now = self.pulse_seconds
            self.send(PULSE)
            self.since_shift += 1
            places = 1
        if self.model.rolling and times >= 12:
            tick = self.clock.timeline.tick_at(self.now)
            assert abs(tick - (self.model.position - 1) * TICKS) <= 0.1 * TICKS

    @rule(message=st.sampled_from([START, CONTINUE, STOP]), phase=st.floats(0.1, 0.9))
    def command(self, message: bytes, phase: float) -> None:
        self.later(phase)
        if self.heeds_source:
            self.send(message)
        else:
            self.model = replace(self.model, ignored=self.model.ignored + 1)
            assert self.clock.receive(message, self.now) == ()

    @rule(message=st.sampled_from([START, CONTINUE, STOP]), phase=st.floats(0.1, 0.9))
    def press(self, message: bytes, phase: float) -> None:
        """The performer's keys do the same where the source's transport is not followed.

        They also stop a song whose source is gone; it is theirs then, until the source says more.
        """
        self.later(phase)
        keys = {START: self.clock.start, CONTINUE: self.clock.continue_, STOP: self.clock.stop}
        state = self.clock.condition.state
        stands_in = state is ClockState.WAITING and self.heeds_source and not self.led
        if state is ClockState.FREE or (stands_in and message != STOP):
            return
        if state is ClockState.HOLDOVER and message == STOP:
            self.led = False
        moves: Pairs = ()
        if not self.led:
            self.model, moves = self.model.after(message, self.now)
        assert as_pairs(keys[message](self.now)) == moves

    @rule(step=st.integers(0, 0x3FFF), phase=st.floats(0.1, 0.9))
    def locate(self, step: int, phase: float) -> None:
        if self.heeds_source:
            self.later(phase)
            self.send(bytes((0xF2, step & 0x7F, step >> 7)))

    @rule(phase=st.floats(0.1, 0.9))
    def sense(self, phase: float) -> None:
        self.later(phase)
        assert self.clock.receive(b"\xfe", self.now) == ()

    @rule(pulses=st.integers(15, 600))
    def fall_silent(self, pulses: int) -> None:
        """No pulse for a while: up to half a pulse after so many that did not come."""
        if self.since_shift < 8 * KNOWN_PULSES:
            if self.silent or self.since_shift < KNOWN_PULSES:
                return
            pulses = min(pulses, LONG_PULSES)
        self.silent = True
        gone = math.floor((self.now - self.pulse_seconds) / PULSE_SECONDS)
        self.now = self.pulse_seconds + (gone + pulses + 0.5) * PULSE_SECONDS
        moves: Moves = ()
        while (at_seconds := self.clock.poll_at_seconds or math.inf) <= self.now:
            moves += self.clock.poll(at_seconds)
        self.model, expected = self.model.after_silence(self.now)
        assert as_pairs(moves) == expected

    @invariant()
    def they_agree(self) -> None:
        assert (self.clock.transport is Transport.ROLLING) == self.model.rolling
        if not self.model.rolling:
            assert self.clock.timeline.tick_origin == self.model.position * TICKS
        assert self.clock.ignored == self.model.ignored


TestTransport = TransportMachine.TestCase
TestTransport.settings = settings(deadline=None, stateful_step_count=25)


def test_start_plays_from_the_top_on_the_next_pulse_and_says_so_at_once() -> None:
    clock = MidiClock(120.0, MeterMap())
    assert as_pairs(clock.receive(b"\xfa", 1.0)) == ((MoveKind.LOCATE, 0),)
    assert clock.transport is Transport.STOPPED
    assert as_pairs(clock.receive(b"\xf8", 1.5)) == ((MoveKind.START, 0),)
    assert clock.timeline.time_at(0) == 1.5


def test_continue_goes_on_with_the_pulse_after_the_last_one() -> None:
    clock = MidiClock(120.0, MeterMap())
    clock.receive(b"\xfa", 0.0)
    for number in range(8):
        clock.receive(b"\xf8", number * PULSE_SECONDS)
    assert as_pairs(clock.receive(b"\xfc", 0.16)) == ((MoveKind.STOP, 8 * TICKS),)
    assert clock.receive(b"\xfb", 0.17) == ()
    assert as_pairs(clock.receive(b"\xf8", 0.18)) == ((MoveKind.START, 8 * TICKS),)
