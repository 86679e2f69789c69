"""Networks that need no training, and takes that need no recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import (
    ARTICULATIONS,
    LANES,
    MASK_LANES,
    MASKS,
    MICROTIMING_BINS,
    VELOCITY_BINS,
    Floats,
)
from polyrhythmia_live.drummer.lstm.past import Recollection
from polyrhythmia_live.drummer.lstm.runtime import Expectation, Pair
from polyrhythmia_live.judging.listening import Candidate
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance

FOUR_FOUR = Meter(4, 4)


class Indifferent:
    """Finds everything equally likely, counts steps in state and keys, keeps what it is shown."""

    key_size = 2

    def __init__(self) -> None:
        self.states: list[float] = []
        self.remembered: list[Recollection] = []
        self.inputs: list[Floats] = []

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float
    ) -> Expectation:
        self.states.append(float(state[0]))
        self.remembered.append(recollection)
        past = (recollection.keys, recollection.recalled, recollection.played)
        self.inputs.append(np.concatenate([features, *(part.ravel() for part in past)]))
        return Expectation(
            logits=np.zeros(MASKS, np.float32),
            top=np.zeros(4, np.float32),
            next_state=state + 1,
            key=np.full(self.key_size, state[0] + 1, np.float32),
        )

    def both(
        self, features: Pair, states: Pair, recollection: Recollection, stability: float
    ) -> tuple[Expectation, Expectation]:
        (one, other), (state, other_state) = features, states
        return (
            self.step(one, state, recollection, stability),
            self.step(other, other_state, recollection, stability),
        )

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        bins = (VELOCITY_BINS, MICROTIMING_BINS, ARTICULATIONS)
        velocity, microtiming, articulation = (np.zeros((LANES, n), np.float32) for n in bins)
        return velocity, microtiming, articulation


class LaneTeller(Indifferent):
    """Says of every hit of a lane that its velocity is in the bin of the lane's number."""

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        velocity, microtiming, articulation = super().details(top, mask)
        velocity[np.arange(LANES), np.arange(LANES)] = 50.0
        return velocity, microtiming, articulation


def candidate(network: Indifferent, state_size: int = 1) -> Candidate:
    return Candidate("indifferent", network, state_size, network.key_size)


def take(
    masks: Sequence[int],
    *,
    velocity: int = 100,
    late_ticks: int = 0,
    genre: str = "rock",
    split: str = "validation",
    tempo_bpm: float = 120.0,
    meter: Meter = FOUR_FOUR,
    fill: bool = False,
    name: str = "take.mid",
) -> Performance:
    """A take of these masks, with silence up to the bar line; every hit is struck alike."""
    rest = -len(masks) % meter.bar_steps
    struck = MASK_LANES[[*masks, *[0] * rest]].astype(np.int16)
    return Performance(
        name=name,
        split=split,
        genre=genre,
        style=genre,
        tempo_bpm=tempo_bpm,
        meter=meter,
        fills=np.full(len(struck), fill),
        velocities=struck * velocity,
        microtimings_ticks=struck * late_ticks,
        articulations=np.zeros_like(struck),
    )


BACKBEAT = [1, 0, 4, 0, 6, 0, 4, 0, 1, 0, 5, 0, 6, 0, 4, 0]
"""A bar of kick, snare and hats."""
