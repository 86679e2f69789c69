"""The locks: lanes that are played as they were, while the rest is played to them.

A locked lane is given: each bar has, note for note, what it had in the bar that sounded when it was
locked. The drummer's own fills are played on the other lanes. What the performer asks for after it
goes before it for as long as it lasts: a fill takes every lane, a break or a crash those that it
names; then the lane is there again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic

from polyrhythmia_live.drummer.base import Place, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import Fire, Locked
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.meter_map import MeterMap

Pattern = tuple[Hits, ...]
"""What a lane has in each step of a bar."""

NAMES = tuple(LANE)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lane locked to the bar from `source` up to, but not including, `line`, where it begins.

    `pattern` None = that bar has not sounded to its end. It holds up to the step `end`, None = for
    good.
    """

    source: int
    line: int
    pattern: Pattern | None = None
    end: int | None = None

    def holds(self, step: int, take: Take[Any] | None) -> bool:
        """Whether it holds at a step that comes next: once it is settled, in any bar."""
        if self.end is not None and step >= self.end:
            return False
        if self.pattern is not None:
            return True
        return take is not None and take.first_index <= self.source and step >= self.line

    def hits(self, lane: int, step_in_bar: int, take: Take[Any] | None) -> Hits:
        """What the lane has there; nothing beyond the end of a shorter bar."""
        if step_in_bar >= self.line - self.source:
            return ()
        if self.pattern is not None:
            return self.pattern[step_in_bar]
        return () if take is None else _in_lane(take.hits(self.source + step_in_bar), lane)

    def settled(self, lane: int, take: Take[Any]) -> Lock:
        steps = range(self.source, self.line)
        return replace(self, pattern=tuple(_in_lane(take.hits(step), lane) for step in steps))


class Locks(Generic[StateT]):
    """Those of one voice. Steps are the voice's; `step` is the first one nothing is heard of yet.

    Threads: one at a time. Real-time: no.
    """

    def __init__(self, meters: MeterMap) -> None:
        self._meters = meters
        self._locks: dict[int, Lock] = {}

    def said(self, voice: str) -> Locked:
        """The lanes that are locked, or are to be."""
        return Locked(voice, tuple(NAMES[lane] for lane in sorted(self._lasting())))

    def obey(self, command: Fire, step: int, rolling: bool, take: Take[StateT]) -> int | None:
        """Take a command in; the step from which it holds, None where it changes nothing."""
        lanes = [LANE[name] for name in command.word.split() or NAMES if name in LANE]
        if command.name == "unlock":
            return step if self._unlock(lanes) else None
        if command.name == "lock":
            return self._lock(lanes, step, take) if rolling else None
        if command.name == "regenerate" and rolling:
            others = self._lock([lane for lane in LANE.values() if lane not in lanes], step, take)
            line = self._meters.first_bar_line_from(step)
            return line if self._unlock_at(lanes, line) and others is None else others
        return None

    def given(self, place: Place, asked: frozenset[int], take: Take[StateT] | None) -> Place:
        """The place of the step that a take has next, with what is given there.

        `asked` are lanes that are asked for otherwise. `take` None = the song's next start.
        """
        at = self._meters.step_in_bar(place.index)
        hits: Hits = ()
        lanes = []
        for lane, lock in self._locks.items():
            if lane not in asked and lock.holds(place.index, take):
                lanes.append(lane)
                hits += lock.hits(lane, at, take)
        return replace(place, locked=frozenset(lanes), given=hits) if lanes else place

    def settle(self, step: int, take: Take[StateT]) -> None:
        """Keep what sounded in the bars that are over at a step, and drop the locks that are."""
        for lane, lock in list(self._locks.items()):
            lost = lock.pattern is None and take.first_index > lock.source
            if lost or (lock.end is not None and lock.end <= step):
                del self._locks[lane]
            elif lock.pattern is None and lock.line <= step:
                self._locks[lane] = lock.settled(lane, take)

    def jumped(self) -> None:
        """The song is elsewhere: a bar that was to be locked never sounds to its end."""
        lasting = self._lasting()
        self._locks = {lane: lock for lane, lock in lasting.items() if lock.pattern is not None}

    @property
    def asked(self) -> Mapping[int, Lock]:
        """All that was asked for, to take it up again by `take_back`."""
        return dict(self._locks)

    def take_back(self, asked: Mapping[int, Lock]) -> None:
        """Let hold what held when it was `asked`."""
        self._locks = dict(asked)

    def kept(self) -> dict[str, Pattern]:
        """The patterns that are locked, by their lanes' names, for a file."""
        return {
            NAMES[lane]: lock.pattern
            for lane, lock in sorted(self._lasting().items())
            if lock.pattern is not None
        }

    def restore(self, kept: Mapping[str, Pattern]) -> None:
        """Lock what `kept` gave, from wherever the song goes on."""
        self._locks = {LANE[name]: Lock(0, len(pattern), pattern) for name, pattern in kept.items()}

    def _lock(self, lanes: Iterable[int], step: int, take: Take[StateT]) -> int | None:
        """Lock lanes that are not yet to the bar that sounds, or to the next where it is not known.

        A song that was just begun elsewhere knows only the end of its bar.
        """
        lasting = self._lasting()
        new = [lane for lane in lanes if lane not in lasting]
        if not new:
            return None
        source = self._meters.bar_line_at(max(0, step - 1))
        if take.first_index > source:
            source = self._meters.next_bar_line(source)
        line = self._meters.next_bar_line(source)
        self._locks |= {lane: Lock(source, line) for lane in new}
        return line

    def _lasting(self) -> dict[int, Lock]:
        """Those that are not about to end."""
        return {lane: lock for lane, lock in self._locks.items() if lock.end is None}

    def _unlock_at(self, lanes: Iterable[int], line: int) -> bool:
        """Let locks end at a bar line; whether there were any."""
        ending = {lane: lock for lane, lock in self._lasting().items() if lane in lanes}
        self._locks |= {lane: replace(lock, end=line) for lane, lock in ending.items()}
        return bool(ending)

    def _unlock(self, lanes: Sequence[int]) -> bool:
        locked = [lane for lane in lanes if lane in self._locks]
        for lane in locked:
            del self._locks[lane]
        return bool(locked)


def _in_lane(hits: Hits, lane: int) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.lane == lane)
