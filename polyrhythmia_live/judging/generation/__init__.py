"""Generation is judged: what the drummer plays by itself, beside people who play the same genre.

people, programme (what is asked, and the takes of it) -> phrases -> features -> overlap
                                                      -> counts, originality, classifier
-> comparison (one genre) -> marks -> report
"""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.judging.generation.judging import judge
from polyrhythmia_live.judging.generation.programme import Programme
from polyrhythmia_live.judging.generation.report import Judgement
from polyrhythmia_live.judging.recital import Recital, Walk
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

__all__ = ["judge_generated"]


def judge_generated(
    model: str,
    dataset: Dataset,
    walk: Walk,
    split: str = "validation",
    bars: int = 16,
    takes: int = 200,
    genres: Sequence[str] | None = None,
    seed: int = 1,
    progress: ProgressCallback = unwatched,
) -> Judgement:
    """Let a network play, on all cores, and compare it with the people of a split.

    `model` is a name or the path of a card, `walk` how a take is played. `dataset` has the split
    and the training set. `bars` is at least 2. `genres` are the network's unless given. `progress`
    is told of each take that is played. Deterministic. Raises CheckpointError for a network that
    cannot be loaded, ConfigError for a genre that it does not know, and DatasetError for missing
    data.
    """
    recital = Recital(model, walk=walk)
    return judge(recital, dataset, split, Programme(bars, takes, seed), genres, progress)
