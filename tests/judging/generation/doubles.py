"""Takes written by hand, people in a small data set, and a player without a network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyrhythmia_live.judging.generation.takes import JudgedTake, generated
from polyrhythmia_live.judging.recital import Request, Steps
from polyrhythmia_live.rhythm.bar import Hit
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.dataset import Dataset, NoteTally
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

KICK, SNARE, HAT, OPEN_HAT, LOW_TOM, RIDE = 0, 1, 2, 3, 4, 8
PEDAL = 1
CROSS_STICK = 2

ROCK: Steps = tuple(
    ((Hit(KICK, 100),) if step in (0, 8) else ())
    + ((Hit(SNARE, 90, 168),) if step in (4, 12) else ())
    + ((Hit(HAT, 60),) if step % 2 == 0 else ())
    for step in range(16)
)
"""One bar: kick on 1 and 3, a late snare on 2 and 4, hat on the eighths."""

JAZZ: Steps = tuple(
    ((Hit(RIDE, 70, -560),) if step in (7, 15) else (Hit(RIDE, 80),) if step % 4 == 0 else ())
    + ((Hit(HAT, 50, 0, PEDAL),) if step in (4, 12) else ())
    for step in range(16)
)
"""One bar: ride with swung triplets, pedal hat on 2 and 4."""

LATIN: Steps = tuple(
    ((Hit(KICK, 100),) if step in (0, 6, 8, 14) else ())
    + ((Hit(SNARE, 50, 0, CROSS_STICK),) if step in (0, 3, 6, 10, 13) else ())
    for step in range(16)
)
"""One bar: a pushing kick, and a cross-stick that goes across it."""

SILENCE: Steps = ((),) * 16


def take(*bars: Steps, genre: str = "rock", source: str = "a take") -> JudgedTake:
    return generated(source, genre, [hits for bar in bars for hits in bar])


def varied(bar: Steps, chance: np.random.Generator, ghosts: float = 0.1) -> Steps:
    """The bar, with ghost notes here and there."""
    return tuple(
        hits or ((Hit(SNARE, int(chance.integers(20, 50))),) if chance.random() < ghosts else ())
        for hits in bar
    )


def performance(
    name: str,
    bars: Sequence[Steps],
    *,
    genre: str = "rock",
    split: str = "train",
    fill: bool = False,
) -> Performance:
    played = take(*bars)
    grids = (played.velocities, played.microtimings_ticks, played.articulations)
    velocities, microtimings_ticks, articulations = (grid.reshape(-1, 9) for grid in grids)
    return Performance(
        name=name,
        split=split,
        genre=genre,
        style=genre,
        tempo_bpm=100.0 + len(bars),
        meter=Meter(),
        fills=np.full(len(velocities), fill),
        velocities=velocities,
        microtimings_ticks=microtimings_ticks,
        articulations=articulations,
    )


def people(files: int = 4, bars: int = 20) -> Dataset:
    """Rock and jazz of several files, some held out, and latin that was only trained on."""
    played = []
    for number in range(files):
        for genre, bar in (("rock", ROCK), ("jazz", JAZZ), ("latin", LATIN)):
            for split in ("train", "validation"):
                if genre == "latin" and split == "validation":
                    continue
                chance = np.random.default_rng([number, len(genre), len(split)])
                played_bars = [varied(bar, chance) for _ in range(bars)]
                name = f"{split}/{number}_{genre}.mid"
                played.append(performance(name, played_bars, genre=genre, split=split))
    return Dataset(tuple(played), {}, NoteTally())


class Band:
    """Plays its bar of each genre, with ghost notes as people do, and remembers the requests."""

    name = "band"
    genres = ("rock", "jazz", "latin", "bossa")

    def __init__(self, ghosts: float = 0.1, bars: dict[str, Steps] | None = None) -> None:
        self.ghosts = ghosts
        self.bars = {"rock": ROCK, "jazz": JAZZ, "latin": LATIN} if bars is None else bars
        self.asked: list[Request] = []

    def due_hits_per_step(self, genre: str, tempo_bpm: float) -> float:
        return {"rock": 0.8, "jazz": 0.55, "latin": 0.6}[genre]

    def play(
        self, requests: Sequence[Request], progress: ProgressCallback = unwatched
    ) -> list[Steps]:
        self.asked += requests
        takes = []
        for request in counted(requests, "playing", progress):
            chance = np.random.default_rng(request.seed)
            bar = self.bars[request.controls.genre_name]
            takes.append(
                tuple(
                    hits for _ in range(request.bars) for hits in varied(bar, chance, self.ghosts)
                )
            )
        return takes
