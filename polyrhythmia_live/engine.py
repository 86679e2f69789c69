"""The same engine with another clock: dispatcher and horizon in one process, on virtual time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.virtual import VirtualTimebase
from polyrhythmia_live.control.base import ControlState, consumer_of
from polyrhythmia_live.desk.performance import Stretch
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Command,
    Committed,
    Fire,
    Hello,
    Lead,
    Moved,
    Plan,
    Rung,
    SetLevel,
    Standby,
    Unchanged,
)
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.mixer import Mixer
from polyrhythmia_live.player.voice import Voice
from polyrhythmia_live.rhythm.bar import Bar, Hits, Step
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.wires.memory import MemoryWire


class Planner(Protocol):
    """Who tells the player what to play: an `Ensemble`, a lone `Horizon`, or a take again."""

    def receive(self, message: object) -> Applied | Unchanged | None:
        """Take a message in; a command that changed something is answered."""
        ...

    def next_plan(self) -> Plan | Standby | Lead | None:
        """The next message for the player; None when there is no more to say for now."""
        ...


class Engine:
    """What the processes do, without the pipes: a player, and a brain that answers at once.

    `wire` keeps every message with the clock's tick at which it was sent, `committed` every step
    that the brain was told of, `applied` every command that was obeyed. While `frozen`, the brain
    is told nothing and says nothing. `parts` are what voices beside the first one play. `groove`
    None = the ladder has no written groove to fall back on. Deterministic: the same horizon (seed,
    controls, model) and the same commands at the same moments give the same messages.
    Threads: one. Real-time: no.
    """

    def __init__(
        self,
        horizon: Planner,
        meters: MeterMap,
        groove: Bar | None,
        kit: Kit = GENERAL_MIDI,
        tempo_bpm: float = 120.0,
        parts: Sequence[Part] = (),
    ) -> None:
        self.horizon = horizon
        self.frozen = False
        self.committed: list[Committed] = []
        self.applied: list[Applied] = []
        self.timebase = VirtualTimebase()
        clock = InternalClock(tempo_bpm)
        self.wire = MemoryWire[int](lambda: clock.timeline.tick_at(self.timebase.now()))
        self._reports: list[object] = []
        self.voice = Voice(
            DRUMS,
            clock,
            Ladder(meters, groove, kick_and_hat(meters.meter_at(0))),
            (Route(self.wire, kit),),
            Ledger(),
            mixer=Mixer(tuple(LANE)),
        )
        self.player = Dispatcher(
            SimpleQueue(),
            self.timebase,
            clock,
            meters,
            (self.voice,),
            self._reports.append,
            parts=parts,
        )
        self.tell(Hello())

    def perform(self, *commands: Command) -> None:
        """Take commands, and all that follows from each at once; no time passes."""
        for command in commands:
            if consumer_of(command) is Consumer.BRAIN:
                applied = self.horizon.receive(command)
                if isinstance(applied, Applied):
                    self.applied.append(applied)
                self._settle()
            else:
                self.tell(command)

    def tell(self, message: object) -> None:
        """Hand the player a message, and let all happen that follows from it; no time passes."""
        self._put(message)
        self._settle()

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until_seconds = self.timebase.now() + seconds
        while self._next_deadline() <= until_seconds:
            self._turn()
        self.timebase.advance_to(until_seconds)

    def play_until(self, step_index: int) -> None:
        """Let time pass until this step is the next. Raises RuntimeError if the song stands."""
        while self.voice.next_step < step_index:
            self._turn()

    def _next_deadline(self) -> float:
        deadline = self.player.next_deadline()
        return math.inf if deadline is None else deadline

    def _put(self, message: object) -> None:
        self.player.inbox.put(message)
        self.player.turn()

    def _turn(self) -> None:
        """Do what is due next, and all that follows from it."""
        self.player.turn()
        self._settle()

    def _settle(self) -> None:
        """Reports to the horizon and plans to the player, until neither has more to say."""
        while not self.frozen:
            self._report()
            plan = self.horizon.next_plan()
            if plan is not None:
                self._put(plan)
            elif not self._reports:
                return

    def _report(self) -> None:
        reports = list(self._reports)
        self._reports.clear()
        for report in reports:
            self.horizon.receive(report)
            if isinstance(report, Committed):
                self.committed.append(report)
            elif isinstance(report, Applied):
                self.applied.append(report)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What was played: messages by tick from 0, and the steps they came from."""

    timeline: Timeline
    messages: tuple[tuple[int, bytes], ...]
    steps: tuple[Step, ...]


def record(
    horizon: Planner,
    meters: MeterMap,
    groove: Bar,
    kit: Kit,
    tempo_bpm: float,
    bars: int,
    progress: Callable[[int], None] = lambda _steps: None,
    parts: Sequence[Part] = (),
) -> Rendering:
    """Play `bars` bars from the top and record them; the last notes ring out.

    `progress` is told how many steps were played since it was told last. Where voices play `parts`
    beside the first one, what they play is in its steps, where it falls.
    """
    engine = Engine(horizon, meters, groove, kit, tempo_bpm, parts)
    engine.perform(Fire("start"))
    for bar in range(1, bars + 1):
        engine.play_until(meters.bar_line(bar))
        progress(meters.bar_line(bar) - meters.bar_line(bar - 1))
    _ring_out(engine, kit)
    stretch = Stretch(meters)
    for committed in engine.committed:
        stretch.take(committed)
    steps = tuple(stretch.steps[index].step for index in sorted(stretch.steps))
    return Rendering(engine.player.clock.timeline, tuple(engine.wire.messages), steps)


def _ring_out(engine: Engine, kit: Kit) -> None:
    """Let the last notes end, and play nothing more."""
    engine.frozen = True
    end, tempo_bpm = engine.voice.next_step, engine.player.clock.timeline.tempo_bpm
    ring_out = 1 + math.ceil(kit.gate_ms / 1000 * tempo_bpm / 60 * PPQN / TICKS_PER_STEP)
    for voice in engine.player.voices:
        faster = math.ceil(voice.position().tempo_bpm / tempo_bpm)
        first = voice.next_step
        rests = tuple(Step(index) for index in range(first, first + faster * (ring_out + 1)))
        engine.tell(Plan(voice.name, voice.epoch, rests))
    engine.play_until(end + ring_out)


class _Repeat:
    """Plans what was played before, bar by bar."""

    def __init__(self, steps: Sequence[Step], meters: MeterMap) -> None:
        self._steps = steps
        self._meters = meters
        self._epoch = self._planned = self._uncommitted = 0

    def receive(self, message: object) -> None:
        if isinstance(message, Moved):
            self._epoch = message.epoch
        elif isinstance(message, Committed):
            self._uncommitted = message.step.index + 1

    def next_plan(self) -> Plan | None:
        first, end = self._planned, self._meters.bars_later(self._uncommitted, 2)
        self._planned = min(end, len(self._steps))
        chunk = tuple(self._steps[first : self._planned])
        return Plan(DRUMS, self._epoch, chunk) if chunk else None


def repeat(
    steps: Sequence[Step], meters: MeterMap, tempos: Sequence[tuple[int, float]], kit: Kit
) -> tuple[tuple[int, bytes], ...]:
    """What a kit was sent, by tick from 0, when these steps were played; the last notes ring out.

    `steps` are all from step 0 on, in order; `tempos` (step, the tempo from there on). The same
    arguments always give the same messages.
    """
    engine = Engine(_Repeat(steps, meters), meters, None, kit, tempos[0][1])
    engine.perform(Fire("start"))
    for step, tempo_bpm in tempos[1:]:
        engine.play_until(step)
        engine.perform(SetLevel("tempo", tempo_bpm))
    engine.play_until(len(steps))
    _ring_out(engine, kit)
    return tuple(engine.wire.messages)


def unattended(
    drummer: Drummer[Any],
    controls: ControlState,
    *,
    meter: Meter,
    tempo_bpm: float,
    seed: int,
    fills: Sequence[int] = (),
) -> Iterator[Hits]:
    """What the brain plays when nobody turns a knob: from the top, a step a time, for ever.

    `fills` are the steps before which a fill is asked for. The same arguments always give the same
    hits, which are those that an `Engine` sends, without the standbys that a player wants.
    """
    epoch = 1
    horizon = Horizon(drummer, MeterMap.of(meter), controls, seed)
    horizon.receive(Moved(DRUMS, epoch, 0, Transport.ROLLING, tempo_bpm))
    to_come = set(fills)
    while isinstance(plan := horizon.next_plan(), Plan):
        for step in plan.steps:
            if step.index in to_come:
                to_come.remove(step.index)
                if horizon.receive(Fire("fill")) is not None:
                    break  # the rest of the plan was made without the fill
            yield step.hits
            horizon.receive(Committed(DRUMS, epoch, step, Rung.PLAN, tempo_bpm))
