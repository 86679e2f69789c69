"""We follow: tempo and transport come from somebody else's MIDI clock.

Position is the count of pulses (`Playhead`), never derived from time; the tracker (`dll`) only
says when each pulse really was. Between two pulses the song stands where the timeline says.
"""

from __future__ import annotations

import math

from polyrhythmia_live.clock.base import Move, MoveKind, Moves, OnClockLoss, Smoothing
from polyrhythmia_live.clock.dll import PulseTracker
from polyrhythmia_live.clock.internal import InternalClock, clamped_tempo
from polyrhythmia_live.clock.playhead import Playhead
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.midi.base import (
    CONTINUE,
    START,
    STOP,
    TIMING_CLOCK,
    is_active_sensing,
    is_clock_message,
    song_position,
)
from polyrhythmia_live.rhythm.meter import (
    PULSES_PER_BEAT,
    TICKS_PER_PULSE,
    TICKS_PER_STEP,
    first_pulse_from,
)
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

PULSES_PER_STEP = TICKS_PER_STEP // TICKS_PER_PULSE

SENSING_SECONDS = 0.33
"""A source that sends active sensing says something at least every 300 ms, and 10 % for jitter."""

HOLDOVER_BARS = 4
"""How long the song plays on without its clock before `on_clock_loss` decides."""

WORDS = {ClockState.DOUBLED: "double clock?", ClockState.HOLDOVER: "clock gone, playing on"}
"""Two senders are a guess, so the words are a question; the other states are called by their names.
"""


class MidiClock:
    """The follower of one MIDI port.

    `tempo_bpm` counts until pulses say otherwise. `clock_offset_seconds` shifts everything by a
    constant (negative = earlier), for a source whose lateness no filter can see. Without
    `follow_transport`, for a source that omits Start, the song starts with the first pulse, and
    the performer may stop and start it. A performer may also stop a song that rolls on without its
    clock; it is then theirs to start again, at its own tempo until the clock is back, until the
    source says Start, Stop, Continue or a position.

    While stopped the song stands, and pulses only keep the tempo right; the timeline then says
    where it would be if it started with the next pulse.
    Threads: as `Clock`. Real-time: yes.
    """

    def __init__(
        self,
        tempo_bpm: float,
        meters: MeterMap,
        on_clock_loss: OnClockLoss = OnClockLoss.CONTINUE,
        clock_offset_seconds: float = 0.0,
        follow_transport: bool = True,
        smoothing: Smoothing = Smoothing.NORMAL,
    ) -> None:
        tempo_bpm = clamped_tempo(tempo_bpm)
        self._tracker = PulseTracker(60.0 / (tempo_bpm * PULSES_PER_BEAT), smoothing)
        self._playhead = Playhead(armed=not follow_transport)
        self._timeline = Timeline(tempo_bpm)
        self._meters = meters
        self._on_clock_loss = on_clock_loss
        self._offset_seconds = clock_offset_seconds
        self._follow_transport = follow_transport
        self._is_ours = not follow_transport
        """Whether it is the performer who starts the song."""
        self._last_pulse_seconds = -math.inf
        self._last_sign_seconds: float | None = None
        self._silent = True
        self._poll_at_seconds: float | None = None
        self._stand_in: InternalClock | None = None
        self._returning = False
        self._ignored = 0

    @property
    def name(self) -> str:
        return "midi"

    @property
    def condition(self) -> ClockCondition:
        """`waiting`, `locking`, `locked`, `double clock?`, `clock gone, playing on` or
        `free`."""
        stand_in = self._stand_in  # once: another thread may read while it goes
        if stand_in is not None:
            return stand_in.condition
        state = self._tracker.lock
        if self._silent:
            state = ClockState.HOLDOVER if self._playhead.rolling else ClockState.WAITING
        return ClockCondition(state, WORDS.get(state, state.value))

    @property
    def timeline(self) -> Timeline:
        stand_in = self._stand_in
        return self._timeline if stand_in is None else stand_in.timeline

    @property
    def transport(self) -> Transport:
        stand_in = self._stand_in
        return (self._playhead if stand_in is None else stand_in).transport

    @property
    def ignored(self) -> int:
        """How many messages were not understood, or came where they mean nothing."""
        return self._ignored + self._playhead.ignored

    # what the port says

    def receive(self, message: bytes, arrival_seconds: float) -> Moves:
        """F8, FA, FB, FC, F2 and FE; anything else is counted in `ignored`."""
        kind = message[0] if message else 0
        sensing = is_active_sensing(message)
        if not math.isfinite(arrival_seconds) or not (sensing or is_clock_message(message)):
            self._ignored += 1
            return ()
        if sensing or self._last_sign_seconds is not None:
            self._sense(arrival_seconds)
        if sensing:
            return ()
        if kind == TIMING_CLOCK:
            return self._pulse(arrival_seconds)
        if not self._follow_transport:
            self._ignored += 1
            return ()
        self._is_ours = False
        self._take_back(arrival_seconds)
        return self._obey(kind, message, arrival_seconds)

    def _obey(self, kind: int, message: bytes, now: float) -> Moves:
        playhead = self._playhead
        if kind == STOP:
            return self._stop(now)
        if kind == START:
            return self._stand(playhead.start(), now)
        if kind == CONTINUE:
            playhead.continue_(now)
            return ()
        pulse = song_position(message) * PULSES_PER_STEP
        return self._stand(playhead.locate(pulse, now), now)

    def _pulse(self, arrival: float) -> Moves:
        playhead = self._playhead
        returned = self._meet(arrival)
        gap_seconds = arrival - self._last_pulse_seconds
        idle = not playhead.rolling and gap_seconds > self._tracker.silence_seconds
        pulses = self._tracker.pulse(arrival, first=playhead.armed or returned or idle)
        self._last_pulse_seconds = max(arrival, self._last_pulse_seconds)
        self._silent = False
        self._expect()
        move = playhead.pulse(1 if returned else pulses, arrival)
        if not playhead.rolling:
            self._stand(None, arrival)
            return ()
        missed = self._tracker.missed
        tick = (playhead.next_pulse - 1 + missed) * TICKS_PER_PULSE
        seconds = self._tracker.pulse_seconds + missed * self._tracker.period_seconds
        self._timeline = self._laid(tick, seconds)
        return () if move is None else (Move(move, tick, self._timeline.time_origin_seconds),)

    def _stop(self, now: float) -> Moves:
        playhead = self._playhead
        if playhead.rolling and not playhead.armed:
            if self._silent:
                playhead.next_pulse = first_pulse_from(self._timeline.tick_at(now))
            else:
                playhead.next_pulse += self._tracker.missed
        return self._stand(playhead.stop(), now)

    def _stand(self, move: MoveKind | None, now: float) -> Moves:
        """While stopped: lay the position on the next pulse that is expected, or on now."""
        if self._playhead.rolling:
            return ()
        tick = self._playhead.next_pulse * TICKS_PER_PULSE
        expected = self._tracker.pulse_seconds + self._tracker.period_seconds
        self._timeline = self._laid(tick, now if self._silent else expected)
        return () if move is None else (Move(move, tick, now),)

    def _laid(self, tick: int, time_seconds: float) -> Timeline:
        tempo_bpm = 60.0 / (self._tracker.period_seconds * PULSES_PER_BEAT)
        return Timeline(tempo_bpm, tick, time_seconds + self._offset_seconds)

    # what the port does not say

    def _sense(self, now: float) -> None:
        """Note active sensing: its source now owes a sign of life between pulses too."""
        self._last_sign_seconds = now
        if not self._silent:
            self._expect()

    def _expect(self) -> None:
        """Set the moment by which the next pulse, or another sign of life, has to come."""
        at_seconds = self._last_pulse_seconds + self._tracker.silence_seconds
        if self._last_sign_seconds is not None:
            at_seconds = min(at_seconds, self._last_sign_seconds + SENSING_SECONDS)
        self._poll_at_seconds = at_seconds

    @property
    def poll_at_seconds(self) -> float | None:
        return self._poll_at_seconds

    def poll(self, now_seconds: float) -> Moves:
        """Notice a clock that is gone: hold over; after four bars do as `on_clock_loss` says."""
        if self._poll_at_seconds is None or now_seconds < self._poll_at_seconds:
            return ()
        self._poll_at_seconds = None
        if not self._silent:
            self._silent = True
            self._last_sign_seconds = None
            if self._playhead.rolling:
                tick = self._meters.bars_later_tick(self._timeline.tick_origin, HOLDOVER_BARS)
                self._poll_at_seconds = max(now_seconds, self._timeline.time_at(tick))
            return ()
        if not self._playhead.rolling:
            return ()
        if self._on_clock_loss is OnClockLoss.INTERNAL:
            self.take_over(self._timeline)
        return self._give_up(now_seconds) if self._on_clock_loss is OnClockLoss.STOP else ()

    def _give_up(self, now: float) -> Moves:
        """Stop the song; a start that has been asked for still waits for the clock."""
        armed = self._playhead.armed
        stopped = self._stop(now)
        if self._follow_transport:
            self._playhead.armed = armed
            return stopped
        return stopped + self._stand(self._playhead.start(), now)

    def take_over(self, timeline: Timeline) -> None:
        """Let a stand-in lead the song from where it is, until the leader is heard again."""
        self._stand_in = InternalClock(timeline.tempo_bpm)
        self._stand_in.take_over(timeline)

    def _take_back(self, now: float) -> None:
        """The leader is back: it leads the song on from where the stand-in has brought it."""
        stand_in, self._stand_in = self._stand_in, None
        if stand_in is None:
            return
        self._timeline = stand_in.timeline
        self._playhead.transport = stand_in.transport
        self._returning = True
        if not self._playhead.armed:
            self._playhead.next_pulse = first_pulse_from(stand_in.tick_at(now))

    def _meet(self, now: float) -> bool:
        """Whether the song rolled on without its clock, which comes back with this pulse.

        The pulse is then taken for the one that is nearest to where the song is.
        """
        self._take_back(now)
        returning, self._returning = self._returning, False
        if not returning or self._playhead.armed or not self._playhead.rolling:
            return False
        tick = self._timeline.tick_at(now + self._offset_seconds)
        self._playhead.next_pulse = round(tick / TICKS_PER_PULSE)
        return True

    # what the performer asks: done where it is ours, and while we stand in

    def start(self, now_seconds: float) -> Moves:
        """From the top, on the next pulse; where its source is gone, at once."""
        self._stand_in_for_the_gone()
        if self._stand_in is not None:
            return self._stand_in.start(now_seconds)
        if not self._is_ours:
            return ()
        return self._stand(self._playhead.start(), now_seconds)

    def continue_(self, now_seconds: float) -> Moves:
        """From the position, on the next pulse; where its source is gone, at once."""
        self._stand_in_for_the_gone()
        if self._stand_in is not None:
            return self._stand_in.continue_(now_seconds)
        if self._is_ours:
            self._playhead.continue_(now_seconds)
        return ()

    @property
    def may_stop(self) -> bool:
        rolls_alone = self._silent and self._playhead.rolling
        return self._is_ours or rolls_alone or self._stand_in is not None

    def stop(self, now_seconds: float) -> Moves:
        """At once, where it may be."""
        return self.end(now_seconds) if self.may_stop else ()

    def end(self, now_seconds: float) -> Moves:
        """At once."""
        self._is_ours = True
        return (self._stop if self._stand_in is None else self._stand_in.stop)(now_seconds)

    def _stand_in_for_the_gone(self) -> None:
        """Lead a song that the performer has stopped because its source was gone, and still is."""
        stopped = self._follow_transport and self._is_ours and not self._playhead.rolling
        if stopped and self._silent and self._stand_in is None:
            tick = self._playhead.next_pulse * TICKS_PER_PULSE
            self._stand_in = InternalClock(self._timeline.tempo_bpm)
            self._stand_in.locate(tick, self._timeline.time_origin_seconds)

    def set_tempo(self, tempo_bpm: float, now_seconds: float) -> None:
        """Only while we lead, after a loss."""
        if self._stand_in is not None:
            self._stand_in.set_tempo(tempo_bpm, now_seconds)

    def tap(self, now_seconds: float) -> None:
        """Only while we lead, after a loss."""
        if self._stand_in is not None:
            self._stand_in.tap(now_seconds)

    def untap(self, now_seconds: float) -> None:
        """Only while we lead, after a loss."""
        if self._stand_in is not None:
            self._stand_in.untap(now_seconds)
