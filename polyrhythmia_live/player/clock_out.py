"""MIDI clock out: pulses, Start, Stop, Continue and Song Position, for others to follow us by.

A pulse is every tick that is a multiple of `TICKS_PER_PULSE`, and falls where the timeline of its
moment puts it: nothing is added up, so nothing drifts. Our own clock and a clock that we follow are
passed on alike. The rules beside the MIDI specification are those that gear in the field needs:
pulses never rest, so that a tempo is known before the first beat; Start comes a
moment before the pulse of beat 0; Song Position comes only while stopped, and long before Continue.

A wire with a lookahead has the next pulses already when the transport changes. They are counted, so
they stay, and what the change has to say comes after them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.midi.base import (
    CONTINUE,
    DATA_MAX,
    SONG_POSITION,
    START,
    STOP,
    TIMING_CLOCK,
)
from polyrhythmia_live.rhythm.meter import (
    PPQN,
    TICKS_PER_PULSE,
    TICKS_PER_STEP,
    first_pulse_from,
    first_step_from,
)
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.wires.base import Wire

PULSE = bytes((TIMING_CLOCK,))
STOP_ALL = bytes((STOP,))

START_LEAD_SECONDS = 0.002
"""Start and Continue go out this long before the pulse that they are about."""

SPACING_SECONDS = 0.001
"""Between any two messages: gear takes Start and its pulse, or late pulses, one after the other."""

SETTLE_SECONDS = 0.2
"""What slow gear needs after Song Position before it can continue from there."""

STALL_TICKS = PPQN
"""Up to a beat of late pulses is caught up on; after more, followers are sent to the new place."""

SONG_POSITIONS = 1 << 14
"""Song Position is a number of 14 bits."""


UNTOLD = (-1, -math.inf)


@dataclass(frozen=True, slots=True)
class _Cue:
    """Start or Continue, due just before the pulse on `tick`."""

    message: bytes
    tick: int


class ClockOut:
    """The clock on one wire. `nonstop`: pulses also while the song stands.

    Beyond step 16,383 no Song Position can name the song's place, and none is sent: followers
    that stopped with us are continued from where they stand, and others are left alone.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, wire: Wire, nonstop: bool = True) -> None:
        self.wire = wire
        self._nonstop = nonstop
        self._rolling = False
        self._next_tick = 0
        """While rolling: the next pulse's."""
        self._cue: _Cue | None = None
        self._told = UNTOLD
        """The step that followers were sent to, and when, if they stand there still."""
        self._stopped = False
        """Whether followers were stopped, and not started since: no second Stop is for them."""
        self._followed = False
        """Whether followers were started for where the song is."""
        self._stands_at: int | None = None
        """While stopped: the tick of the pulse that followers will count next."""
        self._due_seconds = self._sent_seconds = -math.inf
        """When the last pulse was due, and when the last message goes out."""
        self._period_seconds = math.inf

    def begin(self, timeline: Timeline, transport: Transport, now_seconds: float) -> None:
        """Before the first pulse; a song that is under way is joined."""
        self._due_seconds = now_seconds
        if transport is Transport.ROLLING:
            self._rejoin(timeline, now_seconds)

    def move(self, move: Move, timeline: Timeline, now_seconds: float) -> None:
        """Pass on what became of the transport; `timeline` is the one after the move."""
        if move.kind is MoveKind.START:
            if self._rolling:
                self._stop(now_seconds)
            self._roll(move.tick, timeline, now_seconds)
            return
        if move.kind is MoveKind.STOP:
            self.stop(now_seconds)
        else:
            self._stands_at = None
        self._tell(first_step_from(move.tick), now_seconds)

    def stop(self, now_seconds: float) -> None:
        """Stop the followers, if they roll."""
        if self._rolling:
            self._stop(now_seconds)

    def rejoin(self, timeline: Timeline, now_seconds: float) -> None:
        """Take followers along that know nothing: to where the song is, or will be continued."""
        step, _ = self._told
        self._told, self._stopped, self._stands_at = UNTOLD, False, None
        if self._rolling:
            self._rejoin(timeline, now_seconds)
        else:
            self._tell(step, now_seconds)

    def deadline(self, timeline: Timeline) -> float | None:
        """When to hand over the next message, in seconds; None while there is none to come."""
        due_seconds = self._due(timeline)
        return None if due_seconds is None else self._deadline(due_seconds)

    def send_due(self, timeline: Timeline, now_seconds: float) -> None:
        """Hand over the next message if its deadline has come."""
        due_seconds = self._due(timeline)
        if due_seconds is None or self._deadline(due_seconds) > now_seconds:
            return
        moment_seconds = self._moment(due_seconds)
        if now_seconds - due_seconds > STALL_TICKS * timeline.seconds_per_tick:
            if not self._rolling:
                due_seconds = now_seconds
            elif _can_name(self._settled_step(timeline, now_seconds)):
                self._rejoin(timeline, now_seconds)
                return
        if self._cue is not None and self._cue.tick == self._next_tick:
            self._send(self._cue.message, max(now_seconds, moment_seconds))
            self._cue, self._told = None, UNTOLD
            self._followed, self._stopped = True, False
        else:
            self._send(PULSE, max(now_seconds, moment_seconds))
            self._pulsed(due_seconds, timeline)

    def _pulsed(self, due_seconds: float, timeline: Timeline) -> None:
        self._due_seconds = due_seconds
        self._period_seconds = TICKS_PER_PULSE * timeline.seconds_per_tick
        if self._rolling:
            self._next_tick += TICKS_PER_PULSE

    def _due(self, timeline: Timeline) -> float | None:
        """When the next pulse is due, with this wire's offset."""
        if self._rolling:
            return timeline.time_at(self._next_tick) + self.wire.offset_seconds
        if not self._nonstop:
            return None
        return timeline.time_at(self._idle_tick(timeline)) + self.wire.offset_seconds

    def _deadline(self, due_seconds: float) -> float:
        """When to hand over what the next pulse needs first."""
        return self._moment(due_seconds) - self.wire.lookahead_seconds

    def _moment(self, due_seconds: float) -> float:
        """When what the next pulse needs first goes out: a cue, or the pulse itself."""
        if self._cue is not None and self._cue.tick == self._next_tick:
            due_seconds -= START_LEAD_SECONDS
        return max(due_seconds, self._sent_seconds + SPACING_SECONDS)

    def _idle_tick(self, timeline: Timeline) -> int:
        """The timeline's first pulse that is not the one that was sent last.

        A follower lays its position anew at every pulse while it stands, so the ticks of a song
        that does not roll say nothing but where pulses fall.
        """
        period_seconds = TICKS_PER_PULSE * timeline.seconds_per_tick
        after_seconds = self._due_seconds + min(period_seconds, self._period_seconds) / 2
        after_tick = timeline.tick_at(after_seconds - self.wire.offset_seconds)
        return first_pulse_from(after_tick) * TICKS_PER_PULSE

    def _roll(self, tick: int, timeline: Timeline, now_seconds: float) -> None:
        """From `tick`; the pulses up to there go on as they were."""
        self._rolling = True
        self._next_tick = first = first_pulse_from(tick) * TICKS_PER_PULSE
        if self._nonstop:
            self._next_tick = min(first, self._idle_tick(timeline))
        if tick <= 0:
            self._cue = _Cue(bytes((START,)), 0)
        else:
            self._cue = self._continuation(tick, timeline, now_seconds)

    def _continuation(self, tick: int, timeline: Timeline, now_seconds: float) -> _Cue | None:
        """Continue, on the first step for which there is time to say where it is."""
        step = first_step_from(tick)
        told, told_seconds = self._told
        if step != told or self._step_seconds(step, timeline) < told_seconds + SETTLE_SECONDS:
            step = max(step, self._settled_step(timeline, now_seconds))
            self._tell(step, now_seconds)
        if _can_name(step):
            return _Cue(bytes((CONTINUE,)), step * TICKS_PER_STEP)
        if self._stands_at is not None and self._stands_at >= self._next_tick:
            return _Cue(bytes((CONTINUE,)), self._stands_at)
        return None

    def _step_seconds(self, step: int, timeline: Timeline) -> float:
        return timeline.time_at(step * TICKS_PER_STEP) + self.wire.offset_seconds

    def _settled_step(self, timeline: Timeline, now_seconds: float) -> int:
        """The first step that followers can be ready for if Song Position is sent now."""
        told_seconds = max(now_seconds, self._sent_seconds)
        ready_seconds = told_seconds + SETTLE_SECONDS - self.wire.offset_seconds
        return first_step_from(timeline.tick_at(ready_seconds) + 1)

    def _rejoin(self, timeline: Timeline, now_seconds: float) -> None:
        """After a hole that nobody could count over: stop, say where we are, and continue."""
        self._halt(now_seconds)
        self._cue, self._stands_at, self._followed = None, None, False
        self._due_seconds = max(now_seconds, self._due_seconds)
        tick = timeline.tick_at(now_seconds - self.wire.offset_seconds)
        self._roll(tick, timeline, now_seconds)

    def _stop(self, now_seconds: float) -> None:
        self._stands_at = self._next_tick if self._followed else None
        self._rolling = self._followed = False
        self._cue = None
        self._halt(now_seconds)

    def _halt(self, now_seconds: float) -> None:
        """Stop who may roll; of followers that were never heard of we know nothing."""
        if not self._stopped:
            self._send(STOP_ALL, now_seconds)
            self._stopped = True

    def _tell(self, step: int, now_seconds: float) -> None:
        """Send Song Position; not at the top, where Start says it, nor beyond its range."""
        self._told = (step, max(now_seconds, self._sent_seconds))
        if step > 0 and _can_name(step):
            self._send(bytes((SONG_POSITION, step & DATA_MAX, step >> 7)), now_seconds)

    def _send(self, message: bytes, at_seconds: float) -> None:
        self._sent_seconds = max(at_seconds, self._sent_seconds)
        self.wire.send_at(message, self._sent_seconds)


def _can_name(step: int) -> bool:
    """Whether Song Position reaches so far."""
    return step < SONG_POSITIONS
