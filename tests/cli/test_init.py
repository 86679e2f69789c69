"""A folder of one's own: written, played from, and never written over."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.cli import COMMANDS, polyrhythmia
from polyrhythmia_live.cli.play import play
from polyrhythmia_live.cli.play_config import make_config
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.presets.performances import load_preset, preset_names
from polyrhythmia_live.presets.preset_file import look_in


@pytest.fixture(autouse=True)
def no_workspace() -> Iterator[None]:
    yield
    look_in(None)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(polyrhythmia, arguments, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = invoke("init", str(tmp_path / "mine"))
    assert written.exit_code == 0
    assert written.output.splitlines()[-1].endswith(f"--config {tmp_path / 'mine'} play")
    return tmp_path / "mine"


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_writes_flags_a_preset_a_kit_and_what_to_do_with_them(folder: Path) -> None:
    assert names(folder) == {
        "README.md", "config.toml", "kits/my-drums.toml", "performances/tonight.toml",
        "set_lists/tonight.toml",
    }  # fmt: skip


def test_what_it_writes_is_found_by_its_name_and_without_it_is_not(folder: Path) -> None:
    assert "tonight" not in preset_names()
    assert "tonight" in invoke("--config", str(folder), "presets").output
    assert load_preset("tonight").genre == "funk"
    assert load_kit("my-drums").name == "My drums"
    assert "bossa" in preset_names()
    assert "tonight" not in invoke("presets").output


def test_two_folders_have_each_a_memory_of_its_own(tmp_path: Path) -> None:
    def remembered(name: str) -> Path:
        invoke("init", str(tmp_path / name))
        look_in(tmp_path / name)
        context = play.make_context("play", ["--no-synth", "--preset", "tonight"])
        return make_config(context.params, Path("/nowhere"), debug=False).brain.state_file

    assert remembered("mine") != remembered("hers")


def test_the_configuration_file_of_a_workspace_means_its_folder(folder: Path) -> None:
    shown = invoke("--config", str(folder / "config.toml"), "kits", "show", "my-drums")
    assert shown.output.startswith("My drums, channel 10")


def test_all_that_the_settings_suggest_is_understood(folder: Path) -> None:
    path = folder / "config.toml"
    text = re.sub(r"(?m)^# (?=[a-z-]+ = )", "", path.read_text())
    path.write_text(text)
    assert len(tomllib.loads(text)["play"]) > 4
    assert invoke("--config", str(folder), "play", "--help").exit_code == 0


def test_the_commands_of_its_readme_are_there(folder: Path) -> None:
    lines = re.findall(r"^polyrhythmia (.*?)(?: +#.*)?$", (folder / "README.md").read_text(), re.M)
    assert len(lines) > 5
    for line in lines:
        arguments = shlex.split(line.removeprefix("--config . "))
        assert arguments[0] in COMMANDS
        for flag in (it for it in arguments if it.startswith("--")):
            commands = [arguments[0], *(["try"] if "try" in arguments else [])]
            assert flag in invoke(*commands, "--help").output


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "performances" / "tonight.toml"
    mine.parent.mkdir()
    mine.write_text("all my songs")
    (tmp_path / "song.txt").write_text("la la")
    with pytest.raises(ConfigError, match="there already"):
        invoke("init", str(tmp_path))
    assert names(tmp_path) == {"performances/tonight.toml", "song.txt"}
    assert mine.read_text() == "all my songs"


def test_a_folder_beside_other_things_is_fine(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text("la la")
    assert invoke("init", str(tmp_path)).exit_code == 0
    assert (tmp_path / "song.txt").read_text() == "la la"


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot write .*file"):
        invoke("init", str(tmp_path / "file" / "mine"))


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*config\.toml"):
        invoke("--config", str(tmp_path), "presets")
