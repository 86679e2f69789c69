"""What the clean protocol found, as text for people and as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from polyrhythmia_live.judging.floors import REPEAT, STRONGEST
from polyrhythmia_live.judging.grouping import ALL, BEATS
from polyrhythmia_live.judging.hit_floors import DetailFigures
from polyrhythmia_live.judging.hit_scores import HitFigures
from polyrhythmia_live.judging.tables import MISSING, number, plain, text_table
from polyrhythmia_live.training.learn.step_scores import StepFigures

FLOORS_MISSING = "floors: missing, because --data holds no training split apart from this one"

STEPS_LEGEND = """\
Told to the model beforehand: style, tempo, and whether it is a fill. These floors are told nothing.
nats, ppl: of the full vector of 9 lanes, per step. acc: of the likeliest vector; F1: of its lanes.
cal, lanes: expected calibration error, 15 bins, of the likeliest vector and of each lane's odds.
counts: nats, acc of the strongest count table below. repeat: acc, F1 of the last bar again."""

FLOORS_LEGEND = """\
Counted from the train split, Witten-Bell backoff (what stands last is forgotten first). Cache: up
to half the odds are the file's own counts, by position; in the last of the tables, by position and
previous step."""

HITS_LEGEND = """\
Hits given, causal. vel MAE, time ms: of the predictive median. same: shared area with the human
histogram; KL: of the human histogram from the model's; each of the mean expectation, and of one
number drawn per hit. art: articulation, its accuracy on lanes that have more than one."""

DETAILS_LEGEND = """\
MAE and ms: of medians, and of means; RMSE and MSE (squared steps): of means."""


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some files; `floors` is empty where there was nothing to count from."""

    files: int
    steps: StepFigures
    hits: HitFigures
    floors: Mapping[str, StepFigures]


@dataclass(frozen=True, slots=True)
class CleanReport:
    """A network's figures on a split, by genre, for beats, for fills and in all.

    `velocity` and `microtiming` have the network's own figures under "all", then the floors'.
    `left_out` says of files why they are not in it.
    """

    model: str
    split: str
    bars: int
    groups: Mapping[str, Group]
    velocity: Mapping[str, DetailFigures]
    microtiming: Mapping[str, DetailFigures]
    left_out: Mapping[str, str]

    def figures(self) -> dict[str, Any]:
        """Everything as values that JSON has; None for what is missing or infinite."""
        values: dict[str, Any] = plain(asdict(self))
        return {"protocol": "clean", **values}

    def table(self) -> str:
        """Everything that matters in lines of 100 columns at the most."""
        whole = self.groups[ALL]
        heading = (
            f"{self.model} on {self.split}, clean protocol: {whole.files} files in 4/4, "
            f"{self.bars} bars; every step, causal"
        )
        parts = [
            "\n".join(
                [heading, *(f"left out: {file}, {why}" for file, why in self.left_out.items())]
            ),
            f"{self._steps_table()}\n{STEPS_LEGEND}",
            f"{self._floors_table()}\n{FLOORS_LEGEND}" if whole.floors else FLOORS_MISSING,
            f"{self._hits_table()}\n{HITS_LEGEND}",
            f"{self._details_table()}\n{DETAILS_LEGEND}",
        ]
        return "\n\n".join(parts)

    def _steps_table(self) -> str:
        headings = ["style", "files", "steps", "nats", "ppl", "acc", "F1", "cal", "lanes"]
        headings += ["counts", "acc", "repeat", "F1"]
        rows = []
        for name, group in self.groups.items():
            of_model = group.steps
            counts, repeat = (group.floors.get(floor) for floor in (STRONGEST, REPEAT))
            rows.append(
                [
                    name,
                    str(group.files),
                    str(of_model.steps),
                    *_four(of_model),
                    number(of_model.calibration_error),
                    number(of_model.lane_calibration_error),
                    number(counts.nll) if counts else MISSING,
                    number(counts.accuracy) if counts else MISSING,
                    number(repeat.accuracy) if repeat else MISSING,
                    number(repeat.f1) if repeat else MISSING,
                ]
            )
        return text_table(headings, rows)

    def _floors_table(self) -> str:
        headings = ["predictor", "all: nats", "ppl", "acc", "F1"]
        headings += ["beats: nats", "ppl", "acc", "F1"]
        kinds = [self.groups[kind] for kind in (ALL, BEATS) if kind in self.groups]
        rows = [[self.model, *(cell for kind in kinds for cell in _four(kind.steps))]]
        rows += [
            [floor, *(cell for kind in kinds for cell in _four(kind.floors[floor]))]
            for floor in kinds[0].floors
        ]
        return text_table(headings[: len(rows[0])], rows)

    def _hits_table(self) -> str:
        headings = ["style", "hits", "vel: nats", "MAE", "same", "drawn"]
        headings += ["time: nats", "ms", "KL", "drawn", "art: nats", "acc"]
        rows = [
            [
                name,
                str(hits.hits),
                number(hits.velocity_nll),
                number(hits.velocity_mae, 2),
                number(hits.velocity_intersection),
                number(hits.velocity_intersection_drawn),
                number(hits.microtiming_nll),
                number(hits.microtiming_mae_ms, 2),
                number(hits.microtiming_kl),
                number(hits.microtiming_kl_drawn),
                number(hits.articulation_nll),
                number(hits.articulation_accuracy),
            ]
            for name, hits in ((name, group.hits) for name, group in self.groups.items())
        ]
        return text_table(headings, rows)

    def _details_table(self) -> str:
        headings = ["knowing", "vel: MAE", "of means", "RMSE", "nats"]
        headings += ["time: ms", "of means", "MSE", "nats"]
        rows = []
        for name, late in self.microtiming.items():
            hard = self.velocity.get(name)
            of_velocity = [MISSING] * 4
            if hard is not None:
                of_velocity = [number(hard.mae, 2), number(hard.mae_of_means, 2)]
                of_velocity += [number(math.sqrt(hard.mse), 2), number(hard.nll)]
            of_timing = [number(late.mae, 2), number(late.mae_of_means, 2)]
            of_timing += [number(late.mse, 4), number(late.nll)]
            rows.append([self.model if name == ALL else name, *of_velocity, *of_timing])
        return text_table(headings, rows)


def _four(figures: StepFigures) -> list[str]:
    return [
        number(figures.nll),
        number(figures.perplexity, 2),
        number(figures.accuracy),
        number(figures.f1),
    ]
