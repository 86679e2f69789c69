"""Where the levels stood in each bar of a log, as far as its head and its commands say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.messages import Applied, Choose, Fire, Moved, NudgeLevel

_UNDONE = re.compile(r"undone: (?:back to )?(.+?)(?: again)?$")


class LevelsThen:
    """The levels by step, of what goes on. What a section, a groove or a rise moved no log has.

    Threads: one at a time. Real-time: no.
    """

    def __init__(self, controls: ControlState, genres: Sequence[str]) -> None:
        """`controls` are what the performance began with."""
        self._genres = genres
        self._changes: list[tuple[int, ControlState]] = [(0, controls)]

    def take(self, event: Applied | Moved) -> None:
        """Take an event in, in the order of the log."""
        _, controls = self._changes[-1]
        if isinstance(event, Moved):
            self._changes = [(0, controls)]
            return
        try:
            changed = self._after(event, controls)
        except (ValueError, IndexError, KeyError):
            return  # of another version, with other levels
        if changed != controls:
            self._changes.append((event.step, changed))

    def at(self, step: int) -> ControlState:
        """How they stood at a step."""
        return next(
            (controls for first, controls in reversed(self._changes) if first <= step),
            self._changes[0][1],
        )

    def forget_before(self, step: int) -> None:
        """Keep what holds from a step on."""
        later = [change for change in self._changes if change[0] > step]
        self._changes = [(0, self.at(step)), *later]

    def _after(self, event: Applied, controls: ControlState) -> ControlState:
        command = event.command
        if isinstance(command, Fire):
            return self._undone(event.words, controls) if command.name == "undo" else controls
        if command.name == "genre" and isinstance(command, Choose):
            return controls.with_genre(self._genres[command.index])
        if command.name == "genre" and isinstance(command, NudgeLevel):
            now = self._genres.index(controls.genre_name)
            return controls.with_genre(self._genres[now + command.presses])
        if isinstance(command, Choose):
            return controls.with_towards(self._genres[command.index])
        if command.name == "morph":
            share = command.moved(LEVELS["morph"], controls.morph)
            return controls if share is None else controls.with_morph(share)
        if command.name not in DRUMMER_LEVELS:
            return controls
        value = command.moved(LEVELS[command.name], getattr(controls, command.name))
        return controls if value is None else controls.with_level(command.name, value)

    def _undone(self, words: str, controls: ControlState) -> ControlState:
        """An undo says in words how it is again."""
        found = _UNDONE.match(words)
        if found is None:
            return controls
        name, _, value = found[1].partition(" ")
        if name in DRUMMER_LEVELS and value:
            return controls.with_level(name, LEVELS[name].read(value))
        return controls.with_genre(found[1]) if found[1] in self._genres else controls
