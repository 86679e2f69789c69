"""Start, Continue, Stop and Song Position against a model that a musician can check."""

from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from polyrhythmia_live.clock.base import MoveKind
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.timeline import Transport

PULSE_SECONDS = 60.0 / (120 * 24)
TICKS = 280


@dataclass(frozen=True)
class Model:
    """The whole semantics: `position` is the number of the next pulse."""

    rolling: bool = False
    armed: bool = False
    position: int = 0
    kept: tuple[int, float] | None = None
    ignored: int = 0

    def dropped(self):
        """Without the song position that was kept for a Continue."""
        return replace(self, kept=None, ignored=self.ignored + 1) if self.kept else self

    def after(self, message, now):
        """The state after a message, and the move that it makes, as (kind, tick)."""
        model = self
        if model.kept and now - model.kept[1] > 1.0:
            model = model.dropped()
        kind = message[0]
        if kind == 0xF8:
            started = (MoveKind.START, model.position * TICKS) if model.armed else None
            moves = model.armed or model.rolling
            position = model.position + 1 if moves else model.position
            return replace(model, rolling=moves, armed=False, position=position), started
        if kind == 0xFA:
            located = None if model.rolling else (MoveKind.LOCATE, 0)
            return replace(model.dropped(), armed=True, position=0), located
        if kind == 0xFB:
            if model.kept:
                return replace(model, armed=True, position=model.kept[0], kept=None), None
            return replace(model, armed=model.armed or not model.rolling), None
        if kind == 0xFC:
            stopped = (MoveKind.STOP, model.position * TICKS) if model.rolling else None
            return replace(model.dropped(), rolling=False, armed=False), stopped
        pulse = 6 * (message[1] + 128 * message[2])
        if model.rolling:
            return replace(model.dropped(), kept=(pulse, now)), None
        return replace(model, position=pulse), (MoveKind.LOCATE, pulse * TICKS)


def as_pairs(moves):
    return [(move.kind, move.tick) for move in moves]


class TransportMachine(RuleBasedStateMachine):
    """Any order of messages, between pulses at any phase, from a source that sends nonstop."""

    def __init__(self):
        super().__init__()
        self.clock, self.model, self.pulses = MidiClock(120.0, Meter()), Model(), 0

    def send(self, message, phase):
        now = (self.pulses + phase) * PULSE_SECONDS
        self.model, move = self.model.after(message, now)
        assert as_pairs(self.clock.receive(message, now)) == ([move] if move else [])

    @rule(times=st.integers(1, 60))
    def pulse(self, times):
        for _ in range(times):
            self.pulses += 1
            self.send(b"\xf8", 0.0)
            if self.model.rolling:
                tick = self.clock.timeline.tick_at(self.pulses * PULSE_SECONDS)
                assert tick == (self.model.position - 1) * TICKS

    @rule(message=st.sampled_from([b"\xfa", b"\xfb", b"\xfc"]), phase=st.floats(0.1, 0.9))
    def command(self, message, phase):
        self.send(message, phase)

    @rule(step=st.integers(0, 0x3FFF), phase=st.floats(0.1, 0.9))
    def locate(self, step, phase):
        self.send(bytes((0xF2, step & 0x7F, step >> 7)), phase)

    @rule(phase=st.floats(0.1, 0.9))
    def sense(self, phase):
        assert self.clock.receive(b"\xfe", (self.pulses + phase) * PULSE_SECONDS) == ()

    @invariant()
    def they_agree(self):
        assert (self.clock.transport is Transport.ROLLING) == self.model.rolling
        if not self.model.rolling:
            assert self.clock.timeline.tick_origin == self.model.position * TICKS
        assert self.clock.ignored == self.model.ignored


TestTransport = TransportMachine.TestCase
TestTransport.settings = settings(deadline=None, stateful_step_count=25)


def test_start_plays_from_the_top_on_the_next_pulse_and_says_so_at_once():
    clock = MidiClock(120.0, Meter())
    assert as_pairs(clock.receive(b"\xfa", 1.0)) == [(MoveKind.LOCATE, 0)]
    assert clock.transport is Transport.STOPPED
    assert as_pairs(clock.receive(b"\xf8", 1.5)) == [(MoveKind.START, 0)]
    assert clock.timeline.time_at(0) == 1.5


def test_continue_goes_on_with_the_pulse_after_the_last_one():
    clock = MidiClock(120.0, Meter())
    clock.receive(b"\xfa", 0.0)
    for number in range(8):
        clock.receive(b"\xf8", number * PULSE_SECONDS)
    assert as_pairs(clock.receive(b"\xfc", 0.16)) == [(MoveKind.STOP, 8 * TICKS)]
    assert clock.receive(b"\xfb", 0.17) == ()
    assert as_pairs(clock.receive(b"\xf8", 0.18)) == [(MoveKind.START, 8 * TICKS)]


def test_a_song_position_while_rolling_counts_only_with_a_continue_within_a_second():
    for delay_seconds, expected in ((0.5, [(MoveKind.START, 96 * TICKS)]), (1.5, [])):
        clock = MidiClock(120.0, Meter())
        clock.receive(b"\xfa", 0.0)
        for number in range(24):
            clock.receive(b"\xf8", number * PULSE_SECONDS)
        now = 24 * PULSE_SECONDS
        assert clock.receive(b"\xf2\x10\x00", now) == ()
        assert clock.receive(b"\xfb", now + delay_seconds) == ()
        assert as_pairs(clock.receive(b"\xf8", now + delay_seconds)) == expected
        assert clock.ignored == (0 if expected else 1)
