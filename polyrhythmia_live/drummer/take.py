"""A take: what the drummer played, with the state before every step, so that it can be rewound.

The state before a step is all that the step depends on, beside what is asked of it. So going back
is forgetting, and going on again from there with the same controls gives the same notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Generic

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Drummer, Place, StateT
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter


class Take(Generic[StateT]):
    """Consecutive steps from `first_index` up to, but not including, `end_index`.

    Threads: one at a time. Real-time: no.
    """

    def __init__(self, drummer: Drummer[StateT], first_index: int, state: StateT) -> None:
        """An empty take that starts at a step in a state."""
        self.first_index = first_index
        self._drummer = drummer
        self._states = [state]
        self._hits: list[Hits] = []
        self._likelihoods: list[float | None] = []

    @property
    def end_index(self) -> int:
        """The first step that is not there yet."""
        return self.first_index + len(self._hits)

    def extend(
        self,
        place: Place,
        controls: ControlState,
        *,
        given: Hits | None = None,
        state: StateT | None = None,
    ) -> Hits:
        """Play the next step, from another `state` than the step before has left, if there is one.

        Where its hits are `given`, the drummer plays those, and goes on from them as from its own.
        Raises ValueError if `place` is not the next step.
        """
        if place.index != self.end_index:
            raise ValueError(f"the next step is {self.end_index}, got {place.index}")
        before = self._states[-1] if state is None else state
        hits, after = self._drummer.play(before, place, controls)
        likelihood = self._drummer.likelihood(after)
        if given is not None:
            hits, after, likelihood = given, self._drummer.feed(after, given), None
        self._hits.append(hits)
        self._states.append(after)
        self._likelihoods.append(likelihood)
        return hits

    def hits(self, index: int) -> Hits:
        """What was played at a step. Raises ValueError for a step that is not in the take."""
        return self._hits[self._offset(index, len(self._hits) - 1)]

    def likelihood(self, index: int) -> float | None:
        """How likely the drummer held it; None where it did not draw it. Raises as `hits`."""
        return self._likelihoods[self._offset(index, len(self._hits) - 1)]

    def state(self, index: int) -> StateT:
        """The state before a step, or after the last one. Raises ValueError as `hits`."""
        return self._states[self._offset(index, len(self._hits))]

    def rewind(self, index: int) -> None:
        """Forget the step and what came after it; beyond the end there is nothing to forget.

        Raises ValueError for a step before the take.
        """
        if index >= self.end_index:
            return
        kept = self._offset(index, len(self._hits))
        del self._hits[kept:]
        del self._likelihoods[kept:]
        del self._states[kept + 1 :]

    def observe(self, index: int, hits: Hits) -> bool:
        """Take in what really sounded at a step; True if it was not what the take has there.

        In that case the steps after it were played on a wrong belief, and are forgotten. Raises
        ValueError for a step that is not in the take.
        """
        offset = self._offset(index, len(self._hits) - 1)
        if self._hits[offset] == hits:
            return False
        self.rewind(index + 1)
        self._hits[offset] = hits
        self._likelihoods[offset] = None
        self._states[offset + 1] = self._drummer.feed(self._states[offset + 1], hits)
        return True

    def overhear(self, hits: Hits) -> None:
        """Take in all that sounds at the last step, what others play as well.

        Raises ValueError where the take has no step.
        """
        offset = self._offset(self.end_index - 1, len(self._hits) - 1)
        if self._hits[offset] != hits:
            self._hits[offset] = hits
            self._states[offset + 1] = self._drummer.overhear(self._states[offset + 1], hits)

    def forget_before(self, index: int) -> None:
        """Drop the steps before `index`, which can then no longer be rewound to."""
        dropped = min(max(index - self.first_index, 0), len(self._hits))
        del self._hits[:dropped]
        del self._likelihoods[:dropped]
        del self._states[:dropped]
        self.first_index += dropped

    def _offset(self, index: int, last: int) -> int:
        offset = index - self.first_index
        if not 0 <= offset <= last:
            raise ValueError(
                f"step {index} is not in the take {self.first_index}..{self.end_index}"
            )
        return offset


def solo(
    drummer: Drummer[StateT], controls: ControlState, *, meter: Meter, tempo_bpm: float, seed: int
) -> Iterator[Hits]:
    """What a drummer plays alone, when nobody turns a knob: from the top, a step a time, for ever.

    The same arguments always give the same hits.
    """
    state = drummer.start(seed)
    for index in count():
        hits, state = drummer.play(state, Place(index, meter, tempo_bpm), controls)
        yield hits
