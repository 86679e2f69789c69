"""All voices of the brain: the first one, which is led, and those that play along with it.

The first voice has the performer's whole attention: levels, cues, sections, memory. The others
play their lanes at the levels that it has, without fills and on a straight grid. They plan in the
order in which their steps fall, so each hears what the others play before it; where two fall
together, the first voice comes last, and plays to the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from polyrhythmia_live.brain.band import Band
from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.messages import Applied, Joined, Lead, Left, Plan, Standby, Unchanged
from polyrhythmia_live.rhythm.meter_map import MeterMap

SEED_MASK = (1 << 63) - 1


class Ensemble:
    """Feeds what arrives to the voices' horizons, and gives what they plan.

    `first` makes the first voice's horizon in a band. Threads: one at a time. Real-time: no.
    """

    def __init__(
        self,
        drummer: Drummer[Any],
        meters: MeterMap,
        seed: int,
        first: Callable[[Band], Horizon[Any]],
    ) -> None:
        self._drummer = drummer
        self._meters = meters
        self._seed = seed
        self._band = Band()
        self.first = first(self._band)
        self._others: dict[str, Horizon[Any]] = {}
        self._levels = _along(self.first.playing)

    @property
    def horizons(self) -> tuple[Horizon[Any], ...]:
        """Those that play along, and the first one after them."""
        return (*self._others.values(), self.first)

    def receive(self, message: object) -> Applied | Unchanged | None:
        """As `Horizon.receive`: commands are the first voice's."""
        if isinstance(message, Joined):
            self._join(message)
            return None
        if isinstance(message, Left):
            self._band.leave(message.voice, message.tick)
            self._others.pop(message.voice, None)
            self.first.think_again()
            return None
        answer = self.first.receive(message)
        for other in self._others.values():
            if getattr(message, "voice", None) == other.voice:
                other.receive(message)
        levels = _along(self.first.playing)
        if levels != self._levels:
            self._levels = levels
            for other in self._others.values():
                other.take_levels(levels)
        return answer

    def next_plan(self) -> Plan | Standby | Lead | None:
        """As `Horizon.next_plan`, of whoever comes next in the song."""
        if not self._others:
            return self.first.next_plan()

        def falls(it: Horizon[Any]) -> float:
            return self._band.song_tick(it.voice, it.planned_ticks)

        in_turn = sorted(self.horizons, key=falls)
        return next((plan for it in in_turn if (plan := it.next_plan(1)) is not None), None)

    def _join(self, joined: Joined) -> None:
        part = joined.part
        self._band.seat(part, joined.tick)
        self._others[part.name] = Horizon(
            self._drummer,
            self._meters if part.meter is None else MeterMap.of(part.meter),
            self._levels,
            (self._seed + zlib.crc32(part.name.encode())) & SEED_MASK,
            voice=part.name,
            band=self._band,
        )
        self.first.think_again()


def _along(controls: ControlState) -> ControlState:
    """The levels of those who play along."""
    straight = replace(controls, swing=LEVELS["swing"].low, swing8=LEVELS["swing8"].low)
    return replace(straight, fills=0.0)
