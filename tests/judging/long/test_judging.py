from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.long.form import compare_form
from polyrhythmia_live.judging.long.judging import judge
from polyrhythmia_live.judging.long.programme import LongProgramme
from polyrhythmia_live.judging.long.report import LongJudgement
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.rhythm.bar import Hit
from polyrhythmia_live.training.data.dataset import Dataset
from tests.judging.generation.doubles import JAZZ, ROCK, SILENCE, Band, people, take

PROGRAMME = LongProgramme(takes=5, seed=1, lengths=(64, 128))
CRASH: Steps = ((Hit(7, 100),), *ROCK[1:])


class LongBand(Band):
    genres = ("rock", "jazz", "latin", "punk")
    primers: Mapping[str, Sequence[Steps]] = {"rock": [ROCK * 2], "jazz": [JAZZ * 2]}


@pytest.fixture(scope="module")
def data() -> Dataset:
    return people(bars=70)


@pytest.fixture(scope="module")
def of_people(data: Dataset) -> LongJudgement:
    return judge(LongBand(), data, "validation", PROGRAMME, ["rock", "jazz"])


def test_a_band_that_plays_on_as_people_do_passes_at_both_lengths(
    of_people: LongJudgement,
) -> None:
    marks = of_people.figures()["marks"]
    for name in (
        "bar-to-bar F1",
        "F1 eight bars on",
        "snare on 2",
        "snare on 4",
        "style, last quarter",
    ):
        assert [at["passed"] for at in marks[name]["lengths"].values()] == [True, True], name


def test_a_band_that_stops_and_forgets_the_style_is_found_out(data: Dataset) -> None:
    silent = LongBand(0.0, {"rock": SILENCE, "jazz": ROCK})
    judgement = judge(silent, data, "validation", PROGRAMME, ["rock", "jazz"])
    genres = judgement.figures()["genres"]
    assert genres["rock"]["figures"]["bars under 3 hits"]["passed"] == {"64": False, "128": False}
    assert not any(genres["jazz"]["figures"]["style, last quarter"]["passed"].values())
    assert "FAIL" in judgement.table()


def test_the_table_fits_a_screen_of_100_columns_and_the_figures_are_json(
    of_people: LongJudgement,
) -> None:
    assert max(map(len, of_people.table().splitlines())) <= 100
    assert json.loads(json.dumps(of_people.figures(), allow_nan=False))["programme"]["takes"] == 5


def test_a_quarter_as_many_takes_are_long_and_fills_are_asked_for_from_every_beat(
    data: Dataset,
) -> None:
    band = LongBand()
    judge(band, data, "validation", PROGRAMME, ["rock"])
    bars = [request.bars for request in band.asked]
    assert bars == [128] * 2 + [64] * 5 + [49] * 4
    assert [request.fills[0] for request in band.asked[-4:]] == [112, 116, 120, 124]


def test_a_genre_of_too_few_people_is_left_out_and_said_to_be(data: Dataset) -> None:
    judgement = judge(LongBand(), data, "validation", PROGRAMME)
    assert judgement.not_played == ("punk",)
    assert {c.genre for c in judgement.comparisons} == {"rock", "jazz", "latin"}
    with pytest.raises(DatasetError, match="at least 32 bars of 2 files"):
        judge(LongBand(), data, "validation", PROGRAMME, ["punk"])


def test_a_crash_on_every_eighth_bar_is_in_the_form() -> None:
    form = compare_form([take(*[CRASH, *[ROCK] * 7] * 2)], [take(ROCK)])
    assert form.generated["crash on one"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert np.isnan(form.human["crash on one"][1:]).all()
