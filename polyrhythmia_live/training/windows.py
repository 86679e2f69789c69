"""Files of very different lengths as a rectangle, for training and validation in batches.

Most of the dataset's files are fills of one or two bars, some takes last ten minutes. Padding each
to the longest would be mostly padding. So pieces are laid end to end on a few parallel tracks; the
recurrent state is carried along a track and zeroed where a piece begins. Training cuts long takes
at random bar lines (a file's first bars and cold starts in its middle are both seen); validation
keeps every file whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.encoding import FEATURES, LANES, Floats
from polyrhythmia_live.training.performance import Performance

Targets = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of steps of every track: arrays of shape (tracks, steps, ...).

    `keep` is 0 where a piece begins and 1 elsewhere; `weight` is 0 on padding. `velocity`,
    `microtiming` and `articulation` hold bins, meaningful where `masks` strikes the lane.
    """

    features: Floats
    keep: Floats
    weight: Floats
    masks: Targets
    velocity: Targets
    microtiming: Targets
    articulation: Targets


@dataclass(frozen=True, slots=True)
class Piece:
    """The steps `start` .. `stop` - 1 of a performance."""

    performance: Performance
    start: int
    stop: int

    @property
    def steps(self) -> int:
        return self.stop - self.start


def whole(performances: Sequence[Performance]) -> list[Piece]:
    """Every performance in one piece."""
    return [Piece(p, 0, p.steps) for p in performances]


def cut(performances: Sequence[Performance], bars: int, rng: np.random.Generator) -> list[Piece]:
    """Performances in pieces of `bars` at most, cut at other bar lines each time."""
    pieces = []
    for p in performances:
        first = p.meter.bar_steps * int(rng.integers(1, bars + 1))
        lines = [0, *range(first, p.steps, p.meter.bar_steps * bars), p.steps]
        pieces += [Piece(p, start, stop) for start, stop in pairwise(lines)]
    return pieces


def windows(
    pieces: Sequence[Piece],
    *,
    tracks: int,
    window_steps: int,
    rng: np.random.Generator | None = None,
    genre_dropout: float = 0.0,
) -> Iterator[Window]:
    """All steps of all pieces once, in order along each track, as equal windows.

    With `rng` the pieces are shuffled, and a share of `genre_dropout` of them does not say its
    genre. The recurrent state after one window is the state before the next.
    """
    laid = _lay(pieces, tracks, rng)
    longest = max(sum(piece.steps for piece in track) for track in laid)
    sheet = _blank(tracks, -(-longest // window_steps) * window_steps)
    for track, row in enumerate(laid):
        start = 0
        for piece in row:
            genre_known = rng is None or rng.random() >= genre_dropout
            _write(sheet, track, start, piece, genre_known)
            start += piece.steps
    for start in range(0, sheet.masks.shape[1], window_steps):
        span = slice(start, start + window_steps)
        yield Window(*(getattr(sheet, name)[:, span] for name in Window.__slots__))


def _blank(tracks: int, steps: int) -> Window:
    size = (tracks, steps)
    return Window(
        features=np.zeros((*size, FEATURES), np.float32),
        keep=np.ones(size, np.float32),
        weight=np.zeros(size, np.float32),
        masks=np.zeros(size, np.int32),
        velocity=np.zeros((*size, LANES), np.int32),
        microtiming=np.zeros((*size, LANES), np.int32),
        articulation=np.zeros((*size, LANES), np.int32),
    )


def _write(sheet: Window, track: int, start: int, piece: Piece, genre_known: bool) -> None:
    played = piece.performance
    here, there = (track, slice(start, start + piece.steps)), slice(piece.start, piece.stop)
    sheet.features[here] = played.features(genre_known=genre_known)[there]
    sheet.keep[track, start] = 0.0
    sheet.weight[here] = 1.0
    sheet.masks[here] = played.masks[there]
    for name, bins in played.bins().items():
        getattr(sheet, name)[here] = bins[there]


def _lay(
    pieces: Sequence[Piece], tracks: int, rng: np.random.Generator | None
) -> list[list[Piece]]:
    """Longest first, each onto the shortest track: little padding at the end."""
    laid: list[list[Piece]] = [[] for _ in range(tracks)]
    lengths = np.zeros(tracks, np.int64)
    shuffled = list(pieces) if rng is None else [pieces[i] for i in rng.permutation(len(pieces))]
    for piece in sorted(shuffled, key=lambda piece: -piece.steps):
        shortest = int(lengths.argmin())
        laid[shortest].append(piece)
        lengths[shortest] += piece.steps
    if rng is None:
        return laid
    return [[row[i] for i in rng.permutation(len(row))] for row in laid]
