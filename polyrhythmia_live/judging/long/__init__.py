"""Long takes are judged: whether a groove is stated, kept, varied and come back to, as people do.

programme (what is asked, and the takes of it) -> figures (of a take), fills, form
-> comparison (one genre) -> marks -> report; openings (the phrases before a take) -> report
"""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.judging.long.judging import judge
from polyrhythmia_live.judging.long.programme import LongProgramme
from polyrhythmia_live.judging.long.report import LongJudgement
from polyrhythmia_live.judging.recital import Recital, Walk
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

__all__ = ["judge_long"]


def judge_long(
    model: str,
    dataset: Dataset,
    walk: Walk,
    split: str = "validation",
    takes: int = 20,
    genres: Sequence[str] | None = None,
    seed: int = 1,
    progress: ProgressCallback = unwatched,
) -> LongJudgement:
    """Let a network play long takes, on all cores, and compare them with the people of a split.

    `model` is a name or the path of a card. `dataset` has the split and the training set. `walk` is
    how a take is played. `takes` are those of a piece's length; see `LongProgramme`. `genres` are
    the network's unless given. `progress` is told of each take that is played. Deterministic.
    Raises CheckpointError for a network that cannot be loaded, ConfigError for a genre that it does
    not know, and DatasetError for missing data.
    """
    recital = Recital(model, walk=walk)
    return judge(recital, dataset, split, LongProgramme(takes, seed), genres, progress)
