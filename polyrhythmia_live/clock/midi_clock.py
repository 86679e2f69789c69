"""We follow: tempo and transport come from somebody else's MIDI clock.

Position is the count of pulses (`Playhead`), never derived from time; the tracker (`dll`) only
says when each pulse really was. Between two pulses the song stands where the timeline says.
"""

from __future__ import annotations

import math
from dataclasses import replace

from polyrhythmia_live.clock.base import ClockSwing, Move, MoveKind, Moves, OnClockLoss, Smoothing
from polyrhythmia_live.clock.dll import PulseTracker
from polyrhythmia_live.clock.echo import Echo, EchoWatch, Verdict
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
from polyrhythmia_live.rhythm.timeline import TEMPO_MIN_BPM, Timeline, Transport

PULSES_PER_STEP = TICKS_PER_STEP // TICKS_PER_PULSE

SENSING_SECONDS = 0.33
"""A source that sends active sensing says something at least every 300 ms, and 10 % for jitter."""

HOLDOVER_BARS = 4
"""How long the song plays on without its clock before `on_clock_loss` decides."""

RUN_AWAY = 0.1
"""A tempo that changes by this share may be that of an echo."""
LOOKS, LOOK_PULSES = 2, 4 * PULSES_PER_BEAT
"""What comes in is held against our own clock so often at least, so many pulses apart."""

WORDS = {
    ClockState.DOUBLED: "double clock?",
    ClockState.HOLDOVER: "clock gone, playing on",
    ClockState.ECHO: "our own clock comes back",
}
"""Two senders are a guess, so the words are a question; the other states are called by their names.
"""


class MidiClock:
    """The follower of one MIDI port.

    `tempo_bpm` counts until pulses say otherwise. `clock_offset_seconds` shifts everything by a
    constant (negative = earlier), for a source whose lateness no filter can see. `swing`: what is
    done where its pulses swing. `sends_clock`: it may be our own that comes in. Without
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
        swing: ClockSwing = ClockSwing.EVEN,
        sends_clock: bool = False,
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
        self._swings = swing is ClockSwing.FOLLOW
        self._last_pulse_seconds = -math.inf
        self._last_sign_seconds: float | None = None
        self._silent = True
        self._poll_at_seconds: float | None = None
        self._sends_clock = sends_clock
        self._echo: Echo | None = None
        self._echo_watch = EchoWatch()
        self._own_bpm = tempo_bpm
        self._followed = 0
        self._followed_bpm = tempo_bpm
        self._looks = 0
        """Pulses since what comes in was held against ours, its tempo a beat later, how often."""
        self._stand_in: InternalClock | None = None
        self._returning = False
        self._ignored = 0

    @property
    def name(self) -> str:
        return "midi"

    @property
    def condition(self) -> ClockCondition:
        """`waiting`, `locking`, `locked`, `double clock?`, `clock gone, playing on`, `free`,
        `too slow: ...` or `our own clock comes back`."""
        stand_in, echo = self._stand_in, self._echo  # once: another thread may read while they go
        if echo is not None and echo.proven:
            return ClockCondition(ClockState.ECHO, WORDS[ClockState.ECHO])
        if stand_in is not None:
            return stand_in.condition
        state = self._tracker.lock
        if self._silent:
            state = ClockState.HOLDOVER if self._playhead.rolling else ClockState.WAITING
        if state is ClockState.LOCKED and echo is not None and self._looks < LOOKS:
            state = ClockState.LOCKING
        if state is ClockState.OUT_OF_RANGE:
            return ClockCondition(state, self._range_words())
        return ClockCondition(state, WORDS.get(state, state.value))

    def _range_words(self) -> str:
        heard_bpm = 60.0 / (self._tracker.heard_seconds * PULSES_PER_BEAT)
        return f"too {'slow' if heard_bpm < TEMPO_MIN_BPM else 'fast'}: {heard_bpm:.1f} bpm"

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
        if self._echo is not None and self._echo.proven:
            return self._hear_echo(kind, arrival_seconds)
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
            return self._turned(playhead.start(), now)
        if kind == CONTINUE:
            playhead.continue_(now)
            return self._turned(None, now)
        pulse = song_position(message) * PULSES_PER_STEP
        sure = self._tracker.sure and not self._silent
        return self._turned(playhead.locate(pulse, now, sure), now)

    def _turned(self, move: MoveKind | None, now: float) -> Moves:
        """A song that rolls on until it jumps plays nothing from there on."""
        if not self._playhead.rolling:
            return self._stand(move, now)
        self._end_timeline(self._playhead.armed and not self._silent)
        return ()

    def _end_timeline(self, ends: bool) -> None:
        tick = (self._playhead.left_pulse + self._tracker.missed) * TICKS_PER_PULSE
        self._timeline = replace(self._timeline, end_tick=tick if ends else None)

    def _pulse(self, arrival: float) -> Moves:
        playhead = self._playhead
        own_bpm = self.timeline.tempo_bpm
        returned = self._meet(arrival)
        gap_seconds = arrival - self._last_pulse_seconds
        idle = not playhead.rolling and gap_seconds > self._tracker.silence_seconds
        pulses = self._tracker.pulse(arrival, first=playhead.armed or returned or idle)
        self._heard(arrival)
        move = playhead.pulse(1 if returned else pulses)
        began = self._sends_clock and gap_seconds > self._tracker.silence_seconds
        began = began and not (move is not None and self._follow_transport)
        began = began or (move is None and self._looks_again())
        if move is not None and not began:
            self._echo = None  # somebody wants it
        held = self._timeline
        self._lay_pulse(arrival)
        laid = self._timeline
        if began:
            self._hold_up(own_bpm, held)
        elif self._echo is not None:
            self._timeline = held
            self._judge_echo(self._echo, laid, arrival)
        if move is None:
            return ()
        return (Move(move, laid.tick_origin, self._timeline.time_origin_seconds),)

    def _heard(self, arrival: float) -> None:
        self._last_pulse_seconds = max(arrival, self._last_pulse_seconds)
        self._silent = False
        self._expect()

    def _lay_pulse(self, arrival: float) -> None:
        """Lay the timeline as the tracker has it with this pulse."""
        playhead = self._playhead
        if not playhead.rolling:
            self._stand(None, arrival)
            return
        missed = self._tracker.missed
        tick = (playhead.next_pulse - 1 + missed) * TICKS_PER_PULSE
        seconds = self._tracker.pulse_seconds + missed * self._tracker.period_seconds
        self._timeline = self._laid(tick, seconds, self._swings)

    # whether it is our own that comes back

    def _looks_again(self) -> bool:
        """Whether it is time to look once more: a busy machine may have hidden an echo.

        After a bar or so, and wherever the tempo has become another since; while the song stands,
        it costs nothing.
        """
        if not self._sends_clock or self._echo is not None:
            return False
        tempo_bpm = 60.0 / (self._tracker.heard_seconds * PULSES_PER_BEAT)
        self._followed += 1
        if self._followed <= PULSES_PER_BEAT:
            self._followed_bpm = tempo_bpm
        ran_away = abs(tempo_bpm / self._followed_bpm - 1.0) > RUN_AWAY
        again = ran_away or self._looks < LOOKS or not self._playhead.rolling
        return again and self._followed > LOOK_PULSES

    def _hold_up(self, own_bpm: float, before: Timeline) -> None:
        """Begin to hold what comes in against our own pulses, which go on at their tempo."""
        own = self._timeline if self._playhead.rolling else before
        period_seconds = 60.0 / (own_bpm * PULSES_PER_BEAT)
        self._looks += 1
        self._followed = 0
        followed = self._looks > 1
        self._echo = echo = Echo(own.time_origin_seconds, period_seconds, followed)
        self._hold(echo)

    def _hold(self, echo: Echo) -> None:
        """Keep our own pulses; while stopped, with the position on the next of them."""
        tick, seconds = self._timeline.tick_origin, self._timeline.time_origin_seconds
        if not self._playhead.rolling:
            seconds = echo.next_own_seconds(self._last_pulse_seconds)
        self._timeline = Timeline(60.0 / (echo.period_seconds * PULSES_PER_BEAT), tick, seconds)

    def _judge_echo(self, echo: Echo, laid: Timeline, arrival: float) -> None:
        verdict = echo.hear(arrival)
        if verdict is Verdict.FOLLOW:
            self._echo = None
            self._timeline = laid
            return
        if verdict is Verdict.MOVE:
            seconds = self._timeline.time_origin_seconds + echo.moved_seconds
            self._timeline = replace(self._timeline, time_origin_seconds=seconds)
        self._hold(echo)
        if verdict is Verdict.ECHO:
            self._lead(self._timeline.at_tempo(self._own_bpm, arrival))

    def _lead(self, timeline: Timeline) -> None:
        """Nobody leads but us: the song goes on at its own tempo, and is the performer's."""
        self._echo_watch = EchoWatch()
        self._playhead.armed = False
        if self._playhead.rolling:
            self.take_over(timeline)
        else:
            self._stand_in = InternalClock(timeline.tempo_bpm)

    def _hear_echo(self, kind: int, arrival: float) -> Moves:
        """An echo is no order; but it may end, and somebody may lead after all."""
        if kind != TIMING_CLOCK:
            self._ignored += 1
            return ()
        timeline = self.timeline
        period = TICKS_PER_PULSE * timeline.seconds_per_tick
        own = timeline.time_at(first_pulse_from(timeline.tick_at(arrival)) * TICKS_PER_PULSE)
        if self._echo_watch.goes_on(arrival, own, period):
            self._heard(arrival)
            return ()
        self._echo = None
        self._last_pulse_seconds = -math.inf
        return self._pulse(arrival)

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

    def _laid(self, tick: int, time_seconds: float, swings: bool = False) -> Timeline:
        """The song is at `tick` with an even pulse at a moment; or `swings` as the latest does."""
        tracker = self._tracker
        tempo_bpm = 60.0 / (tracker.period_seconds * PULSES_PER_BEAT)
        seconds = time_seconds + self._offset_seconds
        if not swings:
            return Timeline(tempo_bpm, tick, seconds)
        late, next_late = tracker.late_periods(), tracker.late_periods(1)
        seconds += late * tracker.period_seconds
        return Timeline(tempo_bpm, tick, seconds, stretch=1.0 + next_late - late)

    def _hold_over(self) -> None:
        """Roll on evenly, and past a jump that was told: the groove does not wait for a pulse."""
        timeline = self._timeline
        self._timeline = Timeline(
            timeline.tempo_bpm, timeline.tick_origin, timeline.time_origin_seconds
        )

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
        if self._echo is not None and self._echo.proven:
            self._echo, self._silent = None, True
            return ()
        self._echo, self._looks = None, 0
        if not self._silent:
            self._silent = True
            self._last_sign_seconds = None
            if self._playhead.rolling:
                self._hold_over()
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
        return self._turned(self._playhead.start(), now_seconds)

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
