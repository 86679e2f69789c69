"""density_L1 and K_L1: the source project's figures for what it generated, and why not to use them.

density_L1 is the mean over nine lanes of |hits per step - the corpus's|; K_L1 the mean over 0..9
hits of |share of steps with so many - the corpus's|. The corpus is the whole training set, whatever
the genre. Steps are mostly empty, so both are small whatever is played: silence passes. It is
measured here too, for the reader to see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES

DENSITY_L1_MARK = 0.25
K_L1_MARK = 0.15
"""What the source project asks for: less than this."""

Struck = NDArray[np.bool_]
"""(steps, 9)"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Hits per step of each lane, (9,), and shares of steps with 0..9 hits, (10,)."""

    lanes: NDArray[np.float64]
    polyphony: NDArray[np.float64]

    def distance(self, corpus: Rates) -> tuple[float, float]:
        """density_L1 and K_L1."""
        return (
            float(np.abs(self.lanes - corpus.lanes).mean()),
            float(np.abs(self.polyphony - corpus.polyphony).mean()),
        )


def rates(pieces: Iterable[Struck]) -> Rates:
    """The rates of pieces of music together; no piece at all is silence."""
    struck = np.concatenate([np.zeros((0, LANES), np.bool_), *pieces])
    if not len(struck):
        struck = np.zeros((1, LANES), np.bool_)
    polyphony = np.bincount(struck.sum(axis=1), minlength=LANES + 1) / len(struck)
    return Rates(struck.mean(axis=0), polyphony)


SILENCE = rates([])
