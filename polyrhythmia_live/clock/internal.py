"""We lead: the tempo is the performer's, and the transport obeys at once."""

from __future__ import annotations

from polyrhythmia_live.clock.base import Move, MoveKind, Moves
from polyrhythmia_live.clock.tap import Taps
from polyrhythmia_live.clock.tempo_curve import TempoCurve
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE, first_pulse_from
from polyrhythmia_live.rhythm.timeline import (
    TEMPO_MAX_BPM,
    TEMPO_MIN_BPM,
    Timeline,
    Transport,
)

FREE = ClockCondition(ClockState.FREE, "free")


class InternalClock:
    """The leader; implements `TempoLeader` too. Tempos outside 20..320 bpm are clamped.

    While stopped the timeline carries only tempo and pulse; the position is that of the last move.
    Threads: as `Clock`. Real-time: yes.
    """

    def __init__(self, tempo_bpm: float) -> None:
        self._curve = TempoCurve(clamped_tempo(tempo_bpm))
        self._timeline = Timeline(self._curve.tempo_bpm)
        self._transport = Transport.STOPPED
        self._position_tick = 0
        self._next_pulse_tick = 0
        self._waiting_ramp: tuple[float, int] | None = None
        """A ramp that waits for the song to start: its tempo, and over how many ticks."""
        self._taps = Taps()
        self._other_bpm: float | None = None
        """The tempo that `untap` goes to."""

    @property
    def name(self) -> str:
        return "internal"

    @property
    def condition(self) -> ClockCondition:
        return FREE

    @property
    def ignored(self) -> int:
        """Always 0: a leader is sent nothing."""
        return 0

    @property
    def timeline(self) -> Timeline:
        return self._timeline

    @property
    def transport(self) -> Transport:
        return self._transport

    @property
    def tempo_bpm(self) -> float:
        return self._curve.tempo_bpm

    @property
    def target_bpm(self) -> float:
        waiting = self._waiting_ramp  # once: another thread may read while it goes
        return self._curve.target_bpm if waiting is None else waiting[0]

    @property
    def poll_at_seconds(self) -> float | None:
        """At the next pulse, while the tempo is on its way."""
        return self._bend_at_seconds

    @property
    def _bend_at_seconds(self) -> float | None:
        return self._timeline.time_at(self._next_pulse_tick) if self._curve.moving else None

    def receive(self, message: bytes, arrival_seconds: float) -> Moves:
        """Nothing: a leader follows nobody."""
        return ()

    def poll(self, now_seconds: float) -> Moves:
        """Take the tempo on by every pulse that has begun."""
        at_seconds = self._bend_at_seconds
        while at_seconds is not None and at_seconds <= now_seconds:
            self._timeline = self._curve.next_pulse(self._timeline, self._next_pulse_tick)
            self._next_pulse_tick += TICKS_PER_PULSE
            at_seconds = self._bend_at_seconds
        return ()

    def take_over(self, timeline: Timeline) -> None:
        """Roll on where another clock, or a process before this one, left off."""
        self._curve = TempoCurve(timeline.tempo_bpm)
        self._timeline = timeline
        self._transport = Transport.ROLLING

    def start(self, now_seconds: float) -> Moves:
        """Play from the top, now; also while rolling."""
        return self._roll_from(0, now_seconds)

    def continue_(self, now_seconds: float) -> Moves:
        """Play on from where the song stopped; nothing while rolling."""
        if self._transport is Transport.ROLLING:
            return ()
        return self._roll_from(self._position_tick, now_seconds)

    def stop(self, now_seconds: float) -> Moves:
        """Stop where the song is now; nothing while stopped."""
        if self._transport is Transport.STOPPED:
            return ()
        self._position_tick = max(0, self.tick_at(now_seconds))
        self._transport = Transport.STOPPED
        self._curve.end_ramp()
        return (Move(MoveKind.STOP, self._position_tick, now_seconds),)

    @property
    def may_stop(self) -> bool:
        """Always: it is ours."""
        return True

    def end(self, now_seconds: float) -> Moves:
        """As `stop`."""
        return self.stop(now_seconds)

    def locate(self, tick: int, now_seconds: float) -> Moves:
        """To a position, for the next `continue_`; nothing while rolling."""
        if self._transport is Transport.ROLLING:
            return ()
        self._position_tick = tick
        return (Move(MoveKind.LOCATE, tick, now_seconds),)

    def set_tempo(self, tempo_bpm: float, now_seconds: float) -> None:
        """Another tempo from now on; the position does not jump. It ends a ramp."""
        self._waiting_ramp = None
        self._curve.jump(clamped_tempo(tempo_bpm))
        self._timeline = self._timeline.at_tempo(self._curve.tempo_bpm, now_seconds)

    def ramp(self, tempo_bpm: float, ticks: int, now_seconds: float) -> None:
        """As `TempoLeader.ramp`; it begins with the next pulse that plays."""
        if self._transport is Transport.STOPPED:
            self._waiting_ramp = (clamped_tempo(tempo_bpm), ticks)
            return
        self._find_next_pulse(now_seconds)
        self._curve.begin_ramp(clamped_tempo(tempo_bpm), self._next_pulse_tick, ticks)

    def turn_at(self, tick: int, tempo_bpm: float, now_seconds: float) -> None:
        """As `TempoLeader.turn_at`; on the pulse that begins there, or the next one."""
        if self._transport is Transport.STOPPED:
            self.set_tempo(tempo_bpm, now_seconds)
            return
        self._find_next_pulse(now_seconds)
        self._curve.begin_ramp(clamped_tempo(tempo_bpm), tick - 1, 1)

    def nudge(self, seconds: float, now_seconds: float) -> bool:
        """As `TempoLeader.nudge`; it begins with the next pulse."""
        self._find_next_pulse(now_seconds)
        self._curve.nudge(seconds)
        return True

    def tap(self, now_seconds: float) -> None:
        """One tap on the beat; the tempo follows where they are even, the phase does not."""
        tempo_bpm = self._taps.tempo_bpm(now_seconds)
        if tempo_bpm is None:
            return
        if self._taps.is_first:
            self._other_bpm = self.tempo_bpm
        self.set_tempo(tempo_bpm, now_seconds)

    def untap(self, now_seconds: float) -> None:
        """Back to the tempo from before the taps, or to theirs again."""
        self._taps.forget()
        if self._other_bpm is not None:
            before_bpm = self.tempo_bpm
            self.set_tempo(self._other_bpm, now_seconds)
            self._other_bpm = before_bpm

    def tick_at(self, now_seconds: float) -> int:
        """Where the song is; while stopped, it stands."""
        if self._transport is Transport.STOPPED:
            return self._position_tick
        return self._timeline.tick_at(now_seconds)

    def _roll_from(self, tick: int, now_seconds: float) -> Moves:
        self._transport = Transport.ROLLING
        self._curve.end_ramp()
        self._timeline = Timeline(self._curve.tempo_bpm, tick, now_seconds)
        self._next_pulse_tick = first_pulse_from(tick) * TICKS_PER_PULSE
        if self._waiting_ramp is not None:
            tempo_bpm, ticks = self._waiting_ramp
            self._waiting_ramp = None
            self._curve.begin_ramp(tempo_bpm, self._next_pulse_tick, ticks)
        return (Move(MoveKind.START, tick, now_seconds),)

    def _find_next_pulse(self, now_seconds: float) -> None:
        if not self._curve.moving:
            pulse = first_pulse_from(self._timeline.tick_at(now_seconds) + 1)
            self._next_pulse_tick = pulse * TICKS_PER_PULSE


def clamped_tempo(tempo_bpm: float) -> float:
    """The nearest tempo that can be played."""
    return min(TEMPO_MAX_BPM, max(TEMPO_MIN_BPM, tempo_bpm))
