"""What is printed where it cannot be shown."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import Take, rock, write_take

RENDER = ("render", "take.mid", "--bars", "1", "--seed", "1")


def run(arguments: tuple[str, ...], ending: str, folder: Path, **others: str) -> tuple[int, str]:
    """A command with its outputs led elsewhere; its exit status and what it said."""
    command = shlex.join((sys.executable, "-m", "polyrhythmia_live", *arguments))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **others}
    done = subprocess.run(
        ["sh", "-c", f"{command} {ending}"], cwd=folder, env=environment, capture_output=True
    )
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


@pytest.mark.parametrize("ending", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_the_work_is_done_where_nobody_can_be_told(ending: str, tmp_path: Path) -> None:
    assert run(RENDER, ending, tmp_path)[0] == 0
    assert (tmp_path / "take.mid").stat().st_size > 0


def test_what_was_asked_for_is_done_and_that_its_report_is_lost_is_said(tmp_path: Path) -> None:
    status, said = run(RENDER, ">/dev/full", tmp_path)
    assert (tmp_path / "take.mid").stat().st_size > 0
    assert status == 1
    assert said.splitlines()[-1] == "polyrhythmia: cannot write: No space left on device"


def test_a_reader_who_has_had_enough_is_told_nothing(tmp_path: Path) -> None:
    assert run(("genres",), "| head -1 >/dev/null", tmp_path)[1] == ""


@pytest.mark.parametrize("charset", ["ascii", "latin-1"])
def test_names_that_cannot_be_shown_are_written_as_escapes(charset: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write_take(mine / "rock.mid", Take("rock", rock(1)))
    for name in ("funk \u65e5\u672c.mid", os.fsdecode(b"funk \xff.mid")):
        (mine / name).write_bytes(b"no MIDI")
    command = ("prepare", "--data", str(mine), "--out", str(tmp_path / "mine.npz"))
    status, said = run(command, "", tmp_path, PYTHONIOENCODING=charset)
    assert status == 0, said
    assert "written to" in said
    assert (tmp_path / "mine.npz").exists()
