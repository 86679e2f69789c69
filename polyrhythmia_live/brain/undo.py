"""The undo: what was asked for last, and how things stood before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic

from polyrhythmia_live.brain.bars import Bars
from polyrhythmia_live.brain.chart import Asked, Chart
from polyrhythmia_live.brain.locks import Lock, Locks
from polyrhythmia_live.brain.memory import NEVER, Done, Memory, Now, Refused
from polyrhythmia_live.control.base import (
    DRUMMER_LEVELS,
    LEADING,
    LEVELS,
    LOCKING,
    consumer_of,
)
from polyrhythmia_live.drummer.base import StateT
from polyrhythmia_live.messages import Command, Fire
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.meter_map import MeterMap

UNDONE_MAX = 64
"""How many things can be taken back."""

GESTURE_SECONDS = 1.5
"""A knob that is turned on within so long is turned once."""

HARMLESS = ("panic",)
"""What leaves nothing to be taken back."""

ABOUT_GROOVES = ("remember", "forget")

GENRES = ("genre", "towards", "morph")
"""What is about the genre, alone or in a mixture; in the order in which a mixture is asked for."""

COMES_IN = ("genre", "recall")
"""What cannot be taken back by asking for less once it sounds: who was there before comes again."""


@dataclass(frozen=True, slots=True)
class Before(Generic[StateT]):
    """How things stood before a command that holds from `step` on.

    `until` is the step from which on it is over, and not to be undone any more; None = never.
    `groove` is what a name meant, where the command was about a remembered groove.
    """

    command: Command
    step: int
    asked: Asked
    bars: Bars[StateT]
    locks: Mapping[int, Lock]
    state: StateT
    until: int | None = None
    groove: tuple[str, bytes | None] | None = None

    def awaits(self, name: str) -> bool:
        """Whether something of this trigger's, or level's, waited for its bar line."""
        waits = self.bars.coming if name == "recall" else self.asked.turn
        return name in COMES_IN and waits is not None


class Undo(Generic[StateT]):
    """The last things that were asked for, the latest last.

    Those that cannot be taken back are among them: nobody who asks for that means what was before.
    Threads: one at a time. Real-time: no.
    """

    def __init__(
        self, chart: Chart, memory: Memory[StateT], locks: Locks[StateT], meters: MeterMap
    ) -> None:
        self._chart = chart
        self._memory = memory
        self._locks = locks
        self._meters = meters
        self._done: deque[Before[StateT]] = deque(maxlen=UNDONE_MAX)

    def before(self, command: Command, state: StateT, step: int) -> Before[StateT]:
        """How things stand, in the drummer's `state` before a step, for `push`."""
        asked, bars, locks = self._chart.asked, self._memory.bars, self._locks.asked
        return Before(command, step, asked, bars, locks, state)

    def has_changed(self, before: Before[StateT]) -> bool:
        """Whether a start from the top would be other music than it was before."""
        return (
            self._chart.controls != before.asked.controls
            or self._memory.bars != before.bars
            or self._locks.asked != before.locks
        )

    def push(self, before: Before[StateT], step: int) -> None:
        """A command was obeyed, and holds from a step on."""
        command = before.command
        latest = self._done[-1] if self._done else None
        if _is_for_good(command):
            self._push_for_good(before)
        elif command.name == "now" or (before.awaits(command.name) and step <= before.step):
            self._came_at_once(step)
        elif command.name in ABOUT_GROOVES:
            self._done.append(replace(before, groove=self._memory.grooves.changed))
        elif latest is None or not _is_one_gesture(latest.command, command):
            self._done.append(replace(before, step=step, until=self._until(before, step)))
        elif isinstance(latest.command, type(command)):
            self._done[-1] = replace(latest, command=command)

    def pop(self, now: Now[StateT]) -> Done:
        """Take the last thing back. Raises Refused where that cannot be, or nothing is left."""
        while self._done:
            before = self._done.pop()
            if _is_for_good(before.command):
                again = "; again: what was before it" if self._done else ""
                raise Refused(f"undo: {before.command.name} cannot be taken back{again}")
            if before.until is None or now.step < before.until:
                return self._take_back(before, now)
        raise Refused("undo: nothing to take back")

    def leave_out(self, name: str, now: Now[StateT]) -> Done:
        """Take back the cues of a name, whatever was asked for since. Raises Refused for none."""
        if not self._chart.leave_out(name, now.step):
            raise Refused(f"undo: no {name} is to come")
        if name == "rise":
            self.forget_places()
        else:
            kept = [it for it in self._done if it.command.name != name]
            self._done = deque((_without(it, name, now.step) for it in kept), maxlen=UNDONE_MAX)
        return _undone(now.step, name)

    def forget_places(self) -> None:
        """The song is elsewhere: only levels can still be taken back."""
        kept = [
            it for it in self._done if it.command.name in DRUMMER_LEVELS or _is_for_good(it.command)
        ]
        self._done = deque(kept, maxlen=UNDONE_MAX)

    def _push_for_good(self, before: Before[StateT]) -> None:
        """Nothing of a place can be taken back any more where the song was led elsewhere."""
        command = before.command
        if command.name in LEADING:
            self.forget_places()
        if self._done and self._done[-1].command.name == command.name:
            self._done.pop()
        if command.name not in HARMLESS:
            self._done.append(before)

    def _take_back(self, before: Before[StateT], now: Now[StateT]) -> Done:
        name, asked = before.command.name, before.asked
        if name in DRUMMER_LEVELS:
            value = getattr(asked.controls, name)
            self._chart.put_back(name, value)
            return _undone(now.step, f"{name} {LEVELS[name].written(value)} again")
        if before.groove is not None:
            self._memory.grooves.put_back(*before.groove)
            return Done(now.step, NEVER, f"undone: {name} {before.groove[0]}")
        if name in COMES_IN and before.step < now.step:
            back = self._memory.back_to(asked.controls, before.state, now)
            return replace(back, words=f"undone: back to {asked.controls.genre_name}")
        if name in LOCKING:
            self._locks.take_back(before.locks)
        self._chart.take_back(asked, genre=name in GENRES)
        self._memory.bars = before.bars.come_in_before(now.step)
        if name in GENRES:
            return _undone(now.step, f"{asked.controls.genre_words} again")
        if name == "keep" and before.bars.kept is not None:
            return _undone(now.step, "keep is on again")
        word = before.command.word if isinstance(before.command, Fire) else ""
        return _undone(now.step, f"{name} {word}".strip())

    def _came_at_once(self, step: int) -> None:
        for number, before in reversed(list(enumerate(self._done))):
            if before.command.name in COMES_IN:
                self._done[number] = replace(before, step=step - 1)
                return

    def _until(self, before: Before[StateT], step: int) -> int | None:
        """From where on it is over: a cue that has sounded, a bar that was given."""
        if not isinstance(before.command, Fire):
            return None
        figures = self._chart.asked.phrase.figures
        if figures != before.asked.phrase.figures and before.command.name not in COMES_IN:
            return figures[-1].end
        if before.command.name in ("again", "back", "veto"):
            return self._meters.next_bar_line(step)
        return step + 1 if before.command.name == "fork" else None


def _without(before: Before[StateT], name: str, step: int) -> Before[StateT]:
    """What was before, with a cue left out: it is not to come back with another undo."""
    asked = before.asked
    return replace(before, asked=replace(asked, phrase=asked.phrase.without(name, step)))


def _undone(step: int, words: str) -> Done:
    return Done(step, step, f"undone: {words}")


def _is_for_good(command: Command) -> bool:
    """Whether a command cannot be taken back: the player has obeyed it, or the song was led on."""
    return command.name in LEADING or consumer_of(command) is Consumer.PLAYER


def _is_one_gesture(one: Command, next_: Command) -> bool:
    """Whether two commands are one turn of one knob, or of one line: `rock 60 jazz`."""
    if one.name in GENRES and next_.name in GENRES[GENRES.index(one.name) + 1 :]:
        return one.at_seconds == next_.at_seconds
    if one.name != next_.name or one.name not in (*DRUMMER_LEVELS, "morph"):
        return False
    return 0 <= next_.at_seconds - one.at_seconds < GESTURE_SECONDS
