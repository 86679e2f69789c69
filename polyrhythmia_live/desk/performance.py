"""A performance log, read: what was asked for, and what sounded as one song from bar 1."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from polyrhythmia_live.config import Head
from polyrhythmia_live.desk.performance_log import LOG_VERSION
from polyrhythmia_live.desk.plain import valued
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import DRUMS, Applied, Committed, Moved, Rung
from polyrhythmia_live.rhythm.bar import Hits, Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import carried, in_lane_order
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.swing import STRAIGHT, Swing
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

GAP_BARS = 4
"""A player that crashed comes back within so many bars; who is farther off went somewhere else."""

Event = Applied | Moved | Committed | Timeline


@dataclass(frozen=True, slots=True)
class Performance:
    """A log. `passed_over` counts the lines that were none, as one that was cut off."""

    head: Head
    events: tuple[Event, ...]
    passed_over: int

    @property
    def applied(self) -> tuple[Applied, ...]:
        return tuple(event for event in self.events if isinstance(event, Applied))

    @property
    def sounded(self) -> tuple[Committed, ...]:
        return tuple(event for event in self.events if isinstance(event, Committed))


@dataclass(frozen=True, slots=True)
class Take:
    """What sounded, as one song from step 0 without a gap: a step for each index, in order.

    `tempos` are (step, the tempo from there on, in quarter notes per minute), from step 0 on.
    """

    meters: MeterMap
    steps: tuple[Step, ...]
    tempos: tuple[tuple[int, float], ...]

    @property
    def bars(self) -> int:
        """How many bars it has, the last of which may not be whole."""
        return self.meters.bar_of(len(self.steps) - 1) + 1 if self.steps else 0

    @property
    def whole_bars(self) -> int:
        """How many of its bars were played to their end."""
        return self.meters.bar_of(len(self.steps))

    def excerpt(self, first_bar: int, end_bar: int) -> Take:
        """The bars from one up to, but not including, another; counted from 0."""
        first, end = self.meters.bar_line(first_bar), self.meters.bar_line(end_bar)
        bars = range(first_bar, min(end_bar, self.bars))
        tempos = [(max(0, step - first), bpm) for step, bpm in self.tempos if step < end]
        return Take(
            _map([self.meters.meter_at(self.meters.bar_line(bar)) for bar in bars]),
            tuple(replace(it, index=it.index - first) for it in self.steps[first:end]),
            tuple(one for one, later in pairwise([*tempos, (-1, 0.0)]) if one[0] != later[0]),
        )


def read_performance(path: Path) -> Performance:
    """The performance in a log. Raises ConfigError, in one line, for what is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    head = head_of(path, lines[0] if lines else b"")
    events: list[Event] = []
    epoch = passed_over = 0
    for text in lines[1:]:
        try:
            event = event_of(json.loads(text), epoch)
        except (ValueError, RecursionError):
            passed_over += bool(text)
            continue
        if isinstance(event, Moved):
            epoch = event.epoch
        if event is not None:
            events.append(event)
    return Performance(head, tuple(events), passed_over)


def take_of(performance: Performance) -> Take:
    """What sounded, from stretch to stretch.

    Where the song stood, stopped or went elsewhere, the next stretch begins at the next bar line,
    as far into its bar as it was. Where a player was lost, the steps that nobody played are rests.
    """
    meters = performance.head.meters
    bars: list[Meter] = []
    sounded: list[Step] = []
    tempos: list[tuple[int, float]] = []
    for stretch in _stretches(performance):
        first, last = min(stretch), max(stretch)
        line = meters.bar_line_at(first)
        at = sum(meter.bar_steps for meter in bars)
        sounded += [Step(0)] * (at - len(sounded))
        for step in range(line, last + 1):
            committed = stretch.get(step)
            sounded.append(Step(0) if committed is None else committed.step)
            if committed is not None and (not tempos or tempos[-1][1] != committed.tempo_bpm):
                tempos.append((at + step - line if tempos else 0, committed.tempo_bpm))
        numbers = range(meters.bar_of(first), meters.bar_of(last) + 1)
        bars += [meters.meter_at(meters.bar_line(bar)) for bar in numbers]
    steps = tuple(replace(step, index=index) for index, step in enumerate(sounded))
    return Take(_map(bars), steps, tuple(tempos))


class Stretch:
    """Steps of uninterrupted positions as they come, by index; a stop takes some back.

    What other voices played is in the first one's steps, where it fell.
    """

    def __init__(self, meters: MeterMap) -> None:
        self.steps: dict[int, Committed] = {}
        self._reach = meters.bars_later(0, GAP_BARS)
        self._last = -1
        self._since_move: set[int] = set()
        self._own: dict[int, Committed] = {}
        """The first voice's steps, as it played them."""
        self._beside: dict[int, dict[tuple[str, int], Hits]] = {}
        """What falls on each of them of other voices, by voice and step of theirs."""

    def take(self, event: Event) -> dict[int, Committed] | None:
        """Take an event in; the steps of the stretch that ended with it, where one did."""
        ended = None
        if isinstance(event, Moved):
            self._since_move.clear()
            self._beside.clear()
            if event.transport is Transport.STOPPED:
                self._take_back(event.step_index)
        elif isinstance(event, Committed) and event.voice != DRUMS:
            self._take_beside(event)
        elif isinstance(event, Committed):
            index = event.step.index
            again = index in self._since_move  # it was mixed anew
            if self.steps and not again and not 0 < index - self._last <= self._reach:
                ended, self.steps, self._last = self.steps, {}, -1
                self._own.clear()
            self._since_move.add(index)
            self._own[index] = event
            self._last = max(self._last, index)
            self._put_together(index)
        return ended

    def forget_before(self, index: int) -> None:
        """Drop the steps before one."""
        for steps in (self.steps, self._own, self._beside):
            for step in [step for step in steps if step < index]:
                del steps[step]

    def _take_beside(self, event: Committed) -> None:
        key, fallen = (event.voice, event.step.index), dict[int, Hits]()
        for index, hit in carried(event.step, event.own, NORMAL_TIME):
            fallen[index] = (*fallen.get(index, ()), hit)
        before = [index for index, beside in self._beside.items() if key in beside]
        for index in {*before, *fallen}:
            self._beside.setdefault(index, {})[key] = fallen.get(index, ())
            self._put_together(index)

    def _put_together(self, index: int) -> None:
        own, beside = self._own.get(index), self._beside.get(index)
        if own is not None:
            others = (hit for hits in (beside or {}).values() for hit in hits)
            hits = in_lane_order((*own.step.hits, *others)) if beside else own.step.hits
            self.steps[index] = replace(own, step=replace(own.step, hits=hits))

    def _take_back(self, first: int) -> None:
        self.steps = {index: step for index, step in self.steps.items() if index < first}
        self._last = max(self.steps, default=-1)


def _stretches(performance: Performance) -> list[dict[int, Committed]]:
    stretch = Stretch(performance.head.meters)
    ended = [stretch.take(event) for event in performance.events]
    return [steps for steps in (*ended, stretch.steps) if steps]


def _map(bars: list[Meter]) -> MeterMap:
    """The map of these bars' meters."""
    changes = [(bar, meter) for bar, meter in enumerate(bars) if bar == 0 or meter != bars[bar - 1]]
    return MeterMap(tuple(changes) or ((0, Meter()),))


def head_of(path: Path, text: bytes) -> Head:
    """What the first line of a log says. Raises ConfigError, in one line, for another one."""
    try:
        given = json.loads(text)
        version = given["performance"]
        head: Head | None = valued(Head, given) if version == LOG_VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(f"expected a performance log, got {path}") from None
    if head is None:
        raise ConfigError(
            f"{path} is a log of version {version}, and this polyrhythmia reads {LOG_VERSION}"
        )
    return head


def event_of(given: Any, epoch: int) -> Event | None:
    """What a line of a log says, in an epoch; None where it says something that we do not know.

    Raises ValueError for what is no line of a log.
    """
    event: Event | None = None
    if not isinstance(given, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - as of all that cannot be read
    if "hits" in given:
        return _committed(given, epoch)
    if "applied" in given:
        event = valued(Applied, given)
    elif "moved" in given:
        event = valued(Moved, given["moved"])
    elif "timeline" in given:
        event = valued(Timeline, given["timeline"])
    return event


def _committed(given: dict[str, Any], epoch: int) -> Committed:
    index, bpm = valued(int, given.get("step")), valued(float, given.get("bpm"))
    hits = valued(Hits, given["hits"])
    voice, rung = valued(str, given.get("voice", DRUMS)), valued(Rung, given.get("rung", 0))
    swing = valued(Swing, given["swing"]) if "swing" in given else STRAIGHT
    own = Ratio.parse(valued(str, given.get("own", str(NORMAL_TIME))))
    if index < 0 or bpm <= 0:
        raise ValueError("expected a step and a tempo")
    return Committed(voice, epoch, Step(index, hits, swing), rung, bpm, own=own)
