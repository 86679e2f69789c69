from __future__ import annotations

import json
import math

import pytest

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.judging.clean import judge
from polyrhythmia_live.judging.clean_report import FLOORS_MISSING, CleanReport
from polyrhythmia_live.judging.floors import CACHED, COUNTED, REPEAT
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.dataset import Dataset, NoteTally
from polyrhythmia_live.training.data.performance import Performance
from tests.judging.listeners import BACKBEAT, Indifferent, candidate, take


def judged(*performances: Performance, split: str = "validation") -> CleanReport:
    dataset = Dataset(performances, {"broken.mid": "not a readable MIDI file"}, NoteTally())
    return judge(candidate(Indifferent()), dataset, split)


TRAIN = take(BACKBEAT * 2, split="train")
BEAT = take(BACKBEAT * 3, name="beat.mid")
FILL = take(BACKBEAT, genre="jazz", fill=True, name="fill.mid")
WALTZ = take(BACKBEAT[:12], meter=Meter(3, 4), name="waltz.mid")


def test_every_genre_has_its_line_then_beats_fills_and_all() -> None:
    report = judged(TRAIN, FILL, BEAT)
    assert {name: group.steps.steps for name, group in report.groups.items()} == {
        "rock": 48,
        "jazz": 16,
        "beats": 48,
        "fills": 16,
        "all": 64,
    }
    assert report.groups["all"].steps.nll == pytest.approx(math.log(512))
    assert report.bars == 4


def test_files_not_in_four_four_are_named_and_not_judged() -> None:
    report = judged(TRAIN, BEAT, WALTZ)
    assert report.groups["all"].files == 1
    assert report.left_out == {"waltz.mid": "in 3/4", "broken.mid": "not a readable MIDI file"}
    assert "left out: waltz.mid, in 3/4" in report.table()


def test_the_floors_are_counted_from_the_train_split() -> None:
    report = judged(TRAIN, BEAT)
    floors = report.groups["all"].floors
    assert list(floors) == [*COUNTED, *CACHED, REPEAT]
    assert floors["position, bar -1"].accuracy == 1
    assert floors[REPEAT].nll == math.inf
    assert floors[REPEAT].accuracy == pytest.approx((32 + BACKBEAT.count(0)) / 48)


@pytest.mark.parametrize(("present", "split"), [(BEAT, "validation"), (TRAIN, "train")])
def test_without_a_train_split_of_their_own_the_floors_are_missing(
    present: Performance, split: str
) -> None:
    report = judged(present, split=split)
    assert FLOORS_MISSING in report.table()
    assert report.figures()["groups"]["all"]["floors"] == {}
    assert list(report.velocity) == ["all"]


def test_an_empty_split_says_what_to_do() -> None:
    with pytest.raises(DatasetError, match="in 4/4 of the split test, found none: check --split"):
        judged(TRAIN, split="test")


def test_the_table_fits_a_terminal_and_the_figures_fit_json() -> None:
    report = judged(TRAIN, BEAT, FILL, WALTZ)
    assert max(map(len, report.table().splitlines())) <= 100
    figures = json.loads(json.dumps(report.figures(), allow_nan=False))
    assert figures["protocol"] == "clean"
    assert figures["groups"]["all"]["floors"][REPEAT]["nll"] is None


def test_only_fills_have_no_column_for_beats() -> None:
    assert "beats: nats" not in judged(TRAIN, FILL).table()
