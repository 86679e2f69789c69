"""What became of each file, and what was learnt from."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.training.data.picture import picture, write_picture
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.data.verdicts import COLUMNS, write_verdicts
from tests.training.conftest import Take, rock, write_take

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    root = tmp_path / "mine & yours"
    flam = [(4.2, 38, 20), (5, 56, 90)]
    write_take(root / "rock.mid", Take("rock", [*rock(4), *flam], bpm=90))
    write_take(root / "waltz.mid", Take("waltz", rock(3), time_signature="3-4"))
    (root / "broken.mid").write_bytes(b"")
    return root


def test_a_report_has_a_row_for_each_file_those_left_out_first(mine: Path, tmp_path: Path) -> None:
    write_verdicts(read_dataset(mine), tmp_path / "new" / "report.csv")
    with (tmp_path / "new" / "report.csv").open(newline="", encoding="utf-8") as file:
        broken, rocked, waltz = csv.DictReader(file)
    assert tuple(broken) == COLUMNS
    assert (broken["file"], broken["verdict"]) == ("broken.mid", "left out")
    assert broken["reason"] == "not a readable MIDI file"
    assert (rocked["file"], rocked["verdict"], rocked["reason"]) == ("rock.mid", "learnt from", "")
    assert (rocked["style"], rocked["meter"], rocked["bpm"]) == ("rock", "4/4", "90")
    assert (rocked["bars"], rocked["notes"], rocked["hits"]) == ("4", "47", "45")
    assert rocked["remarks"] == (
        "hits that gave way to a louder one in the same cell: 1; "
        "notes of a pitch without a lane: 1 (56)"
    )
    assert waltz["meter"] == "3/4"


def test_a_picture_shows_each_meter_lane_and_place(mine: Path) -> None:
    drawn = ElementTree.fromstring(picture(read_dataset(mine)))
    said = [text.text for text in drawn.iter(f"{SVG}text")]
    assert "What was learnt from: mine & yours" in said
    assert {"4/4: 4 bars", "3/4: 4 bars", "kick", "ride"} <= set(said)
    hits = [title.text for title in drawn.iter(f"{SVG}title")]
    assert "kick, step 1: 100.0% of bars, velocity 100" in hits
    assert "snare, step 5: 100.0% of bars, velocity 90" in hits
    assert not [hit for hit in hits if hit is not None and hit.startswith("low-tom")]


def test_what_cannot_be_written_is_one_line(mine: Path, tmp_path: Path) -> None:
    dataset = read_dataset(mine)
    (tmp_path / "file").write_text("")
    for write in (write_verdicts, write_picture):
        with pytest.raises(DatasetError, match="cannot write"):
            write(dataset, tmp_path / "file" / "report")
