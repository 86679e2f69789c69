from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data import reading
from polyrhythmia_live.training.data.entry import Entry, read_entry
from polyrhythmia_live.training.data.features import asked_of
from polyrhythmia_live.training.data.folder import with_splits
from polyrhythmia_live.training.data.naming import style_named
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.data.reading import read_dataset
from polyrhythmia_live.training.data.verdicts import write_verdicts
from tests.training.conftest import Take, rock, write_take


def put(root: Path, *names: str, bpm: int = 120, time_signature: str = "4-4") -> Path:
    for name in names:
        take = Take(name, rock(2), bpm=bpm, time_signature=time_signature)
        write_take(root / name, take)
    return root


def table(root: Path, *lines: str) -> Path:
    (root / "styles.csv").write_text("\n".join(lines) + "\n")
    return root


def named(*names: str, split: str = "") -> list[Performance]:
    grid = np.zeros((16, 9), np.int16)
    fills = np.zeros(16, np.bool_)
    return [
        Performance(name, split, "rock", "rock", 120.0, Meter(), fills, grid, grid, grid)
        for name in names
    ]


@pytest.mark.parametrize(
    ("path", "style"),
    [
        ("bossa_nova_120.mid", "bossa"),
        ("120 Funk - verse.mid", "funk"),
        ("Hip-Hop/groove 1.mid", "hiphop"),
        ("HipHop groove.mid", "hiphop"),
        ("NEW ORLEANS second line.mid", "neworleans/secondline"),
        ("latin samba fast.mid", "latin/samba"),
        ("Blues Shuffle.mid", "blues/shuffle"),
        ("Baião no 3.mid", "baiao"),
        ("rock/funk/take.mid", "funk"),
        ("rock/polka.mid", "rock"),
        ("jazz waltz then rock.mid", "jazz"),
        ("polka.mid", ""),
        ("rocket.mid", ""),
    ],
)
def test_a_style_is_the_first_that_is_named(path: str, style: str) -> None:
    assert style_named(PurePosixPath(path)) == style


def test_a_folder_of_midi_files_is_a_dataset(tmp_path: Path) -> None:
    root = put(tmp_path / "jazz", "a.mid", "deep/down/samba.MID", bpm=90, time_signature="3-4")
    (root / "notes.txt").write_text("to myself")
    (root / "._a.mid").write_bytes(b"what a Mac leaves behind")
    dataset = read_dataset(root)
    jazz, samba = sorted(dataset.performances, key=lambda p: p.name)
    assert (jazz.name, jazz.styles) == ("a.mid", ("jazz",))
    assert (samba.name, samba.styles) == ("deep/down/samba.MID", ("latin", "samba"))
    assert jazz.meter == Meter(3, 4)
    assert jazz.tempo_bpm == pytest.approx(90, abs=0.01)
    assert (dataset.name, dataset.licence) == ("jazz", "not stated")


def test_a_file_of_unknown_style_is_kept_and_counted(tmp_path: Path) -> None:
    dataset = read_dataset(put(tmp_path / "mine", "a.mid", "b.mid"))
    assert {(p.genre, p.styles) for p in dataset.performances} == {("", ())}
    assert not asked_of(dataset.performances[0]).styles.any()
    assert "2 files of unknown style" in dataset.summary()


def test_a_fill_may_say_so_in_its_name(tmp_path: Path) -> None:
    root = put(tmp_path, "rock fill 1.mid", "fills/rock.mid", "rock filled.mid")
    fills = {p.name: p.fill for p in read_dataset(root).performances}
    assert fills == {"rock fill 1.mid": True, "fills/rock.mid": True, "rock filled.mid": False}


def test_the_table_says_more_than_the_name(tmp_path: Path) -> None:
    root = table(
        put(tmp_path, "rock.mid", "sub/b.mid", "funk.mid"),
        "\ufeffFile, Style, split, tempo, beat_type, meter",
        "rock.mid, latin/brazilian-bossa, validation, 140, fill, 7/8",
        "b.mid,jazz,train,,,",
    )
    by_name = {p.name: p for p in read_dataset(root).performances}
    said = by_name["rock.mid"]
    assert (said.styles, said.split) == (("latin", "bossa"), "validation")
    assert (said.tempo_bpm, said.fill, said.meter) == (140, True, Meter(7, 8))
    assert by_name["sub/b.mid"].genre == "jazz", "the only file of that name"
    assert (by_name["funk.mid"].genre, by_name["funk.mid"].split) == ("funk", "train")


def test_a_listed_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    root = table(put(tmp_path, "a.mid"), "file,style", "gone.mid,rock")
    assert read_dataset(root).dropped_files == {"gone.mid": "the MIDI file is not there"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["name,style", "a.mid,rock"], "the columns file and style"),
        (["file,style,split", "a.mid,rock,eval"], "split must be one of train, validation, test"),
        (["file,style,tempo", "a.mid,rock,fast"], r"tempo must be in 20\.\.320 bpm, got 'fast'"),
        (["file,style,tempo", "a.mid,rock,nan"], "tempo must be"),
        (["file,style,meter", "a.mid,rock,7"], "meter must be one such as 7/8, got '7'"),
        (["file,style,meter", "a.mid,rock,7/9"], "meter must be one such as 7/8"),
        (["file,style,beat_type", "a.mid,rock,solo"], "beat_type must be beat or fill"),
        (["file,style", "a.mid,rock", "a.mid,funk"], "each file once: a.mid"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        read_dataset(table(put(tmp_path, "a.mid"), *lines))


def test_a_table_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (put(tmp_path, "a.mid") / "styles.csv").write_bytes(b"file,style\n\xff\xfe,rock\n")
    with pytest.raises(DatasetError, match="comma-separated values in UTF-8"):
        read_dataset(tmp_path)


def test_a_bad_file_among_good_ones_is_left_out(tmp_path: Path) -> None:
    root = put(tmp_path, "good.mid")
    (root / "bad.mid").write_bytes(b"MThd")
    dataset = read_dataset(root)
    assert [p.name for p in dataset.performances] == ["good.mid"]
    assert dataset.dropped_files == {"bad.mid": "not a readable MIDI file"}


def test_nothing_but_bad_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.mid").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"none of the 1 files .* not a readable MIDI file"):
        read_dataset(tmp_path)


def test_a_tempo_that_no_one_plays_is_left_out(tmp_path: Path) -> None:
    put(put(tmp_path, "a.mid"), "b.mid", bpm=5)
    assert read_dataset(tmp_path).dropped_files == {"b.mid": "tempo not in 20..320 bpm"}


names = st.sets(st.text("abcdef/", min_size=1, max_size=8), min_size=2, max_size=60)


@given(names)
def test_some_files_are_held_out_and_never_all(found: set[str]) -> None:
    splits = [p.split for p in with_splits(named(*sorted(found)))]
    assert set(splits) == {"train", "validation"}


@given(names, names)
def test_more_files_do_not_send_a_held_out_one_back(found: set[str], more: set[str]) -> None:
    def held_out(of: set[str]) -> set[str]:
        return {p.name for p in with_splits(named(*sorted(of))) if p.split == "validation"}

    if len(held_out(found)) > 1:
        assert held_out(found) <= held_out(found | more)


def test_a_tenth_is_held_out(tmp_path: Path) -> None:
    performances = with_splits(named(*(f"take {n}.mid" for n in range(1000))))
    assert 80 < sum(p.split == "validation" for p in performances) < 120


def test_a_single_file_is_trained_on() -> None:
    assert [p.split for p in with_splits(named("a.mid"))] == ["train"]


def test_stated_splits_are_kept() -> None:
    takes = with_splits([*named("a", "b"), *named("c", split="test")])
    assert [p.split for p in takes] == ["train", "train", "test"]


def test_a_folders_cache_is_read_anew_when_a_file_changes(tmp_path: Path) -> None:
    root, cache = put(tmp_path / "mine", "a.mid"), tmp_path / "kept.npz"
    assert read_dataset(root, splits=["train"], cache=cache).performances[0].bars == 2
    write_take(root / "a.mid", Take("a", rock(3)))
    assert read_dataset(root, splits=["train"], cache=cache).performances[0].bars == 3
    put(root, "b.mid")
    assert len(read_dataset(root, cache=cache).performances) == 2


def test_whatever_lies_in_a_folder_costs_only_itself(tmp_path: Path) -> None:
    root = put(tmp_path / "mine", "rock.mid", "01.mid", "2024/7.mid", "ドラム.mid", "karaoke.KAR")
    (root / "gone.mid").symlink_to("/nowhere/x.mid")
    (root / "round.mid").symlink_to("round.mid")
    (root / "folder.mid").mkdir()
    (root / "empty.mid").write_bytes(b"")
    os.mkfifo(root / "pipe.mid")
    dataset = read_dataset(root)
    assert len(dataset.performances) == 5
    assert dataset.dropped_files == {
        "gone.mid": "the MIDI file is not there",
        "round.mid": "the MIDI file is not there",
        "empty.mid": "not a readable MIDI file",
        "pipe.mid": "not a plain file",
    }


@pytest.mark.skipif(sys.platform == "darwin", reason="there a name is letters")
def test_a_name_that_is_no_text_is_read_and_reported(tmp_path: Path) -> None:
    root = put(tmp_path / "mine", "rock.mid")
    shutil.copy(root / "rock.mid", root / os.fsdecode(b"no-\xff-letter.mid"))
    reading.prepare(root, tmp_path / "x.npz")
    assert len(read_dataset(tmp_path / "x.npz").performances) == 2
    write_verdicts(read_dataset(root), tmp_path / "report.csv")
    assert "no-\\udcff-letter.mid,learnt from" in (tmp_path / "report.csv").read_text()


def test_a_mistake_of_ours_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(root: Path, entry: Entry, *rest: Any) -> tuple[Performance, ...]:
        if entry.name == "a.mid":
            raise ZeroDivisionError("by nothing")
        return read_entry(root, entry, *rest)

    monkeypatch.setattr(reading, "read_entry", read)
    dataset = read_dataset(put(tmp_path, "a.mid", "b.mid"))
    assert [p.name for p in dataset.performances] == ["b.mid"]
    assert dataset.dropped_files == {"a.mid": "a fault of ours (ZeroDivisionError: by nothing)"}


def test_the_parts_of_a_file_are_held_out_together() -> None:
    takes = named(*(f"take {n}.mid{part}" for n in range(40) for part in ("", "#2", "#3")))
    splits: dict[str, set[str]] = {}
    for take in with_splits(takes):
        splits.setdefault(take.file, set()).add(take.split)
    assert len(splits) == 40
    assert all(len(split) == 1 for split in splits.values())


def test_a_file_that_says_nothing_is_read_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "7-8 groove 140.mid"
    midi = mido.MidiFile(ticks_per_beat=96)
    hits = [mido.Message("note_on", channel=9, note=36, velocity=90, time=48) for _ in range(14)]
    midi.tracks.append(mido.MidiTrack(hits))
    midi.save(path)
    dataset = read_dataset(tmp_path)
    [take] = dataset.performances
    assert (take.meter, take.tempo_bpm) == (Meter(7, 8), 140)
    assert dataset.verdicts[0].told == ("7/8 by its name", "140 bpm by its name")
    path.rename(tmp_path / "groove.mid")
    assert read_dataset(tmp_path).verdicts[0].told == (
        "4/4 taken for granted",
        "120 bpm taken for granted",
    )
