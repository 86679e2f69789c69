"""How well a network predicts people, on the clean protocol.

Every step of every held-out 4/4 file, from the first to the last, given all earlier steps of the
file: the state is carried through the whole file, nothing is shown twice and no step is free. The
negative log-likelihood is that of the full vector of nine lanes, in nats per step; accuracy is of
the full vector, F1 of the lanes struck in the likeliest vector.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import click
import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.encoding import MASK_LANES, MASKS, Floats, Integers
from polyrhythmia_live.training.performance import Performance

Probabilities = NDArray[np.float64]

PER_HIT = ("velocity", "microtiming", "articulation")


@dataclass(frozen=True, slots=True)
class Figures:
    """The clean protocol's figures; `*_nll` of a hit's details are in nats per hit."""

    steps: int
    hits: int
    nll: float
    perplexity: float
    accuracy: float
    f1: float
    velocity_nll: float
    microtiming_nll: float
    articulation_nll: float

    def __str__(self) -> str:
        return (
            f"{self.nll:.4f} nats/step (perplexity {self.perplexity:.3f}), "
            f"accuracy {self.accuracy:.4f}, F1 {self.f1:.4f} over {self.steps} steps; "
            f"per hit: velocity {self.velocity_nll:.4f}, microtiming {self.microtiming_nll:.4f}, "
            f"articulation {self.articulation_nll:.4f} nats over {self.hits} hits"
        )


class StepNetwork(Protocol):
    """What the live drummer runs: one step at a time, arrays without a batch axis."""

    def step(self, features: Floats, state: Floats) -> tuple[Floats, Floats, Floats]:
        """Logits of the masks (512,), the top hidden state, and the next state."""
        ...

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        """Velocity, microtiming and articulation logits (9, bins) of a mask's hits (9,)."""
        ...


def judge(network: StepNetwork, state_size: int, performances: Sequence[Performance]) -> Figures:
    """The clean protocol's figures for an exported network, fed as it is live.

    Shows its progress on stderr.
    """
    tally = Tally()
    with click.progressbar(performances, label="evaluating", file=sys.stderr) as shown:
        for performance in shown:
            _judge_one(tally, network, np.zeros(state_size, np.float32), performance)
    return tally.figures()


def _judge_one(tally: Tally, network: StepNetwork, state: Floats, performance: Performance) -> None:
    masks = performance.masks
    bins = performance.bins()
    all_logits = np.empty((len(masks), MASKS), np.float32)
    for step, features in enumerate(performance.features()):
        all_logits[step], top, state = network.step(features, state)
        if masks[step]:
            struck = MASK_LANES[masks[step]] > 0
            said = zip(PER_HIT, network.details(top, MASK_LANES[masks[step]]), strict=True)
            tally.add_details(
                {name: logits[struck] for name, logits in said},
                {name: bins[name][step][struck] for name in PER_HIT},
            )
    tally.add(all_logits, masks)


class Tally:
    """Adds up predictions and what was really played; `figures` at the end.

    Threads: one at a time.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._hits = 0
        self._nats = 0.0
        self._exact = 0
        self._shared_lanes = 0.0
        self._all_lanes = 0.0
        self._nats_per_hit = dict.fromkeys(PER_HIT, 0.0)

    def add(self, logits: Floats, masks: Integers) -> None:
        """Steps: (n, 512) logits against the n masks that were played."""
        played, guessed = MASK_LANES[masks], MASK_LANES[logits.argmax(axis=1)]
        self._steps += len(masks)
        self._nats -= float(log_softmax(logits)[np.arange(len(masks)), masks].sum())
        self._exact += int((logits.argmax(axis=1) == masks).sum())
        self._shared_lanes += float((played * guessed).sum())
        self._all_lanes += float(played.sum() + guessed.sum())

    def add_details(self, logits: dict[str, Floats], bins: dict[str, Integers]) -> None:
        """Hits: per detail of `PER_HIT`, (n, bins) logits against the n bins that were played."""
        self._hits += len(bins[PER_HIT[0]])
        for name in PER_HIT:
            rows = np.arange(len(bins[name]))
            self._nats_per_hit[name] -= float(log_softmax(logits[name])[rows, bins[name]].sum())

    def figures(self) -> Figures:
        """The figures so far; NaN where nothing was added."""
        nll = _ratio(self._nats, self._steps)
        per_hit = {name: _ratio(nats, self._hits) for name, nats in self._nats_per_hit.items()}
        return Figures(
            steps=self._steps,
            hits=self._hits,
            nll=nll,
            perplexity=math.exp(nll),
            accuracy=_ratio(self._exact, self._steps),
            f1=_ratio(2 * self._shared_lanes, self._all_lanes),
            velocity_nll=per_hit["velocity"],
            microtiming_nll=per_hit["microtiming"],
            articulation_nll=per_hit["articulation"],
        )


def log_softmax(logits: Floats) -> Probabilities:
    """Log probabilities along the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
