"""Which pieces are heard in an epoch: not simply all there are.

A third of the Groove MIDI Dataset is rock, and of gospel there is one file. Left alone, a network
becomes a rock drummer that has heard of gospel. So a genre is heard in proportion to the square
root of how much of it there is: the rare ones more than once per epoch, the common ones not wholly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyrhythmia_live.training.data.metres import in_other_meters
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.splice import in_context
from polyrhythmia_live.training.data.variation import varied
from polyrhythmia_live.training.data.windows import Piece, cut
from polyrhythmia_live.training.learn.hyperparameters import Hyperparameters


def heard_in_epoch(
    train: Sequence[Performance],
    beside: Sequence[Performance],
    hyper: Hyperparameters,
    rng: np.random.Generator,
) -> list[Piece]:
    """Pieces of `train`, and of as many steps again of `beside`, if there is any."""

    def in_pieces(performances: Sequence[Performance]) -> list[Piece]:
        spliced = in_context(performances, hyper.spliced_fills, rng)
        other = in_other_meters(spliced, hyper.other_meters, rng)
        takes = [varied(performance, rng, hyper.varied) for performance in other]
        return balanced(cut(takes, hyper.piece_bars, rng, hyper.told), hyper.balance, rng)

    pieces = in_pieces(train)
    return pieces + drawn(in_pieces(beside), _steps(pieces), rng)


def balanced(pieces: Sequence[Piece], balance: float, rng: np.random.Generator) -> list[Piece]:
    """Pieces of as many steps in all (within half a piece per genre), the genres balanced.

    A genre of n steps gets a share of the epoch in proportion to n ** (1 - balance / 2): with a
    `balance` of 0 all pieces once, with 1 by the square root. Pieces of unknown genre count as one
    genre. Raises ValueError unless `balance` is in 0..1.
    """
    if not 0.0 <= balance <= 1.0:
        raise ValueError(f"balance must be in 0..1, got {balance}")
    by_genre: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_genre.setdefault(piece.performance.genre, []).append(piece)
    there = np.array([_steps(group) for group in by_genre.values()], np.float64)
    wanted = there ** (1 - balance / 2)
    wanted *= there.sum() / max(wanted.sum(), 1.0)
    return [
        piece
        for group, steps in zip(by_genre.values(), wanted, strict=True)
        for piece in drawn(group, round(steps), rng)
    ]


def drawn(pieces: Sequence[Piece], steps: int, rng: np.random.Generator) -> list[Piece]:
    """Pieces of about `steps` steps in all: none twice before all were once, and so on.

    Off by half of one piece at most; empty where there are none to draw from.
    """
    if not pieces:
        return []
    times, missing = divmod(steps, _steps(pieces))
    chosen = list(pieces) * times
    for index in rng.permutation(len(pieces)):
        if pieces[index].steps < 2 * missing:  # nearer with it than without
            chosen.append(pieces[index])
            missing -= pieces[index].steps
    return chosen


def _steps(pieces: Sequence[Piece]) -> int:
    return sum(piece.steps for piece in pieces)
