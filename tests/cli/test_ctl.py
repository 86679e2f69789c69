"""From a shell: names are completed, and what cannot be is one line."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from polyrhythmia_live.cli import polyrhythmia
from polyrhythmia_live.cli.performances import new_performance, performances_folder
from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.errors import ConfigError, NothingPlays, PolyrhythmiaError
from tests.desk.doubles import sounded, written


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def completed(*arguments: str) -> list[str]:
    complete = ShellComplete(polyrhythmia, {}, "polyrhythmia", "_POLYRHYTHMIA_COMPLETE")
    *before, typed = arguments
    return [item.value for item in complete.get_completions(before, typed)]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(polyrhythmia, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_names_of_levels_and_triggers_are_completed() -> None:
    assert completed("ctl", "set", "de") == ["density"]
    assert completed("ctl", "set", "") == list(LEVELS)
    assert completed("ctl", "ha") == ["half-time"]
    assert {"set", "say", "status", "capture", "fill", "play-stop"} <= set(completed("ctl", ""))
    assert completed("ctl", "set", "genre", "fu") == []  # nothing plays that could have some


def test_every_trigger_is_a_command_that_explains_itself() -> None:
    for name in TRIGGERS:
        shell_name = name.replace(" ", "-").replace("/", "-")
        assert name.capitalize() in run("ctl", shell_name, "--help")


@pytest.mark.parametrize(
    "arguments",
    [["fill"], ["set", "density", "-10"], ["say", "jazz"], ["status"], ["capture", "8"]],
)
def test_where_nothing_plays_it_says_so(arguments: list[str]) -> None:
    with pytest.raises(NothingPlays, match="nothing plays: start it"):
        run("ctl", *arguments)


def test_a_level_that_there_is_not_is_named() -> None:
    with pytest.raises(PolyrhythmiaError, match="did you mean density"):
        run("ctl", "set", "densty", "3")


def test_without_a_performance_there_is_nothing_to_capture() -> None:
    with pytest.raises(ConfigError, match="there is no performance"):
        run("capture", "8", "last.mid")


@pytest.fixture
def last_night() -> Path:
    """The log of a performance of two bars and a half."""
    return written(new_performance("2026-11-29T23:15:00+01:00"), map(sounded, range(40)))


def test_the_last_bars_are_the_last_whole_ones_of_the_newest_log(
    last_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(performances_folder() / "2026-11-01T20-00-00.jsonl", [sounded(0)])
    assert last_night.name == "2026-11-29T23-15-00.jsonl"
    said = run("capture", "1", str(tmp_path / "last.jsonl"))
    assert "1 bars" in said
    lines = (tmp_path / "last.jsonl").read_text().splitlines()[1:]
    assert len(lines) == 8
    assert '"velocity": 17' in lines[0]  # step 16: see `sounded`
    run("capture", "8", str(tmp_path / "all.mid"))
    monkeypatch.chdir(tmp_path)
    run("capture", "8")
    (unnamed,) = tmp_path.glob("rock-*.mid")
    assert unnamed.read_bytes() == (tmp_path / "all.mid").read_bytes()


@pytest.mark.parametrize("command", [["capture", "1"], ["replay", "{log}"]])
def test_a_file_that_is_there_is_replaced_only_where_that_is_said(
    command: list[str], last_night: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "riff.mid"
    kept.write_text("a riff")
    arguments = [it.format(log=last_night) for it in command]
    with pytest.raises(ConfigError, match=r"riff\.mid is there already: .* --force"):
        run(*arguments, str(kept))
    assert kept.read_text() == "a riff"
    run(*arguments, str(kept), "--force")
    assert kept.read_bytes().startswith(b"MThd")
    assert [it.name for it in tmp_path.glob("*riff*")] == ["riff.mid"]


@pytest.mark.parametrize("suffix", [".mid", ".jsonl", ".wav"])
def test_a_replay_is_the_same_each_time(suffix: str, last_night: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for file in files:
        run("replay", str(last_night), str(file), "--from-bar", "2", "--to-bar", "3")
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("flags", [["--from-bar", "4"], ["--from-bar", "3", "--to-bar", "2"]])
def test_bars_that_were_not_played_are_named(
    flags: list[str], last_night: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="expected bars of 1 to 3"):
        run("replay", str(last_night), str(tmp_path / "a.mid"), *flags)


def test_a_cut_line_is_said(last_night: Path, tmp_path: Path) -> None:
    last_night.write_bytes(last_night.read_bytes()[:-5])
    result = CliRunner().invoke(polyrhythmia, ["replay", str(last_night), str(tmp_path / "a.mid")])
    assert result.exit_code == 0
    assert "1 line passed over" in result.output
