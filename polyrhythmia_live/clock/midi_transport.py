"""We lead the tempo and follow the transport: for a source whose clock is missing or unwanted."""

from __future__ import annotations

from polyrhythmia_live.clock.base import Moves
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.midi.base import (
    CONTINUE,
    START,
    STOP,
    TIMING_CLOCK,
    is_active_sensing,
    is_clock_message,
    song_position,
)
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Transport


class MidiTransport(InternalClock):
    """Start, Continue and Stop of one MIDI port act at once, at the performer's own tempo.

    There is no pulse to wait for; pulses are passed over. A song position while rolling is a jump,
    unless the song is there already, by half a step: no loop is so short, and tempos differ.
    Threads: as `Clock`. Real-time: yes.
    """

    def __init__(self, tempo_bpm: float) -> None:
        super().__init__(tempo_bpm)
        self._ignored = 0

    @property
    def name(self) -> str:
        return "midi transport"

    @property
    def ignored(self) -> int:
        return self._ignored

    def receive(self, message: bytes, arrival_seconds: float) -> Moves:
        """FA, FB, FC and F2; anything but pulses and active sensing is counted in `ignored`."""
        if is_active_sensing(message):
            return ()
        if not is_clock_message(message):
            self._ignored += 1
            return ()
        kind = message[0]
        if kind == TIMING_CLOCK:
            return ()
        if kind == START:
            return self.start(arrival_seconds)
        if kind == CONTINUE:
            return self.continue_(arrival_seconds)
        if kind == STOP:
            return self.stop(arrival_seconds)
        tick = song_position(message) * TICKS_PER_STEP
        if self.transport is Transport.STOPPED:
            return self.locate(tick, arrival_seconds)
        if abs(tick - self.tick_at(arrival_seconds)) < TICKS_PER_STEP // 2:
            return ()
        return self._roll_from(tick, arrival_seconds)
