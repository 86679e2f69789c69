"""The pitches of the Groove MIDI Dataset: which way to strike which lane each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from polyrhythmia_live.drums.lanes import places

_PITCHES = {
    "kick": (36,),
    "snare": (38,),
    "rimshot": (40,),
    "cross-stick": (37,),
    "closed-hat": (42, 22),
    "pedal-hat": (44,),
    "open-hat": (46, 26),
    "low-tom": (43, 58),
    "mid-tom": (47, 45),
    "high-tom": (50, 48),
    "crash": (49, 52, 55, 57),
    "ride": (51, 59),
    "ride-bell": (53,),
}

PITCH_MAP: Mapping[int, tuple[int, int]] = MappingProxyType(
    {pitch: place for name, place in places().items() for pitch in _PITCHES[name]}
)
"""Pitch -> (lane, articulation), for all 22 pitches of the Groove MIDI Dataset.

The dataset's drum module sends edges and rims as notes of their own (22 and 26 are hat edges, 58 a
tom rim); in General MIDI these pitches are undefined or something else, so they are read, never
sent.
"""
