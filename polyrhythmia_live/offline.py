"""The live engine on a virtual clock: the same dispatcher and horizon, but unhurried."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.virtual import VirtualTimebase
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.drums.kit import Kit
from polyrhythmia_live.messages import Committed, Hello, Plan
from polyrhythmia_live.player.dispatcher import Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.rhythm.bar import Bar, Step
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.wires.memory import MemoryOutput


@dataclass(frozen=True, slots=True)
class Recording:
    """What was played: messages by tick from 0, and the steps they came from."""

    timeline: Timeline
    messages: tuple[tuple[int, bytes], ...]
    steps: tuple[Step, ...]


def perform(
    horizon: Horizon[Any],
    meters: MeterMap,
    groove: Bar,
    kit: Kit,
    tempo_bpm: float,
    bars: int,
    progress: Callable[[int], None] = lambda _steps: None,
) -> Recording:
    """Play `bars` bars from the top and record them.

    `progress` is told how many steps were played since it was told last. Deterministic: the same
    horizon (seed, controls, model) gives the same recording.
    """
    timebase = VirtualTimebase()
    memory = MemoryOutput(timebase.now, kit)
    reports: list[object] = []
    clock = InternalClock(tempo_bpm)
    ladder = Ladder(meters, groove, kick_and_hat(meters.meter_at(0)))
    player = Dispatcher(
        timebase, clock, (memory,), Ledger(), ladder, reports.append, autostart=True
    )
    end = meters.bar_line(bars)
    ring_out = 1 + math.ceil(kit.gate_ms / 1000 * tempo_bpm / 60 * PPQN / TICKS_PER_STEP)
    """Rests after the last bar, so that the last notes end by themselves."""
    steps: list[Step] = []
    player.inbox.put(Hello())
    while player.next_step < end + ring_out:
        player.turn()
        for report in reports:
            horizon.receive(report)
            if isinstance(report, Committed) and report.step.index < end:
                steps.append(report.step)
                progress(1)
        reports.clear()
        for plan in _plans(horizon):
            player.inbox.put(_ending(plan, end) if isinstance(plan, Plan) else plan)
    timeline = clock.timeline
    messages = tuple((timeline.tick_at(seconds), message) for seconds, message in memory.messages)
    return Recording(timeline, messages, tuple(steps))


def _plans(horizon: Horizon[Any]) -> Iterator[object]:
    while (plan := horizon.next_plan()) is not None:
        yield plan


def _ending(plan: Plan, end: int) -> Plan:
    """Nothing is played from step `end` on."""
    steps = (step if step.index < end else Step(step.index) for step in plan.steps)
    return Plan(plan.epoch, tuple(steps))
