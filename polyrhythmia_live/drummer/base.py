"""What a drummer is, whatever plays inside it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill, from the step `first` up to, but not including, the bar line `end`."""

    first: int
    end: int


class Accent(enum.Enum):
    """How a fill arrives on the one after it."""

    USUAL = "usual"
    """The drummer filled unasked: as often as the style's people accent it."""
    ASKED = "asked"
    """The performer asked, and waits for it."""
    SURE = "sure"
    """It is struck whatever the style: an ending."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the song a step stands, and what is asked of it there.

    `index` counts steps from the song's first bar line. `fill` is the fill that the step belongs
    to; `fill_soon` is true in the bar before one begins, `after_fill` in the bar after one.
    `accent` is what is due where one arrives. The lanes in `required` are struck and those in
    `forbidden` are not, whatever else is played there. What is played in the `locked` lanes is not
    the drummer's to choose: it is the `given` hits, just as they are. Of these, the lanes of
    `others` are played by other hands. However little the style has for the lanes that are left,
    `least_hits` are due in them at a step, on average.
    """

    index: int
    meter: Meter
    tempo_bpm: float
    fill: Fill | None = None
    fill_soon: bool = False
    after_fill: bool = False
    accent: Accent | None = None
    required: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    given: Hits = ()
    others: frozenset[int] = frozenset()
    least_hits: float = 0.0

    def with_given(self, hits: Hits) -> Hits:
        """Hits of the other lanes, and those that are given: all of a step, in lane order."""
        if not self.locked:
            return hits
        own = (hit for hit in hits if hit.lane not in self.locked)
        return tuple(sorted((*own, *self.given), key=lambda hit: hit.lane))


class Drummer(Protocol[StateT]):
    """Plays one step at a time from an explicit, immutable state.

    The state is a value: keep one and go back to it (snapshot and restore are assignment).
    Threads: one at a time. Real-time: no.
    """

    genres: tuple[str, ...]
    """The styles the network was trained on, most data first."""

    def start(self, seed: int) -> StateT:
        """The state before the first step of a new performance."""
        ...

    def play(self, state: StateT, place: Place, controls: ControlState) -> tuple[Hits, StateT]:
        """Draw the hits of one step; the same arguments always give the same hits."""
        ...

    def feed(self, state: StateT, hits: Hits) -> StateT:
        """The state after a step on which `hits` sounded, whatever `play` had drawn.

        What conditions the future is what was emitted.
        """
        ...

    def overhear(self, state: StateT, hits: Hits) -> StateT:
        """The state after a step on which all these sounded, its own and what others played."""
        ...

    def likelihood(self, state: StateT) -> float | None:
        """How likely the drummer held what it drew at the last step, 0..1; None where it drew none.

        The odds are the learned ones, before a performer's levels or a form have bent them.
        """
        ...

    def reseed(self, state: StateT, seed: int) -> StateT:
        """The state of a drummer who knows the same, and from here on draws other lots."""
        ...

    def shifted(self, state: StateT, steps: int) -> StateT:
        """The state as if all that was played had been so many steps later in the song."""
        ...

    def keep(self, state: StateT) -> Mapping[str, Any]:
        """The state as plain arrays, by name, for a file."""
        ...

    def recall(self, arrays: Mapping[str, Any]) -> StateT:
        """The state that `keep` gave. Raises an exception of any kind for anything else."""
        ...
