"""What a drummer is, whatever plays inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the song a step stands, and what is asked of it there.

    `index` counts steps from the song's first bar line. `fill` is true inside a fill, `fill_soon`
    in the bar before one begins, `after_fill` in the bar after one. The lanes in `required` are
    struck and those in `forbidden` are not, whatever else is played there.
    """

    index: int
    meter: Meter
    tempo_bpm: float
    fill: bool = False
    fill_soon: bool = False
    after_fill: bool = False
    required: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()


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

    def keep(self, state: StateT) -> Mapping[str, Any]:
        """The state as plain arrays, by name, for a file."""
        ...

    def recall(self, arrays: Mapping[str, Any]) -> StateT:
        """The state that `keep` gave. Raises an exception of any kind for anything else."""
        ...
