from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.bar16 import bar16_figures, in_sixteen, judge_bar16
from polyrhythmia_live.judging.bar16_report import Bar16Figures, published
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.learn.step_scores import score_steps
from tests.judging.listeners import Indifferent, candidate
from tests.training.conftest import Onset, Take, rock, write_dataset

END: Onset = (40.0, 36, 1)
"""A soft kick in the third bar, so that the first two are whole."""


def regridded(root: Path, onsets: list[Onset], **said: Any) -> Performance:
    dataset = read_dataset(write_dataset(root, [Take("take", onsets, **said)]))
    [performance] = in_sixteen(root, dataset.performances)
    return performance


def test_a_note_just_before_the_bar_line_stays_in_its_bar(tmp_path: Path) -> None:
    played = regridded(tmp_path, [(0, 36, 100), (15.75, 38, 90), END])
    assert played.velocities[15, 1] == 90
    assert played.velocities[16, 1] == 0
    assert played.microtimings_ticks[15, 1] == TICKS_PER_STEP // 2 - 1


def test_the_part_of_a_bar_at_the_end_is_dropped(tmp_path: Path) -> None:
    played = regridded(tmp_path, [(0, 36, 100), (16, 36, 100), END])
    assert played.bars == 2


def test_four_pitches_have_no_lane_and_three_others_do(tmp_path: Path) -> None:
    dropped = [(step, pitch, 99) for step, pitch in enumerate((22, 26, 52, 58))]
    added = [(8 + step, pitch, 99) for step, pitch in enumerate((35, 39, 41))]
    played = regridded(tmp_path, [(4, 38, 80), *dropped, *added, END])
    assert np.argwhere(played.velocities).tolist() == [[4, 1], [8, 0], [9, 1], [10, 4]]


def test_a_bar_of_three_beats_has_16_steps_too(tmp_path: Path) -> None:
    waltz = regridded(tmp_path, [(0, 36, 100), (6, 38, 90), END], time_signature="3-4")
    assert (waltz.bars, waltz.meter) == (3, Meter())
    assert np.argwhere(waltz.velocities).tolist() == [[0, 0], [8, 1]]
    assert waltz.tempo_bpm == pytest.approx(120 * 16 / 12)


def test_a_bars_first_step_is_not_asked_for() -> None:
    masks = np.array([7, *[0] * 15] * 2)
    silence = np.full((32, 512), -math.inf)
    silence[:, 0] = 0.0
    figures = bar16_figures(score_steps(silence, masks))
    assert (figures.bars, figures.honest_accuracy, figures.honest_nll) == (2, 1.0, 0.0)
    assert figures.all_accuracy == 15 / 16
    assert figures.all_nll == math.inf


def test_the_free_target_is_a_sixteenth_of_the_accuracy() -> None:
    figures = Bar16Figures(1, 0.0, math.log(4), 0.0, 0.0)
    assert figures.accuracy == 1 / 16
    assert figures.perplexity == pytest.approx(4 ** (15 / 16))


def test_the_published_accuracy_is_worth_less_without_the_free_target() -> None:
    assert published().accuracy == pytest.approx(0.5559)
    assert published().perplexity == pytest.approx(4.8042)
    assert published().honest_accuracy == pytest.approx(0.526, abs=5e-4)
    assert math.exp(published().honest_nll) == pytest.approx(5.33, abs=5e-3)


def test_the_report_sets_ours_beside_it(tmp_path: Path) -> None:
    root = write_dataset(
        tmp_path, [Take("1", rock(4)), Take("2", rock(3), split="validation", beat_type="fill")]
    )
    dataset = read_dataset(root)
    report = judge_bar16(candidate(Indifferent()), dataset, "validation", root)
    assert report.groups["all"].honest_nll == pytest.approx(math.log(512))
    assert max(map(len, report.table().splitlines())) <= 100
    assert "0.5559" in report.table()
    figures = json.loads(json.dumps(report.figures(), allow_nan=False))
    assert figures["groups"]["fills"]["honest_perplexity"] == pytest.approx(512)
    assert figures["train_bars"] == sum(p.bars for p in in_sixteen(root, dataset.split("train")))


def test_a_split_without_a_whole_bar_says_so(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, [Take("1", [(0, 36, 100)], split="validation")])
    with pytest.raises(DatasetError, match="with whole bars, found none"):
        judge_bar16(candidate(Indifferent()), read_dataset(root), "validation", root)


def test_a_prepared_file_has_not_got_the_notes(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, [Take("1", rock(2), split="validation")])
    dataset = read_dataset(root, splits=["validation"])
    with pytest.raises(DatasetError, match="expected their folder, got the file"):
        judge_bar16(candidate(Indifferent()), dataset, "validation", root / "info.csv")
