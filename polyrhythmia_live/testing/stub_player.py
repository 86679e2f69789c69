"""A player without time: it commits a step whenever it is asked."""

from __future__ import annotations

from typing import Any

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.drums.groove import kick_and_hat
from polyrhythmia_live.messages import DRUMS, Committed, Lead, Moved, Plan, Rung, Standby
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport


class StubPlayer:
    """Follows a horizon as the real player does, one step whenever asked."""

    def __init__(self, horizon: Horizon[Any], meters: MeterMap | None = None) -> None:
        self.horizon = horizon
        meters = meters or MeterMap()
        self.ladder = Ladder(meters, None, kick_and_hat(meters.meter_at(0)))
        self.epoch = 0
        self.next_step = 0
        self.tempo_bpm = 120.0
        self.sounded: list[Step] = []
        self.rungs: list[Rung] = []
        self.led: list[Lead] = []

    def move(self, step: int, transport: Transport, *, from_top: bool = False) -> None:
        self.epoch += 1
        self.next_step = step
        standby = self.ladder.take_standby() if from_top else None
        self.horizon.receive(Moved(DRUMS, self.epoch, step, transport, self.tempo_bpm, standby))

    def listen(self, chunks: int = 1000) -> list[Plan | Standby]:
        """Take over what the horizon has to say, at most so many messages."""
        messages: list[Plan | Standby] = []
        while len(messages) < chunks and (message := self.horizon.next_plan()) is not None:
            if isinstance(message, Lead):
                self.led.append(message)
                continue
            messages.append(message)
            if isinstance(message, Standby):
                self.ladder.prepare(message.serial, message.steps)
            elif message.epoch == self.epoch:
                self.ladder.plan(message.steps, self.next_step)
        return messages

    def play(self, steps: int, *, deaf: bool = False) -> list[Step]:
        """Commit so many steps; a deaf player does not hear the brain in between."""
        for _ in range(steps):
            if not deaf:
                self.listen()
            step, rung = self.ladder.step(self.next_step)
            self.next_step += 1
            self.sounded.append(step)
            self.rungs.append(rung)
            self.horizon.receive(Committed(DRUMS, self.epoch, step, rung, self.tempo_bpm))
        return self.sounded[-steps:]
