"""The clean protocol: every step of every 4/4 file, given all earlier steps of the file.

Judged through the runtime that plays live, file by file from a fresh state, genre known; beside
the network, floors that are counted from the training split and judged on the same files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.clean_report import CleanReport, Group
from polyrhythmia_live.judging.floors import floors
from polyrhythmia_live.judging.grouping import ALL, grouped, of_group
from polyrhythmia_live.judging.hit_floors import (
    detail_figures,
    microtiming_floors,
    velocity_floors,
)
from polyrhythmia_live.judging.hit_scores import HitScores, hit_figures, score_hits
from polyrhythmia_live.judging.listening import Candidate, listen
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.learn.metrics import log_softmax
from polyrhythmia_live.training.learn.step_scores import StepScores, score_steps, step_figures
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

TRAIN = "train"
DRAWING_SEED = 1


def judge(
    candidate: Candidate, dataset: Dataset, split: str, progress: ProgressCallback = unwatched
) -> CleanReport:
    """The figures of a network on a split; `progress` is told of each file and each floor.

    Raises DatasetError when the split has no file in 4/4.
    """
    performances = dataset.split(split, meter=Meter())
    if not performances:
        raise DatasetError(
            f"expected recordings in 4/4 of the split {split}, found none: "
            "check --split, or give the folder of the whole dataset"
        )
    train = () if split == TRAIN else dataset.split(TRAIN, meter=Meter())
    of_steps, of_hits = hear(candidate, performances, progress)
    of_floors = judge_floors(train, performances, progress) if train else {}
    groups = {
        name: Group(
            files=len(members),
            steps=step_figures(of_group(of_steps, members)),
            hits=hit_figures(of_group(of_hits, members)),
            floors={
                floor: step_figures(of_group(scores, members))
                for floor, scores in of_floors.items()
            },
        )
        for name, members in grouped(performances).items()
    }
    of_model = detail_figures(of_group(of_hits, range(len(performances))))
    return CleanReport(
        model=candidate.name,
        split=split,
        bars=sum(p.bars for p in performances),
        groups=groups,
        velocity={ALL: of_model[0]} | (velocity_floors(train, performances) if train else {}),
        microtiming={ALL: of_model[1]} | (microtiming_floors(train, performances) if train else {}),
        left_out=_left_out(dataset, split),
    )


def hear(
    candidate: Candidate,
    performances: Sequence[Performance],
    progress: ProgressCallback = unwatched,
) -> tuple[list[StepScores], list[HitScores]]:
    """The scores of each performance, heard whole; `progress` is told of each."""
    rng = np.random.default_rng(DRAWING_SEED)
    of_steps, of_hits = [], []
    for performance in counted(performances, "listening", progress):
        heard = listen(candidate, performance)
        of_steps.append(score_steps(log_softmax(heard.logits), performance.masks))
        of_hits.append(score_hits(heard, rng))
    return of_steps, of_hits


def judge_floors(
    train: Sequence[Performance],
    performances: Sequence[Performance],
    progress: ProgressCallback = unwatched,
) -> dict[str, list[StepScores]]:
    """The scores of each performance by every floor; `progress` is told of each floor."""
    predictors = floors(train)
    scores: dict[str, list[StepScores]] = {}
    for name, predictor in counted(list(predictors.items()), "counting floors", progress):
        with np.errstate(divide="ignore"):  # the floor that repeats is sure
            scores[name] = [
                score_steps(np.log(predictor(performance)), performance.masks)
                for performance in performances
            ]
    return scores


def _left_out(dataset: Dataset, split: str) -> dict[str, str]:
    """File -> why it is not judged; with it, what could not be read of the training split."""
    others = {p.name: f"in {p.meter}" for p in dataset.split(split) if p.meter != Meter()}
    return others | dict(dataset.dropped_files)
