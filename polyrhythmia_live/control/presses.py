"""From the keys of one terminal to commands; and what to say of a key that is none."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from polyrhythmia_live.control.keys import HELP_KEY, Held, command_of, repeatable
from polyrhythmia_live.messages import Choose, Command, Snapshot

NEWS_SECONDS = 3.0
"""How long a screen shows what became of a key."""

NO_REMARK = ("", -math.inf)


class Presses:
    """Threads: one at a time."""

    def __init__(self, genres: Sequence[str]) -> None:
        self._genres = genres
        self._held = Held()
        self._remark = NO_REMARK
        """What there was to say about a key that is no command, and when that was pressed."""

    def command(self, key: str, at_seconds: float) -> Command | None:
        """What a key asks for, by its name in `keys`; None where that is nothing, or still held."""
        self.forget()
        command = command_of(key, at_seconds)
        if command is None:
            self.remark(f"{key} does nothing: {HELP_KEY} lists the keys", at_seconds)
            return None
        if isinstance(command, Choose) and command.index >= len(self._genres):
            self.remark(f"{key}: there are {len(self._genres)} genres", at_seconds)
            return None
        if self._held.repeats(key, at_seconds) and not repeatable(command):
            return None
        return command

    def remark(self, words: str, at_seconds: float) -> None:
        """Say something in the place of an answer, until there is one, or for a while."""
        self._remark = (words, at_seconds)

    def forget(self) -> None:
        """Another key is pressed."""
        self._remark = NO_REMARK

    def remarked(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot, with what there is to say about the latest key."""
        words, at_seconds = self._remark
        answered = snapshot.answers and snapshot.answers[0].command.at_seconds > at_seconds
        if answered or time.monotonic() - at_seconds > NEWS_SECONDS:
            return snapshot
        return replace(snapshot, remark=words)
