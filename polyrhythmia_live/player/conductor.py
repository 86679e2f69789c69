"""What the performer asks of the clock: transport and tempo, and when exactly a song starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from polyrhythmia_live.clock.base import Clock, Move, MoveKind, Moves, TempoLeader
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.messages import ClockState, Command, Fire, LevelChange, Press, ShiftLevel
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport


@dataclass(frozen=True, slots=True)
class Upbeat:
    """What comes between asking for a song and its first tick.

    `lead_seconds` lets wires that play ahead of the clock be on time from the first hit.
    `even_pulses` waits for the moment from which the pulses that others follow go on evenly.
    `count_in` are the steps before the song's first one, at the top and not at a continuation.
    """

    lead_seconds: float = 0.0
    even_pulses: bool = False
    count_in: tuple[Hits, ...] = ()


AT_ONCE = Upbeat()

NUDGE_SECONDS = 0.005
RAMP_BARS = 8
FASTER = ShiftLevel("tempo", 10.0, bars=RAMP_BARS)
SLOWER = ShiftLevel("tempo", -10.0, bars=RAMP_BARS)
"""What the ramps' own keys ask for."""


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
        self._triggers: dict[str, Callable[[Fire, float], Moves | None]] = {
            "start": lambda _, now: self._start(now) or None,
            "stop": lambda _, now: clock.stop(now) or None,
            "play/stop": lambda _, now: self._play_stop(now) or None,
            "continue": lambda _, now: self._continue(now) or None,
            "tap": lambda tap, _: self._tap(tap.at_seconds),
            "untap": lambda _, now: self._untap(now),
            "accelerando": lambda _, now: self._change_tempo(FASTER, now),
            "ritardando": lambda _, now: self._change_tempo(SLOWER, now),
            "push": lambda it, now: self._nudge(-NUDGE_SECONDS, it.press, now),
            "pull": lambda it, now: self._nudge(NUDGE_SECONDS, it.press, now),
        }

    def obey(self, command: Command, now_seconds: float) -> Moves | None:
        """What becomes of the transport; None where the command changes nothing."""
        if isinstance(command, Fire):
            trigger = self._triggers.get(command.name)
            return None if trigger is None else trigger(command, now_seconds)
        if command.name == "tempo" and isinstance(command, LevelChange):
            return self._change_tempo(command, now_seconds)
        return None

    def turn_at(self, tick: int, tempo_bpm: float, now_seconds: float) -> bool:
        """Another tempo from a tick of the clock on; False where the tempo is not ours to say."""
        if self._leader is None:
            return False
        self._leader.turn_at(tick, tempo_bpm, now_seconds)
        return True

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

    def _play_stop(self, now_seconds: float) -> Moves:
        if self._clock.transport is Transport.ROLLING:
            return self._clock.stop(now_seconds)
        return self._start(now_seconds)

    def _continue(self, now_seconds: float) -> Moves:
        return self._clock.continue_(self._moment(self._position_tick, now_seconds))

    def _tap(self, at_seconds: float) -> Moves | None:
        """Nothing where another leads; every tap is heard, though not each changes the tempo."""
        self._clock.tap(at_seconds)
        free = self._clock.condition.state is ClockState.FREE
        return () if free or self._leader is not None else None

    def _untap(self, now_seconds: float) -> Moves | None:
        """Nothing where nothing was tapped."""
        before = self._clock.timeline
        self._clock.untap(now_seconds)
        return None if self._clock.timeline is before else ()

    def _moment(self, tick: int, now_seconds: float) -> float:
        """When the song can be at `tick` at the earliest."""
        earliest_seconds = now_seconds + self._upbeat.lead_seconds
        if not self._upbeat.even_pulses:
            return earliest_seconds
        timeline = self._clock.timeline
        then = timeline.tick_at(earliest_seconds)
        return timeline.time_at(then + (tick - then) % TICKS_PER_PULSE)

    def _change_tempo(self, change: LevelChange, now_seconds: float) -> Moves | None:
        tempo, leader, before = LEVELS["tempo"], self._leader, self._clock.timeline
        if leader is None:
            now_bpm = target_bpm = before.tempo_bpm
        else:
            target_bpm = leader.target_bpm
            now_bpm = target_bpm if change.bars else leader.tempo_bpm
        wanted_bpm = change.moved(tempo, now_bpm)
        if wanted_bpm is None or tempo.clamp(wanted_bpm) == now_bpm == target_bpm:
            return None
        tempo_bpm = tempo.clamp(wanted_bpm)
        if leader is None or not change.bars:
            self._clock.set_tempo(tempo_bpm, now_seconds)
        else:
            leader.ramp(tempo_bpm, self._bars_ticks(change.bars, now_seconds), now_seconds)
        return None if leader is None and self._clock.timeline is before else ()

    def _bars_ticks(self, bars: int, now_seconds: float) -> int:
        """How long the coming bars are."""
        tick = self._clock.timeline.tick_at(now_seconds)
        return self._meters.bars_later_tick(tick, bars) - tick

    def _nudge(self, seconds: float, press: Press, now_seconds: float) -> Moves | None:
        """A key shifts the song by so much; a pad goes on for as long as it is held.

        A song that stands is not shifted: nobody would hear it before the next one.
        """
        if self._leader is None:
            return None
        if press is Press.UP:
            seconds = 0.0
        elif self._clock.transport is Transport.STOPPED:
            return None
        elif press is Press.DOWN:
            seconds = math.copysign(math.inf, seconds)
        return () if self._leader.nudge(seconds, now_seconds) else None
