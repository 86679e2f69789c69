"""The figures by which training chooses, on the clean protocol.

Every step of every held-out 4/4 file, from the first to the last, given all earlier steps of the
file: the state is carried through the whole file, nothing is shown twice and no step is free.
`clean.judge` measures the same and more of an exported network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import MASKS, Floats, Integers
from polyrhythmia_live.training.learn.columns import joined
from polyrhythmia_live.training.learn.step_scores import Probabilities, score_steps, step_figures

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


class Tally:
    """Adds up predictions and what was really played; `figures` at the end.

    Threads: one at a time.
    """

    def __init__(self) -> None:
        nothing = np.empty((0, MASKS)), np.empty(0, np.int64)
        self._scores = [score_steps(*nothing)]
        self._hits = 0
        self._nats_per_hit = dict.fromkeys(PER_HIT, 0.0)

    def add(self, logits: Floats, masks: Integers) -> None:
        """Steps: (n, 512) logits against the n masks that were played."""
        self._scores.append(score_steps(log_softmax(logits), masks))

    def add_details(self, logits: dict[str, Floats], bins: dict[str, Integers]) -> None:
        """Hits: per detail of `PER_HIT`, (n, bins) logits against the n bins that were played."""
        self._hits += len(bins[PER_HIT[0]])
        for name in PER_HIT:
            rows = np.arange(len(bins[name]))
            self._nats_per_hit[name] -= float(log_softmax(logits[name])[rows, bins[name]].sum())

    def figures(self) -> Figures:
        """The figures so far; NaN where nothing was added."""
        of_steps = step_figures(joined(self._scores))
        per_hit = {
            name: nats / self._hits if self._hits else math.nan
            for name, nats in self._nats_per_hit.items()
        }
        return Figures(
            steps=of_steps.steps,
            hits=self._hits,
            nll=of_steps.nll,
            perplexity=of_steps.perplexity,
            accuracy=of_steps.accuracy,
            f1=of_steps.f1,
            velocity_nll=per_hit["velocity"],
            microtiming_nll=per_hit["microtiming"],
            articulation_nll=per_hit["articulation"],
        )


def log_softmax(logits: Floats) -> Probabilities:
    """Log probabilities along the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
