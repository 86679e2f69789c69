"""The standbys: what a voice would play from the top, made before anybody starts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from polyrhythmia_live.drummer.base import Drummer, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.messages import Standby
from polyrhythmia_live.rhythm.bar import Step

STANDBY_BARS = 1
"""One bar is enough to start with: the plan has caught up long before its end."""
KEPT_STANDBYS = 3
"""A Start may have taken over a standby that was being replaced at that moment."""
CHUNK_STEPS = 8


@dataclass(slots=True)
class _Branch(Generic[StateT]):
    """A standby, and how much of it the player has."""

    serial: int
    take: Take[StateT]
    sent_steps: int = 0


class Standbys(Generic[StateT]):
    """Those of one voice, whose first bar ends at the step `end`.

    Threads: one at a time. Real-time: no.
    """

    def __init__(self, drummer: Drummer[StateT], voice: str, end: int) -> None:
        self.wanted = True
        """Whether the latest one is out of date."""
        self._drummer = drummer
        self._voice = voice
        self._end = end
        self._branches: list[_Branch[StateT]] = []
        self._serial = 0

    def take_over(self, serial: int | None) -> Take[StateT] | None:
        """The take that the player has started; None where it has started none of these."""
        taken = next((it.take for it in self._branches if it.serial == serial), None)
        self._branches = [it for it in self._branches if it.take is not taken]
        # A standby that has just begun must not be the next start too: the bar line makes the next.
        # Without one, the player may be a new one that has no standby yet.
        self.wanted = taken is None
        return taken

    def next(
        self,
        latest: Callable[[], StateT],
        played: Callable[[Take[StateT], int, int], tuple[Step, ...]],
    ) -> Standby | None:
        """The next chunk of one for the player; None when it has all.

        A new one begins with the `latest` state; `played` gives the steps of a take.
        """
        if self.wanted:
            self._serial += 1
            branch = _Branch(self._serial, Take(self._drummer, 0, latest()))
            self._branches = [*self._branches, branch][-KEPT_STANDBYS:]
            self.wanted = False
        if not self._branches:
            return None
        branch = self._branches[-1]
        if branch.sent_steps >= self._end:
            return None
        stop = min(self._end, branch.sent_steps + CHUNK_STEPS)
        steps = played(branch.take, branch.sent_steps, stop)
        branch.sent_steps = stop
        return Standby(self._voice, branch.serial, steps)
