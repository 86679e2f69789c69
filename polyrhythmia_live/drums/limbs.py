"""Hands and feet: what a drummer strikes with which, and how much at once."""

from __future__ import annotations

from polyrhythmia_live.drums.lanes import DRUM_LANES, LANE, places

HANDS = 2

CLOSED_HAT, HAT_BY_HAND = places()["closed-hat"]
"""The lane of the hat, which a stick or the pedal closes, and its articulation by stick."""
_, HAT_BY_FOOT = places()["pedal-hat"]

BY_HAND = tuple(lane for lane in range(len(DRUM_LANES)) if lane not in (LANE["kick"], CLOSED_HAT))
"""The lanes that only a hand can strike: the kick is a foot's, and the closed hat may be."""
