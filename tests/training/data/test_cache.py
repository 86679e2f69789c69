"""Prepared data: what is read back is what was read first."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.training.data import cache
from polyrhythmia_live.training.data.performance import STEP_FIELDS
from polyrhythmia_live.training.data.reading import prepare, read_dataset
from tests.training.conftest import Take, rock, write_take


@pytest.fixture
def prepared(groove: Path, tmp_path: Path) -> Path:
    out = tmp_path / "new" / "groove.npz"
    prepare(groove, out)
    return out


def test_prepared_performances_are_those_of_the_folder(groove: Path, prepared: Path) -> None:
    fresh, kept = read_dataset(groove), read_dataset(prepared)
    assert (kept.name, kept.licence) == (fresh.name, fresh.licence)
    assert kept.tally == fresh.tally
    assert kept.references == fresh.references
    for mine, theirs in zip(fresh.performances, kept.performances, strict=True):
        for field in ("name", "split", "genre", "style", "tempo_bpm", "meter"):
            assert getattr(mine, field) == getattr(theirs, field)
        for field in STEP_FIELDS:
            one, other = getattr(mine, field), getattr(theirs, field)
            assert one.dtype == other.dtype
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), field


def test_the_list_of_dropped_files_is_kept_as_well(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    write_take(root / "a.mid", Take("a", [*rock(2), (3, 56, 90), (5, 54, 80), (6, 54, 80)]))
    (root / "bad.mid").write_bytes(b"")
    summary = prepare(root, tmp_path / "mine.npz").summary()
    assert read_dataset(tmp_path / "mine.npz").summary() == summary
    assert "pitches without a lane: 54 (2), 56 (1)" in summary


def test_a_prepared_file_gives_the_splits_asked_for(prepared: Path) -> None:
    assert {p.split for p in read_dataset(prepared, ["validation"]).performances} == {"validation"}
    with pytest.raises(DatasetError, match="no files of the split test: found train, validation"):
        read_dataset(prepared, ["test"])


def test_a_prepared_file_serves_as_the_folders_cache(groove: Path, prepared: Path) -> None:
    for path in groove.glob("drummer1/*.mid"):
        path.unlink()
    assert len(read_dataset(groove, cache=prepared).performances) == 5


def test_preparing_again_reads_again(groove: Path, prepared: Path) -> None:
    (groove / "drummer1" / "1_rock.mid").unlink()
    assert len(prepare(groove, prepared).performances) == 4
    assert len(read_dataset(prepared).performances) == 4


def test_data_of_another_encoding_must_be_prepared_again(prepared: Path) -> None:
    with np.load(prepared) as arrays:
        kept = dict(arrays)
    heading = json.loads(str(kept["heading"]))
    heading["made_for"][1] -= 1
    np.savez(prepared, **{**kept, "heading": json.dumps(heading)})
    with pytest.raises(DatasetError, match=r"another version .* prepare it again"):
        read_dataset(prepared)


def test_a_file_of_another_kind_is_not_prepared_data(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, weights=np.ones(3))
    with pytest.raises(DatasetError, match="is no prepared data"):
        read_dataset(path)
    np.save(tmp_path / "data.npy", np.ones(3))
    with pytest.raises(DatasetError, match="is no prepared data"):
        read_dataset(tmp_path / "data.npy")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
def test_a_damaged_file_is_a_dataset_error_and_nothing_else(
    prepared: Path, data: st.DataObject
) -> None:
    whole = prepared.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.binary(max_size=4))
    damaged = prepared.with_name("damaged.npz")
    damaged.write_bytes(whole[:at] + put + whole[at + data.draw(st.integers(0, 40)) :])
    try:
        cache.load(damaged)
    except DatasetError:
        assert cache.load_cache(damaged, content="", splits=()) is None


def test_a_place_that_cannot_be_written_is_one_line(groove: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="cannot write"):
        prepare(groove, tmp_path / "file" / "groove.npz")
