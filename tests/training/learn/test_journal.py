from __future__ import annotations

import csv
import math
from importlib.util import find_spec
from pathlib import Path

import pytest

from polyrhythmia_live.errors import CheckpointError

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs the extra 'train'"),
]


def row(epoch: int, nll: float = 1.0) -> dict[str, float]:
    return {
        "epoch": epoch,
        "train_nll": 1.5,
        "learning_rate": 0.001,
        "nll": nll,
        "velocity_nll": 2.5,
        "microtiming_nll": 2.0,
    }


def logged(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_an_epoch_is_a_line_a_picture_and_scalars(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.journal import EVENTS, Journal

    journal = Journal(tmp_path)
    journal.add(row(1), best_epoch=1)
    journal.add(row(2, nll=0.75), best_epoch=2)
    assert [(line["epoch"], line["nll"]) for line in logged(tmp_path)] == [
        ("1", "1.0"),
        ("2", "0.75"),
    ]
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert len(list((tmp_path / "tensorboard").glob(EVENTS))) == 1
    assert not list(tmp_path.glob("unfinished-*"))


def test_tensorboard_reads_the_scalars(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from polyrhythmia_live.training.learn.journal import Journal

    journal = Journal(tmp_path)
    for epoch in (1, 2):
        journal.add(row(epoch, nll=1 / epoch), best_epoch=epoch)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(row(1)) <= set(events.Tags()["tensors"])
    assert [event.step for event in events.Tensors("nll")] == [1, 2]


def test_after_a_lost_epoch_the_log_has_each_epoch_once(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.journal import Journal

    journal = Journal(tmp_path)
    for epoch in (1, 2, 3):
        journal.add(row(epoch, nll=9.0), best_epoch=1)
    resumed = Journal(tmp_path)
    resumed.resume(epochs=2)
    resumed.add(row(3, nll=0.5), best_epoch=3)
    assert [line["epoch"] for line in logged(tmp_path)] == ["1", "2", "3"]
    assert logged(tmp_path)[-1]["nll"] == "0.5"


def test_a_new_run_in_the_same_folder_begins_a_new_log(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.journal import EVENTS, Journal

    Journal(tmp_path).add(row(7), best_epoch=7)
    journal = Journal(tmp_path)
    journal.begin()
    assert not (tmp_path / "curves.png").exists()
    assert not list((tmp_path / "tensorboard").glob(EVENTS))
    journal.add(row(1), best_epoch=0)
    assert [line["epoch"] for line in logged(tmp_path)] == ["1"]


def test_a_log_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.journal import Journal

    (tmp_path / "log.csv").write_text("epoch,nll\none,two\n")
    with pytest.raises(CheckpointError, match="delete it and resume"):
        Journal(tmp_path).resume(epochs=1)


def test_curves_can_be_drawn_of_a_log_with_gaps(tmp_path: Path) -> None:
    from polyrhythmia_live.training.learn.curves import draw_curves

    draw_curves([{"epoch": 1}, row(2, nll=math.nan)], 1, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000
