"""What an exported network plays when nobody turns a knob, for `evaluate --generated`.

The takes are played by the drummer that plays live, one state per take, on all cores; they are
judged in `judging.generation` and `judging.long`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drummer.lstm.runtime import Network
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drummer.take import solo
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

METER = Meter(4, 4)

Steps = tuple[Hits, ...]


Walk = Callable[..., Iterator[Hits]]
"""Plays on and on, a step a time, as `drummer.take.solo`. Other processes find it by its name."""


@dataclass(frozen=True, slots=True)
class Request:
    """One take: so many bars of 4/4 from the top, at one tempo and one setting of the controls.

    `fills` are the steps at which a fill is asked for: for a walk that knows what that is.
    """

    controls: ControlState
    tempo_bpm: float
    bars: int
    seed: int
    fills: tuple[int, ...] = ()


class Recital:
    """A network that plays takes on request; the same request always gives the same take.

    Raises CheckpointError if the network cannot be loaded. `walk` is how a take is played; the
    drummer alone unless given. `network` replaces the exported one in tests, and then one process
    plays everything.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        walk: Walk = solo,
        network: Network | None = None,
        processes: int | None = None,
        folder: Path | None = None,
    ) -> None:
        self._card = load_card(model, folder)
        self._where = (model, folder)
        self._walk = walk
        self._network = network
        self._processes = (os.cpu_count() or 1) if processes is None else processes

    @property
    def name(self) -> str:
        return self._card.name

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres that can be asked for, most training data first."""
        return self._card.genres

    def due_hits_per_step(self, genre: str, tempo_bpm: float) -> float:
        """What a genre is meant to play at a tempo, with the density control in the middle."""
        return self._card.due_hits_per_step(genre, tempo_bpm)

    @property
    def primers(self) -> Mapping[str, Sequence[Steps]]:
        """The phrases that a take of each genre may begin after, whole bars of 4/4."""
        return self._card.primers

    def play(
        self, requests: Sequence[Request], progress: ProgressCallback = unwatched
    ) -> list[Steps]:
        """A take for each request, in their order; `progress` is told of each."""
        takes = self._takes(requests)
        return [next(takes) for _ in counted(requests, "playing", progress)]

    def _takes(self, requests: Sequence[Request]) -> Iterator[Steps]:
        processes = min(self._processes, len(requests))
        if self._network is not None or processes <= 1:
            drummer = open_drummer(self._card, self._network)
            yield from map(partial(_take, drummer, self._walk), requests)
            return
        # Spawned, as everywhere here: a fork copies the locks of a runtime's threads as they are.
        spawning = multiprocessing.get_context("spawn")
        with spawning.Pool(processes, _hire, self._where) as players:
            yield from players.imap(partial(_play, self._walk), requests)


def _take(drummer: Drummer[Any], walk: Walk, request: Request) -> Steps:
    asked: dict[str, Any] = {"fills": request.fills} if request.fills else {}
    steps = walk(
        drummer,
        request.controls,
        meter=METER,
        tempo_bpm=request.tempo_bpm,
        seed=request.seed,
        **asked,
    )
    return tuple(islice(steps, request.bars * METER.bar_steps))


_hired: list[Drummer[Any]] = []
"""The drummer of a playing process: networks are not sent through pipes, so each loads its own."""


def _hire(model: str | Path, folder: Path | None) -> None:
    _hired.append(open_drummer(load_card(model, folder)))


def _play(walk: Walk, request: Request) -> Steps:
    return _take(_hired[0], walk, request)
