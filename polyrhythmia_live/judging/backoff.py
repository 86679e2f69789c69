"""Counting as a predictor: what came after the same context, and failing that after a shorter one.

Witten-Bell backoff: after a context with N observations of T different outcomes, an outcome that
was seen n times has the probability (n + T * shorter) / (N + T), where `shorter` is its
probability after the context without its last part. The shortest of all is the uniform one, so
nothing is impossible.
"""

from __future__ import annotations

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import Integers
from polyrhythmia_live.training.learn.step_scores import Probabilities


class Backoff:
    """Counts of outcomes by context.

    A context is a row of integers, the most telling first; its shorter versions lack the last
    columns. `outcomes` is how many different ones there can be.
    Threads: one at a time.
    """

    def __init__(self, outcomes: int) -> None:
        self._outcomes = outcomes
        self._counts: dict[tuple[int, ...], dict[int, int]] = {}

    def learn(self, contexts: Integers, outcomes: Integers) -> None:
        """Count outcomes (n,) after contexts (n, parts)."""
        for context, outcome in zip(contexts.tolist(), outcomes.tolist(), strict=True):
            for parts in range(len(context) + 1):
                counts = self._counts.setdefault(tuple(context[:parts]), {})
                counts[outcome] = counts.get(outcome, 0) + 1

    def probabilities(self, contexts: Integers) -> Probabilities:
        """The odds of all outcomes after each context, (n, outcomes).

        A context may have fewer parts than those that were learnt.
        """
        known: dict[tuple[int, ...], Probabilities] = {}
        odds = np.empty((len(contexts), self._outcomes))
        for row, context in zip(odds, contexts.tolist(), strict=True):
            row[:] = self._odds(tuple(context), known)
        return odds

    def _odds(
        self, context: tuple[int, ...], known: dict[tuple[int, ...], Probabilities]
    ) -> Probabilities:
        """`known` keeps what has been worked out, as most contexts share their beginnings."""
        if context in known:
            return known[context]
        if context:
            shorter = self._odds(context[:-1], known)
        else:
            shorter = np.full(self._outcomes, 1 / self._outcomes)
        odds = shorter
        if counts := self._counts.get(context):
            odds = shorter * len(counts)
            odds[list(counts)] += list(counts.values())
            odds /= len(counts) + sum(counts.values())
        known[context] = odds
        return odds
