"""What the drummer is asked to play, and its takes of it.

Every take has a tempo of the people it is compared with (a file counts by its bars), because speed
changes what is played. The density control is tried at other settings on fewer takes, with the
same seeds and tempos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.judging.generation.people import People
from polyrhythmia_live.judging.generation.takes import JudgedTake, generated
from polyrhythmia_live.judging.recital import Request, Steps
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

DEFAULT_DENSITY = LEVELS["density"].default
DENSITIES = (0.25, DEFAULT_DENSITY, 0.75)
OTHER_DENSITY_SHARE = 4
"""One in so many takes is played at each other density too."""


class Player(Protocol):
    """A player that can be judged; `judging.recital.Recital` is one."""

    @property
    def name(self) -> str:
        """Who plays."""
        ...

    @property
    def genres(self) -> tuple[str, ...]:
        """What can be asked for."""
        ...

    def due_hits_per_step(self, genre: str, tempo_bpm: float) -> float:
        """The density of a genre at a tempo that the middle of the density control means."""
        ...

    def play(self, requests: Sequence[Request], progress: ProgressCallback = ...) -> list[Steps]:
        """A take for each request, in their order; `progress` is told of each."""
        ...


@dataclass(frozen=True, slots=True)
class Programme:
    """What is asked: `bars` bars of 4/4, `takes` times per genre, from one seed."""

    bars: int
    takes: int
    seed: int

    def requests(self, people: People, density: float) -> list[Request]:
        """The takes of a genre at a density; the same seed asks for the same.

        Raises ValueError for a genre that nobody plays, which has no tempo.
        """
        number = GENRES.index(people.genre)
        bars = np.array([take.bars for take in people.takes], np.float64)
        chance = np.random.default_rng([self.seed, number])
        tempos_bpm = chance.choice(people.tempos_bpm, self.takes, p=bars / bars.sum())
        share = 1 if density == DEFAULT_DENSITY else OTHER_DENSITY_SHARE
        controls = ControlState(((people.genre, 1.0),), density=density)
        return [
            Request(controls, float(tempos_bpm[take]), self.bars, self._seed(number, take))
            for take in range(-(-self.takes // share))
        ]

    def due_hits_per_step(self, player: Player, people: People, density: float) -> float:
        """What is asked for at a density, on average over the takes."""
        middle = [
            player.due_hits_per_step(people.genre, request.tempo_bpm)
            for request in self.requests(people, density)
        ]
        return float(np.mean(middle)) * density / DEFAULT_DENSITY

    def _seed(self, genre: int, take: int) -> int:
        sequence = np.random.SeedSequence([self.seed, genre, take])
        return int(sequence.generate_state(1, np.uint64)[0])


Played = Mapping[float, Sequence[JudgedTake]]
"""The takes of one genre at each of `DENSITIES`."""


def performed(
    player: Player,
    programme: Programme,
    audience: Sequence[People],
    progress: ProgressCallback = unwatched,
) -> Mapping[str, Played]:
    """All takes by genre; `progress` is told of each."""
    asked = {
        (people.genre, density): programme.requests(people, density)
        for people in audience
        for density in DENSITIES
    }
    requests = [request for of_genre in asked.values() for request in of_genre]
    takes = iter(player.play(requests, progress))
    played: dict[str, dict[float, Sequence[JudgedTake]]] = {}
    for (genre, density), of_genre in asked.items():
        played.setdefault(genre, {})[density] = [
            generated(str(number), genre, next(takes)) for number in range(len(of_genre))
        ]
    return played
