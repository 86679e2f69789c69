"""Files of very different lengths as a rectangle, for training and validation in batches.

Most of the dataset's files are fills of one or two bars, some takes last ten minutes. Padding each
to the longest would be mostly padding. So pieces are laid end to end on a few parallel tracks; what
the network carries goes along a track and is dropped where a piece begins. Training cuts long takes
at random bar lines (a file's first bars and cold starts in its middle are both seen); validation
keeps every file whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import (
    FEATURES,
    HISTORY_STEPS,
    LANES,
    RECALLED_WIDTH,
    Floats,
    with_successors,
)
from polyrhythmia_live.training.data.features import BEFOREHAND, bins_of, features_of, past_of
from polyrhythmia_live.training.data.performance import Performance

Targets = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of steps of every track: arrays of shape (tracks, steps, ...).

    `keep` is 0 where a piece begins and 1 elsewhere; `weight` is 0 on padding. `velocity`,
    `microtiming` and `articulation` hold bins, meaningful where `masks` strikes the lane.

    `bar_steps` is the length of a bar and `age` the steps since the piece began, for what of `rows`
    can be remembered: (tracks, HISTORY_STEPS + steps, RECALLED_WIDTH), what was played from
    HISTORY_STEPS before the window on.
    """

    features: Floats
    keep: Floats
    weight: Floats
    masks: Targets
    velocity: Targets
    microtiming: Targets
    articulation: Targets
    bar_steps: Targets
    age: Targets
    rows: Floats


@dataclass(frozen=True, slots=True)
class Piece:
    """The steps `start` .. `stop` - 1 of a performance."""

    performance: Performance
    start: int
    stop: int
    known: Collection[str] = BEFOREHAND
    """What of the performance the network is told, see `asked_of`."""

    @property
    def steps(self) -> int:
        return self.stop - self.start


def whole(performances: Sequence[Performance]) -> list[Piece]:
    """Every performance in one piece."""
    return [Piece(p, 0, p.steps) for p in performances]


def cut(
    performances: Sequence[Performance],
    bars: int,
    rng: np.random.Generator,
    told: Mapping[str, float],
) -> list[Piece]:
    """Performances in pieces of `bars` at most, cut at other bar lines each time.

    `told` is the share of pieces in which the network is told each of `BEFOREHAND` and `LABELS`, so
    that it learns to play without any of them.
    """
    pieces = []
    for p in performances:
        first = p.meter.bar_steps * int(rng.integers(1, bars + 1))
        lines = [0, *range(first, p.steps, p.meter.bar_steps * bars), p.steps]
        for start, stop in pairwise(lines):
            known = frozenset(name for name, share in told.items() if rng.random() < share)
            pieces.append(Piece(p, start, stop, known))
    return pieces


def windows(
    pieces: Sequence[Piece],
    *,
    tracks: int,
    window_steps: int,
    rng: np.random.Generator | None = None,
) -> Iterator[Window]:
    """All steps of all pieces once, in order along each track, as equal windows.

    With `rng` the pieces are shuffled. What the network carries out of one window goes into the
    next.
    """
    laid = _lay(pieces, tracks, rng)
    longest = max(sum(piece.steps for piece in track) for track in laid)
    sheet = _blank(tracks, -(-longest // window_steps) * window_steps)
    for track, row in enumerate(laid):
        start = 0
        for piece in row:
            _write(sheet, track, start, piece)
            start += piece.steps
    for start in range(0, sheet.masks.shape[1], window_steps):
        stop = start + window_steps
        arrays = {name: getattr(sheet, name)[:, start:stop] for name in Window.__slots__}
        arrays["rows"] = sheet.rows[:, start : stop + HISTORY_STEPS]
        yield Window(**arrays)


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
        bar_steps=np.ones(size, np.int32),
        age=np.zeros(size, np.int32),
        rows=np.zeros((tracks, HISTORY_STEPS + steps, RECALLED_WIDTH), np.float32),
    )


def _write(sheet: Window, track: int, start: int, piece: Piece) -> None:
    played = piece.performance
    here, there = (track, slice(start, start + piece.steps)), slice(piece.start, piece.stop)
    sheet.features[here] = features_of(played, piece.known)[there]
    sheet.keep[track, start] = 0.0
    sheet.weight[here] = 1.0
    sheet.masks[here] = played.masks[there]
    for name, bins in bins_of(played).items():
        getattr(sheet, name)[here] = bins[there]
    sheet.bar_steps[here] = played.meter.bar_steps
    sheet.age[here] = np.arange(piece.steps)
    rows = past_of(played)[HISTORY_STEPS:][there]
    first = HISTORY_STEPS + start
    sheet.rows[track, first : first + piece.steps] = with_successors(rows)


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
