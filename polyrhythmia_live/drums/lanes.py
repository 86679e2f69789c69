"""Lanes: the rows of the pattern, and the ways to strike each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the pattern: a name and the ways to strike it, the plain one first."""

    name: str
    articulations: tuple[str, ...]


DRUM_LANES = (
    Lane("kick", ("kick",)),
    Lane("snare", ("snare", "rimshot", "cross-stick")),
    Lane("closed-hat", ("closed-hat", "pedal-hat")),
    Lane("open-hat", ("open-hat",)),
    Lane("low-tom", ("low-tom",)),
    Lane("mid-tom", ("mid-tom",)),
    Lane("high-tom", ("high-tom",)),
    Lane("crash", ("crash",)),
    Lane("ride", ("ride", "ride-bell")),
)
"""Nine lanes, thirteen articulations: all 22 pitches of the Groove MIDI Dataset, folded."""

LANE: Mapping[str, int] = MappingProxyType(
    {lane.name: index for index, lane in enumerate(DRUM_LANES)}
)
"""The lane of a name."""

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hats": ("closed-hat", "open-hat"),
        "hi-hats": ("closed-hat", "open-hat"),
        "toms": ("low-tom", "mid-tom", "high-tom"),
        "cymbals": ("crash", "ride"),
        "drums": tuple(LANE),
        "all": tuple(LANE),
    }
)
"""What people call several lanes at once."""

TOMS = (LANE["low-tom"], LANE["mid-tom"], LANE["high-tom"])


def places(lanes: Sequence[Lane] = DRUM_LANES) -> dict[str, tuple[int, int]]:
    """Where each articulation is: its lane, and its number within the lane, both from 0."""
    return {
        name: (lane_index, articulation)
        for lane_index, lane in enumerate(lanes)
        for articulation, name in enumerate(lane.articulations)
    }
