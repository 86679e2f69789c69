"""A day of virtual time, at a tempo that no binary number is: nothing adds up, nothing drifts."""

from collections import Counter
from fractions import Fraction

import pytest

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.messages import SetLevel
from polyrhythmia_live.player.clock_out import ClockOut
from polyrhythmia_live.rhythm.meter import PULSES_PER_BEAT, TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.gear import PULSE, START
from polyrhythmia_live.testing.stage import Stage
from polyrhythmia_live.wires.memory import MemoryWire

DAY_SECONDS = 24 * 3600
TEMPO_BPM = Fraction("20.3")
BEAT_SECONDS = 60 / TEMPO_BPM


class Tally(MemoryWire[float]):
    """A wire that counts what it is sent."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)
        self.sent: Counter[bytes] = Counter()

    def send(self, message: bytes) -> None:
        self.sent[message] += 1


def due(out: ClockOut, timeline: Timeline) -> float:
    deadline = out.deadline(timeline)
    assert deadline is not None
    return deadline


def test_in_a_day_of_clock_out_there_are_exactly_24_pulses_to_each_beat() -> None:
    wire, timeline = Tally(), Timeline(float(TEMPO_BPM))
    out = ClockOut(wire, nonstop=False)
    out.begin(timeline, Transport.STOPPED, 0.0)
    out.move(Move(MoveKind.START, 0, 0.0), timeline, 0.0)
    beats = DAY_SECONDS / BEAT_SECONDS
    assert beats == int(beats)
    last_seconds = 0.0
    while (deadline := due(out, timeline)) < DAY_SECONDS - 1e-6:
        out.send_due(timeline, deadline)
        last_seconds = deadline
    assert wire.sent == {START: 1, PULSE: beats * PULSES_PER_BEAT}
    assert last_seconds == pytest.approx(float(DAY_SECONDS - BEAT_SECONDS / 24), abs=1e-6)


def test_at_every_hour_of_a_day_the_next_bar_begins_where_arithmetic_says() -> None:
    stage = Stage()
    stage.tell(SetLevel("tempo", float(TEMPO_BPM)))
    stage.start()
    begun = Fraction(stage.player.clock.timeline.time_origin_seconds)
    for hour in range(1, 25):
        stage.timebase.advance_to(hour * 3600)
        stage.player.turn()
        bar = stage.voice.next_step // 16 + 1
        bar_seconds = begun + bar * 4 * BEAT_SECONDS
        assert 0 <= bar_seconds - hour * 3600 <= 4 * BEAT_SECONDS
        stage.run_until(float(bar_seconds) - 0.02)
        stage.wires[0].messages.clear()
        stage.run_until(float(bar_seconds) + 0.02)
        seconds = [moment for moment, _, _ in stage.notes_on()]
        assert seconds
        assert seconds == pytest.approx([float(bar_seconds)] * len(seconds), abs=1e-6)
    assert stage.player.clock.timeline.tick_origin == 0
    assert stage.player.tick() // TICKS_PER_STEP == stage.voice.next_step - 1
