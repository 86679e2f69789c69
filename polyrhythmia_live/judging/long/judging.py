"""A player before the judge of long takes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.generation.classifier import train_classifier
from polyrhythmia_live.judging.generation.judging import known_genres
from polyrhythmia_live.judging.generation.originality import repertoire
from polyrhythmia_live.judging.generation.people import (
    LEAST_BARS,
    LEAST_FILES,
    People,
    people_of,
)
from polyrhythmia_live.judging.generation.programme import Player
from polyrhythmia_live.judging.generation.takes import METER, recorded
from polyrhythmia_live.judging.long.comparison import LongJudge
from polyrhythmia_live.judging.long.openings import judge_openings
from polyrhythmia_live.judging.long.programme import LongProgramme, performed
from polyrhythmia_live.judging.long.report import LongJudgement
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.progress import ProgressCallback, unwatched


class LongPlayer(Player, Protocol):
    """A player that says after which phrases its takes begin; `judging.recital.Recital` is one."""

    @property
    def primers(self) -> Mapping[str, Sequence[Steps]]:
        """The phrases that a take of each style may begin after, whole bars of 4/4."""
        ...


def judge(
    player: LongPlayer,
    dataset: Dataset,
    split: str,
    programme: LongProgramme,
    genres: Sequence[str] | None = None,
    progress: ProgressCallback = unwatched,
) -> LongJudgement:
    """Let a player play the programme, and compare it with people.

    `progress` is told of each take that is played. Raises as `judge_long`, except for
    CheckpointError.
    """
    began = time.monotonic()
    train = dataset.split("train", meter=METER)
    heard = recorded(train)
    everyone = [*train, *(dataset.split(split, meter=METER) if split != "train" else ())]
    asked = known_genres(player, genres)
    audience = [people_of(dataset, genre, split) for genre in asked]
    enough = [found for found in audience if _is_enough(found)]
    if not heard or not enough:
        raise DatasetError(
            f"expected beats in 4/4 of the splits train and {split}, at least {LEAST_BARS} bars of "
            f"{LEAST_FILES} files of each genre to judge, found none: read both splits, or ask for "
            "other genres"
        )
    played = performed(player, programme, enough, progress)
    court = LongJudge(heard, everyone, repertoire(train), train_classifier(heard), programme.seed)
    return LongJudgement(
        model=player.name,
        split=split,
        programme=programme,
        comparisons=tuple(court.compare(found, played[found.genre]) for found in enough),
        openings=tuple(judge_openings(player.primers, everyone, asked)),
        not_played=tuple(found.genre for found in audience if not _is_enough(found)),
        seconds=time.monotonic() - began,
    )


def _is_enough(people: People) -> bool:
    return people.bars >= LEAST_BARS and len(people.takes) >= LEAST_FILES
