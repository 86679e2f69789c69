"""What the performer asks of the clock: transport and tempo, and when exactly a song starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from polyrhythmia_live.clock.base import Clock, Move, MoveKind, Moves, TempoLeader
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.messages import (
    Continue,
    Nudge,
    NudgeTempo,
    SetTempo,
    Start,
    StartStop,
    Stop,
    Tap,
)
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport


@dataclass(frozen=True, slots=True)
class Upbeat:
    """What comes between asking for a song and its first tick.

    `lead_seconds` lets outputs that play ahead of the clock be on time from the first hit.
    `even_pulses` waits for the moment from which the pulses that others follow go on evenly.
    `count_in` are the steps before the song's first one, at the top and not at a continuation.
    """

    lead_seconds: float = 0.0
    even_pulses: bool = False
    count_in: tuple[Hits, ...] = ()


AT_ONCE = Upbeat()


class Conductor:
    """Obeys the performer as far as the clock lets it: a follower obeys its own leader.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, clock: Clock, meters: MeterMap, upbeat: Upbeat = AT_ONCE) -> None:
        self._clock = clock
        self._leader = clock if isinstance(clock, TempoLeader) else None
        self._meters = meters
        self._upbeat = upbeat
        self._position_tick = 0
        self._actions: dict[type, Callable[..., Moves | None]] = {
            Start: lambda _, now: self._start(now),
            Stop: lambda _, now: clock.stop(now),
            Continue: lambda _, now: clock.continue_(self._moment(self._position_tick, now)),
            StartStop: self._start_stop,
            SetTempo: self._set_tempo,
            NudgeTempo: self._nudge_tempo,
            Nudge: self._nudge,
            Tap: lambda it, _: clock.tap(it.time_seconds),
        }

    @property
    def leads(self) -> bool:
        """Whether the song is ours to stop."""
        return self._leader is not None

    def obey(self, command: object, now_seconds: float) -> Moves:
        """What becomes of the transport; a message that is not for the clock is left alone."""
        action = self._actions.get(type(command))
        return () if action is None else action(command, now_seconds) or ()

    def moved(self, move: Move) -> None:
        """Keep in mind where a stopped song will be continued."""
        if move.kind is not MoveKind.START:
            self._position_tick = move.tick

    def _start(self, now_seconds: float) -> Moves:
        at_seconds = self._moment(0, now_seconds)
        if self._leader is not None:
            count_in = Timeline(self._leader.tempo_bpm)
            at_seconds += count_in.time_at(len(self._upbeat.count_in) * TICKS_PER_STEP)
        return self._clock.start(at_seconds)

    def _start_stop(self, _: StartStop, now_seconds: float) -> Moves:
        if self._clock.transport is Transport.ROLLING:
            return self._clock.stop(now_seconds)
        return self._start(now_seconds)

    def _moment(self, tick: int, now_seconds: float) -> float:
        """When the song can be at `tick` at the earliest."""
        earliest_seconds = now_seconds + self._upbeat.lead_seconds
        if not self._upbeat.even_pulses:
            return earliest_seconds
        timeline = self._clock.timeline
        then = timeline.tick_at(earliest_seconds)
        return timeline.time_at(then + (tick - then) % TICKS_PER_PULSE)

    def _set_tempo(self, order: SetTempo, now_seconds: float) -> None:
        tempo_bpm, leader = LEVELS["tempo"].clamp(order.tempo_bpm), self._leader
        if leader is None or order.bars == 0:
            self._clock.set_tempo(tempo_bpm, now_seconds)
        else:
            leader.ramp(tempo_bpm, self._bars_ticks(order.bars, now_seconds), now_seconds)

    def _nudge_tempo(self, nudge: NudgeTempo, now_seconds: float) -> None:
        tempo, leader = LEVELS["tempo"], self._leader
        if leader is None:
            tempo_bpm = tempo.nudged(self._clock.timeline.tempo_bpm, nudge.presses)
            self._clock.set_tempo(tempo_bpm, now_seconds)
        elif nudge.bars == 0:
            self._clock.set_tempo(tempo.nudged(leader.tempo_bpm, nudge.presses), now_seconds)
        else:
            tempo_bpm = tempo.nudged(leader.target_bpm, nudge.presses)
            leader.ramp(tempo_bpm, self._bars_ticks(nudge.bars, now_seconds), now_seconds)

    def _bars_ticks(self, bars: int, now_seconds: float) -> int:
        """How long the coming bars are."""
        tick = self._clock.timeline.tick_at(now_seconds)
        return self._meters.bars_later_tick(tick, bars) - tick

    def _nudge(self, nudge: Nudge, now_seconds: float) -> None:
        if self._leader is not None:
            self._leader.nudge(nudge.seconds, now_seconds)
