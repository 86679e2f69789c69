from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polyrhythmia_live.drummer.styles import GENRES
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from tests.training.conftest import Onset, Take, rock, write_dataset

KICK, SNARE, CLOSED_HAT, LOW_TOM = 0, 1, 2, 4


def read_one(root: Path, onsets: list[Onset], **said: Any) -> Performance:
    [performance] = read_dataset(write_dataset(root, [Take("take", onsets, **said)])).performances
    return performance


def test_the_official_split_is_kept(groove: Path) -> None:
    dataset = read_dataset(groove)
    names = {
        split: [Path(p.name).stem for p in dataset.split(split)]
        for split in ("train", "validation", "test")
    }
    assert names == {
        "train": ["1_rock", "2_jazz", "3_fill"],
        "validation": ["4_rock", "5_waltz"],
        "test": [],
    }


def test_performances_in_four_four_can_be_had_alone(groove: Path) -> None:
    [four_four] = read_dataset(groove).split("validation", meter=Meter(4, 4))
    assert four_four.genre == "rock"


def test_a_take_knows_its_style_tempo_and_whether_it_is_a_fill(groove: Path) -> None:
    _, jazz, fill = read_dataset(groove).split("train")
    assert (jazz.genre, jazz.style, jazz.tempo_bpm, jazz.fill) == ("jazz", "jazz/swing", 180, False)
    assert (fill.genre, fill.fill) == ("funk", True)


def test_a_note_just_before_the_bar_line_belongs_to_the_next_bar(tmp_path: Path) -> None:
    take = read_one(tmp_path, [(0, 36, 100), (15.75, 36, 90)])
    assert take.bars == 2
    assert take.velocities[16, KICK] == 90
    assert take.microtimings_ticks[16, KICK] == -TICKS_PER_STEP // 4


def test_half_a_step_late_is_half_a_step_early_for_the_next(tmp_path: Path) -> None:
    take = read_one(tmp_path, [(4.5, 38, 70)])
    assert take.velocities[5, SNARE] == 70
    assert take.microtimings_ticks[5, SNARE] == -TICKS_PER_STEP // 2


def test_the_louder_of_two_notes_in_a_cell_stays(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, [Take("flam", [(3.9, 40, 30), (4.1, 37, 80), (4.2, 38, 40)])])
    dataset = read_dataset(root)
    [take] = dataset.performances
    assert take.velocities[4, SNARE] == 80
    assert take.articulations[4, SNARE] == 2
    assert take.microtimings_ticks[4, SNARE] == TICKS_PER_STEP // 10
    assert dataset.tally.collided == 2


def test_a_tom_rim_is_a_tom_and_a_pedal_is_a_hat_by_foot(tmp_path: Path) -> None:
    take = read_one(tmp_path, [(0, 58, 50), (1, 44, 60)])
    assert take.velocities[0, LOW_TOM] == 50
    assert take.velocities[1, CLOSED_HAT] == 60
    assert take.articulations[1, CLOSED_HAT] == 1


def test_pitches_without_a_lane_are_counted(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, [Take("cowbell", [(0, 36, 90), (2, 56, 90)])])
    dataset = read_dataset(root)
    assert dataset.tally.unmapped == 1
    assert "1 have a pitch without a lane" in dataset.summary()
    assert "pitches without a lane: 56 (1)" in dataset.summary()


@pytest.mark.parametrize(
    ("pitch", "lane"), [(35, KICK), (39, SNARE), (41, LOW_TOM), (22, CLOSED_HAT)]
)
def test_general_midis_other_drums_have_a_lane(tmp_path: Path, pitch: int, lane: int) -> None:
    take = read_one(tmp_path, [(0, pitch, 90)])
    assert np.flatnonzero(take.velocities[0]).tolist() == [lane]
    assert take.articulations[0, lane] == 0


def test_a_stray_note_hours_later_does_not_make_a_grid_of_gigabytes(tmp_path: Path) -> None:
    take = read_one(tmp_path, [*rock(3), (16 * 100_000, 36, 90)])
    assert take.bars == 3


def test_a_performance_longer_than_an_evening_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="longer than 8192 bars"):
        read_one(tmp_path, [(16 * bar, 36, 90) for bar in range(8193)])


def test_a_file_that_cannot_be_used_is_left_out_with_the_reason(tmp_path: Path) -> None:
    root = write_dataset(
        tmp_path,
        [
            Take("good", rock(1)),
            Take("polka", rock(1), style="polka"),
            Take("cowbell", [(0, 56, 90)]),
            Take("gone", rock(1)),
            Take("broken", rock(1)),
        ],
    )
    (root / "drummer1/gone.mid").unlink()
    (root / "drummer1/broken.mid").write_bytes(b"not a MIDI file")
    dataset = read_dataset(root)
    assert len(dataset.performances) == 1
    assert {Path(name).stem: reason for name, reason in dataset.dropped_files.items()} == {
        "polka": f"style 'polka' is not one of the {len(GENRES)} genres",
        "cowbell": "no drum notes in it",
        "gone": "the MIDI file is not there",
        "broken": "not a readable MIDI file",
    }
    assert "1 files left out: no drum notes in it (drummer1/cowbell.mid)" in dataset.summary()


def test_a_folder_that_is_not_the_dataset_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"a folder with info\.csv.*unpack"):
        read_dataset(tmp_path)


def test_another_table_is_not_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "info.csv").write_text("name,split\na,train\n")
    with pytest.raises(DatasetError, match=r"midi_filename.* missing"):
        read_dataset(tmp_path)


def test_a_dataset_without_the_split_says_so(groove: Path) -> None:
    with pytest.raises(DatasetError, match="no files of the split test"):
        read_dataset(groove, splits=["test"])


def test_the_second_time_the_midi_files_are_not_needed(groove: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept" / "groove.npz"
    read = read_dataset(groove, cache=cache)
    for path in groove.glob("drummer1/*.mid"):
        path.unlink()
    kept = read_dataset(groove, cache=cache)
    assert kept.tally == read.tally
    for mine, theirs in zip(kept.performances, read.performances, strict=True):
        assert (mine.name, mine.meter, mine.fill) == (theirs.name, theirs.meter, theirs.fill)
        assert (mine.velocities == theirs.velocities).all()
        assert (mine.microtimings_ticks == theirs.microtimings_ticks).all()
        assert (mine.articulations == theirs.articulations).all()


def test_a_cache_of_other_splits_or_of_rubbish_is_read_anew(groove: Path, tmp_path: Path) -> None:
    cache = tmp_path / "groove.npz"
    read_dataset(groove, splits=["train"], cache=cache)
    assert len(read_dataset(groove, cache=cache).performances) == 5
    cache.write_bytes(b"rubbish")
    assert len(read_dataset(groove, cache=cache).performances) == 5


def test_the_cache_of_one_split_serves_the_others_that_were_read(
    groove: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "groove.npz"
    read_dataset(groove, cache=cache)
    for path in groove.glob("drummer1/*.mid"):
        path.unlink()
    [rock, waltz] = read_dataset(groove, splits=["validation"], cache=cache).performances
    assert rock.split == waltz.split == "validation"


def test_labels_are_by_the_train_split_whichever_split_is_asked_for(groove: Path) -> None:
    both = read_dataset(groove).split("validation")
    alone = read_dataset(groove, splits=["validation"]).performances
    for mine, theirs in zip(both, alone, strict=True):
        assert np.isfinite(mine.density_ranks).all()
        assert np.array_equal(mine.density_ranks, theirs.density_ranks)


def test_without_a_train_split_ranks_are_unknown(tmp_path: Path) -> None:
    take = Take("take", rock(2), split="validation")
    dataset = read_dataset(write_dataset(tmp_path, [take]))
    assert dataset.references is None
    assert np.isnan(dataset.performances[0].density_ranks).all()


@pytest.mark.parametrize(("column", "wrong"), [("bpm", "fast"), ("bpm", "5"), ("style", "polka")])
def test_a_wrong_row_costs_its_own_file_only(groove: Path, column: str, wrong: str) -> None:
    index = groove / "info.csv"
    rows = list(csv.DictReader(index.open()))
    rows[0][column] = wrong
    with index.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    dataset = read_dataset(groove)
    assert len(dataset.performances) == 4
    assert list(dataset.dropped_files) == [rows[0]["midi_filename"]]


def test_a_performance_that_does_not_fit_together_is_a_mistake(groove: Path) -> None:
    with pytest.raises(ValueError, match="a row per step"):
        replace(read_dataset(groove).performances[0], fills=np.zeros(3, np.bool_))
