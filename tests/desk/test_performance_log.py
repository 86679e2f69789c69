"""What sounded is on paper, whatever happens to the paper."""

import os
from pathlib import Path

import pytest

from polyrhythmia_live.desk import performance_log
from polyrhythmia_live.desk.performance import read_performance
from polyrhythmia_live.desk.performance_log import PerformanceLog, newest_first
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import DRUMS, Applied, Committed, Fire, Moved, Rung, SetLevel
from polyrhythmia_live.rhythm.timeline import Timeline
from tests.desk.doubles import HEAD, STOPPED, moved, read_back, sounded, written

FILL = Applied(Fire("fill", 3.5), DRUMS, 8, 13440)
TEMPO = Applied(SetLevel("tempo", 96.0, 4.5, 8), None, 12, 20200)


def test_all_that_was_asked_and_sounded_is_read_back(tmp_path: Path) -> None:
    events: list[Applied | Moved | Committed] = [
        moved(0), sounded(0), FILL, sounded(1, 96.5, Rung.GROOVE), TEMPO, moved(2, STOPPED),
    ]  # fmt: skip
    performance = read_back(tmp_path / "log.jsonl", events)
    assert performance.head == HEAD
    assert list(performance.events) == events
    assert performance.applied == (FILL, TEMPO)
    assert performance.passed_over == 0


def test_what_is_written_together_is_on_disk_together(tmp_path: Path) -> None:
    log = PerformanceLog(tmp_path / "log.jsonl", HEAD, "0.1")
    for index in range(3):
        log.write(sounded(index))
    assert not log.path.exists()
    log.flush()
    assert len(read_performance(log.path).sounded) == 3
    log.write(sounded(3))
    log.flush()
    assert len(read_performance(log.path).sounded) == 4


def test_nothing_is_written_where_nothing_happened(tmp_path: Path) -> None:
    PerformanceLog(tmp_path / "log.jsonl", HEAD, "0.1").close()
    assert not (tmp_path / "log.jsonl").exists()


def test_a_log_that_was_cut_off_at_any_byte_has_all_before_it(tmp_path: Path) -> None:
    path = written(tmp_path / "log.jsonl", [moved(0), *map(sounded, range(8)), FILL])
    whole = path.read_bytes()
    events = read_performance(path).events
    first_line = whole.index(b"\n")
    for size in range(first_line, len(whole)):
        path.write_bytes(whole[:size])
        found = read_performance(path)
        assert found.events == events[: len(found.events)]
        assert len(found.events) >= whole[:size].count(b"\n") - 1
        assert found.passed_over <= 1
    path.write_bytes(whole[: first_line // 2])
    with pytest.raises(ConfigError, match="expected a performance log"):
        read_performance(path)


def test_a_desk_that_comes_back_goes_on_where_the_line_was_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "log.jsonl", map(sounded, range(8)))
    path.write_bytes(path.read_bytes()[:-5])
    performance = read_back(path, map(sounded, range(8, 16)))
    assert [it.step.index for it in performance.sounded] == [*range(7), *range(8, 16)]
    assert performance.passed_over == 1
    assert path.read_bytes().count(b'"performance"') == 1


def test_a_line_that_says_what_we_do_not_know_is_no_matter(tmp_path: Path) -> None:
    path = written(tmp_path / "log.jsonl", [sounded(0)])
    with path.open("ab") as file:
        file.write(b'{"weather":"fine"}\n[]\n{"step":-1,"hits":[],"bpm":120}\n\xff\n')
    performance = read_performance(path)
    assert len(performance.sounded) == 1
    assert performance.passed_over == 3


@pytest.mark.parametrize("text", [b"", b"\n", b"MThd", b"[1]\n", b'{"performance":1}\n'])
def test_a_file_that_is_no_log_is_named(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "song.jsonl"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=r"expected a performance log, got .*song\.jsonl"):
        read_performance(path)


def test_a_log_of_a_later_version_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "log.jsonl", [sounded(0)])
    path.write_bytes(path.read_bytes().replace(b'"performance":1', b'"performance":2'))
    with pytest.raises(ConfigError, match="version 2"):
        read_performance(path)


def write_bar(log: PerformanceLog, bar: int) -> None:
    for index in range(16 * bar, 16 * bar + 16):
        log.write(sounded(index))
    log.flush()


def test_a_full_disk_ends_the_log_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = PerformanceLog(tmp_path / "log.jsonl", HEAD, "0.1")
    write_bar(log, 0)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, text: write(fd, text[:40]))
    write_bar(log, 1)
    assert "disk is full" in log.trouble
    monkeypatch.setattr(os, "write", write)
    write_bar(log, 2)
    log.close()
    assert len(read_performance(log.path).sounded) == 16


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = PerformanceLog(tmp_path / "file" / "log.jsonl", HEAD, "0.1")
    log.write(sounded(15))
    log.flush()
    assert str(tmp_path / "file") in log.trouble
    log.close()


def test_no_link_is_followed(tmp_path: Path) -> None:
    mine = tmp_path / "songs.txt"
    mine.write_text("all my songs")
    (tmp_path / "log.jsonl").symlink_to(mine)
    log = PerformanceLog(tmp_path / "log.jsonl", HEAD, "0.1")
    log.write(sounded(15))
    log.close()
    assert log.trouble
    assert mine.read_text() == "all my songs"


def test_the_oldest_performances_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance_log, "KEPT_BYTES", 5000)
    for day in range(1, 6):
        (tmp_path / f"2026-11-0{day}.jsonl").write_bytes(b"x" * 1000)
    (tmp_path / "notes.txt").write_text("mine")
    tonight = written(tmp_path / "2026-11-30.jsonl", [sounded(0)])
    kept = [path.name for path in newest_first(tmp_path)]
    assert kept == ["2026-11-30.jsonl", "2026-11-05.jsonl", "2026-11-04.jsonl"]
    assert (tmp_path / "notes.txt").exists()
    log = PerformanceLog(tonight, HEAD, "0.1")
    for bar in range(13):
        write_bar(log, bar)
    assert "full" in log.trouble
    log.close()
    assert tonight.stat().st_size <= 2500


def test_the_timeline_is_written_where_it_is_news(tmp_path: Path) -> None:
    log = PerformanceLog(tmp_path / "log.jsonl", HEAD, "0.1")
    steady = Timeline(120.0, 0, 10.0)
    faster = steady.at_tempo(121.0, 14.0)
    for now_seconds in (10.0, 11.0, 12.0):
        log.follow(steady.from_tick(steady.tick_at(now_seconds), 120.0), now_seconds)
    log.follow(faster, 14.0)
    log.follow(faster, 15.0)
    log.close()
    assert read_performance(log.path).events == (steady, faster)
