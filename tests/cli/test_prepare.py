from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from polyrhythmia_live.cli.prepare import prepare
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.training.data.reading import read_dataset
from tests.training.conftest import Take, rock, write_dataset, write_take


def test_it_says_what_was_read_and_what_was_not(tmp_path: Path) -> None:
    takes = [Take("a", rock(4)), Take("b", rock(2)), Take("c", rock(1), split="validation")]
    root = write_dataset(tmp_path / "groove", takes)
    (root / "drummer1" / "b.mid").write_bytes(b"")
    out = tmp_path / "groove.npz"
    result = CliRunner().invoke(prepare, ["--data", str(root), "--out", str(out)])
    assert result.exit_code == 0
    said = result.stdout.splitlines()
    assert said[0].startswith("2 files, 5 bars")
    assert said[1:] == [
        "1 files left out: not a readable MIDI file (drummer1/b.mid)",
        "train: 1 files, 4 bars",
        "validation: 1 files, 1 bars",
        f"test: not in {root}",
        f"written to {out}",
    ]
    assert len(read_dataset(out).performances) == 2


def test_any_folder_of_drum_files_will_do(tmp_path: Path) -> None:
    for name in ("rock.mid", "bossa.mid"):
        write_take(tmp_path / "mine" / name, Take(name, rock(1)))
    out = tmp_path / "mine.npz"
    result = CliRunner().invoke(prepare, ["--data", str(tmp_path / "mine"), "--out", str(out)])
    assert "train: 1 files, 1 bars" in result.stdout
    assert "validation: 1 files, 1 bars" in result.stdout


def test_a_folder_without_recordings_is_one_line(tmp_path: Path) -> None:
    said = ["--data", str(tmp_path), "--out", str(tmp_path / "x.npz")]
    assert isinstance(CliRunner().invoke(prepare, said).exception, DatasetError)
    assert not (tmp_path / "x.npz").exists()


def test_a_wrong_option_is_a_usage_error(tmp_path: Path) -> None:
    assert CliRunner().invoke(prepare, ["--data", str(tmp_path)]).exit_code == 2


def test_a_report_says_what_became_of_each_file_and_draws_it(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    write_take(root / "rock.mid", Take("rock", rock(4)))
    (root / "broken.mid").write_bytes((root / "rock.mid").read_bytes()[:-9])
    report, drawing = tmp_path / "report.csv", tmp_path / "report.svg"
    said = ["--data", str(root), "--out", str(tmp_path / "x.npz"), "--report", str(report)]
    result = CliRunner().invoke(prepare, said)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "files in which something was passed over or guessed: 1 (see the report)" in lines
    assert lines[-1] == f"written to {report} and {drawing}"
    assert "cut off at its end" in report.read_text()
    assert drawing.read_text().startswith("<svg")


def test_a_report_is_no_picture(tmp_path: Path) -> None:
    said = ["--data", str(tmp_path), "--out", str(tmp_path / "x.npz"), "--report", "a.svg"]
    result = CliRunner().invoke(prepare, said)
    assert result.exit_code == 2
    assert "expected a .csv" in result.output


def test_a_report_is_written_where_no_file_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken.mid").write_bytes(b"")
    report = tmp_path / "report.csv"
    said = ["--data", str(tmp_path / "mine"), "--out", str(tmp_path / "x.npz")]
    result = CliRunner().invoke(prepare, [*said, "--report", str(report)])
    assert isinstance(result.exception, DatasetError)
    assert "broken.mid,left out,not a readable MIDI file" in report.read_text()
