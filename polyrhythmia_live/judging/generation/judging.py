"""A player before the judge: what is played, what is known of the training set, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.errors import ConfigError, DatasetError
from polyrhythmia_live.judging.generation.classifier import train_classifier
from polyrhythmia_live.judging.generation.comparison import Judge
from polyrhythmia_live.judging.generation.originality import repertoire
from polyrhythmia_live.judging.generation.people import people_of
from polyrhythmia_live.judging.generation.programme import (
    DEFAULT_DENSITY,
    DENSITIES,
    Played,
    Player,
    Programme,
    performed,
)
from polyrhythmia_live.judging.generation.report import Judgement
from polyrhythmia_live.judging.generation.takes import METER, recorded
from polyrhythmia_live.judging.generation.vacuous import SILENCE, rates
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.progress import ProgressCallback, unwatched


def judge(
    player: Player,
    dataset: Dataset,
    split: str,
    programme: Programme,
    genres: Sequence[str] | None = None,
    progress: ProgressCallback = unwatched,
) -> Judgement:
    """Let a player play the programme, and compare it with people.

    `progress` is told of each take that is played. Raises as `judge_generated`, except for
    CheckpointError.
    """
    train = dataset.split("train", meter=METER)
    heard = recorded(train)
    everyone = [people_of(dataset, genre, split) for genre in known_genres(player, genres)]
    with_people = [found for found in everyone if found.takes]
    if not heard or not with_people:
        raise DatasetError(
            f"expected beats in 4/4 of the splits train and {split} and of the genres to judge, "
            "found none: read both splits, or ask for other genres"
        )
    played = performed(player, programme, with_people, progress)
    court = Judge(heard, repertoire(train), train_classifier(heard), programme.seed)
    return Judgement(
        model=player.name,
        split=split,
        programme=programme,
        comparisons=tuple(
            court.compare(
                found,
                played[found.genre],
                {d: programme.due_hits_per_step(player, found, d) for d in DENSITIES},
            )
            for found in with_people
        ),
        source_figures=_source_figures(train, played),
        not_played=tuple(found.genre for found in everyone if not found.takes),
    )


def known_genres(player: Player, genres: Sequence[str] | None) -> Sequence[str]:
    """The genres asked for, without sub-styles: there is too little of most to compare with."""
    known = [genre for genre in player.genres if genre in GENRES]
    for genre in genres or ():
        if genre not in known:
            raise ConfigError(
                f"expected genres of {', '.join(known)}, got {genre!r}: choose one of them"
            )
    return tuple(genres or known)


def _source_figures(
    train: Sequence[Performance], played: Mapping[str, Played]
) -> dict[str, tuple[float, float]]:
    corpus = rates(performance.velocities > 0 for performance in train)
    figures = {"silence": SILENCE.distance(corpus)}
    for genre, takes in played.items():
        struck = (take.struck.reshape(-1, take.struck.shape[-1]) for take in takes[DEFAULT_DENSITY])
        figures[genre] = rates(struck).distance(corpus)
    return figures
