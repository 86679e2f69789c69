"""The mix: what of a voice is heard, and how loud. The music goes on whatever it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

AS_PLAYED = 1.0
"""The level at which a hit sounds as hard as it was played."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How one voice is mixed; lanes by their names.

    `silent`: nothing of it is heard. Where lanes are `soloed`, only those are heard; a `muted` lane
    is not, soloed or not. `level`, and of each lane that has its own `lane_levels`, are shares of
    the velocity, 1.0 = as played; they multiply.
    Threads: any; it is a value.
    """

    silent: bool = False
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    level: float = AS_PLAYED
    lane_levels: tuple[tuple[str, float], ...] = ()

    def hears(self, lane: str) -> bool:
        """Whether a lane is neither muted nor beside others' solos; its level may still be 0."""
        return not self.silent and lane not in self.muted and lane in (self.soloed or (lane,))

    def level_of(self, lane: str) -> float:
        """The level of a lane, or of the whole voice where it is empty."""
        return dict(self.lane_levels).get(lane, AS_PLAYED) if lane else self.level

    def share(self, lane: str) -> float:
        """What share of its velocity a lane sounds with; 0 = it does not sound."""
        return self.level * self.level_of(lane) if self.hears(lane) else 0.0

    def with_mute(self, lanes: Iterable[str], muted: bool) -> Mix:
        """With these lanes muted, or not; without lanes, the whole voice."""
        named = frozenset(lanes)
        if not named:
            return replace(self, silent=muted)
        return replace(self, muted=self.muted | named if muted else self.muted - named)

    def is_muted(self, lanes: Iterable[str]) -> bool:
        """Whether all of these lanes are muted; without lanes, the whole voice."""
        named = frozenset(lanes)
        return named <= self.muted if named else self.silent

    def with_solo(self, lanes: Iterable[str], soloed: bool) -> Mix:
        """With these lanes soloed beside those that are, or no more; without lanes, with none."""
        named = frozenset(lanes)
        if not named:
            return replace(self, soloed=named)
        return replace(self, soloed=self.soloed | named if soloed else self.soloed - named)

    def with_level(self, lane: str, level: float) -> Mix:
        """With a lane at a level, or the whole voice where it is empty."""
        if not lane:
            return replace(self, level=level)
        levels = {**dict(self.lane_levels), lane: level}
        kept = ((name, each) for name, each in sorted(levels.items()) if each != AS_PLAYED)
        return replace(self, lane_levels=tuple(kept))


UNMIXED = Mix()
"""All is heard as it is played."""
