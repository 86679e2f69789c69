"""A network hears a performance as it would live, and what it expected is kept.

The only place that calls an exported network: whatever is measured afterwards is computed from
`Heard`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import HISTORY_STEPS, MASK_LANES, MASKS, Floats
from polyrhythmia_live.drummer.lstm.past import recollect
from polyrhythmia_live.drummer.lstm.runtime import Network, StepNetwork
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.training.data.features import features_of, past_of
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.metrics import PER_HIT


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network to be judged, called `name`, and the lengths of its state and of its keys."""

    name: str
    network: Network
    state_size: int
    key_size: int


def load_candidate(model: str | Path) -> Candidate:
    """An exported network, in the runtime that plays live; `model` is its name or its card's path.

    Raises CheckpointError for a network that cannot be loaded.
    """
    card = load_card(model)
    return Candidate(card.name, StepNetwork(card), card.state_size, card.key_size)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a network expected of a performance, given all of it before each step.

    `logits` is (steps, 512). `details` has, for each of `PER_HIT`, the logits (hits, bins) of
    every struck hit given the lanes of its step, in the order of
    `np.argwhere(performance.velocities)`.
    """

    performance: Performance
    logits: Floats
    details: dict[str, Floats]


def listen(candidate: Candidate, performance: Performance) -> Heard:
    """Hear one performance from its first step to its last, from a fresh state."""
    network = candidate.network
    state = np.zeros(candidate.state_size, np.float32)
    past = past_of(performance)
    rows = np.concatenate([past, np.zeros((len(past), candidate.key_size), np.float32)], axis=1)
    logits = np.empty((performance.steps, MASKS), np.float32)
    struck_logits: list[list[Floats]] = [[] for _ in PER_HIT]
    masks = performance.masks
    for step, features in enumerate(features_of(performance)):
        remembered = recollect(rows[step : step + HISTORY_STEPS], step, performance.meter)
        said = network.step(features, state, remembered, 0.0)
        logits[step], state = said.logits, said.next_state
        rows[step + HISTORY_STEPS, past.shape[1] :] = said.key
        if masks[step]:
            lanes = MASK_LANES[masks[step]]
            of_lanes = network.details(said.top, lanes)
            for kept, lane_logits in zip(struck_logits, of_lanes, strict=True):
                kept.append(lane_logits[lanes > 0])
    details = {
        name: np.concatenate(kept) if kept else np.empty((0, 1), np.float32)
        for name, kept in zip(PER_HIT, struck_logits, strict=True)
    }
    return Heard(performance, logits, details)
