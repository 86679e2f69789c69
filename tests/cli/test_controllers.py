import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.cli.controllers import all_controllers, controllers
from polyrhythmia_live.cli.learn import _wanted
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.presets.controllers import controller_names

COLUMNS = 80


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The performer's own folder of controllers."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "polyrhythmia" / "controllers"
    folder.mkdir(parents=True)
    return folder


def test_controllers_lists_every_controller_once() -> None:
    result = run(controllers)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(controller_names())
    assert list(json.loads(run(controllers, "--json").output)) == list(controller_names())


def test_show_says_what_moves_what_in_lines_that_a_terminal_has_room_for() -> None:
    lines = run(controllers, "show", "mpkmini").output.splitlines()
    assert lines[0] == "Akai MPK mini mk3, at MPK mini 3, MPK mini III"
    assert "  density       CC 70 on any channel" in lines
    assert "  fill          note 36 on channel 10" in lines
    assert lines[-1] == "  all else       nothing"
    assert max(map(len, lines)) < COLUMNS


def test_ones_own_file_is_listed_and_its_faults_are_said(own: Path) -> None:
    (own / "box.toml").write_text(
        'name = "Box"\n[controls]\nfill = {cc = 64}\ngenre = {program = 1, value = "funk"}\n'
        'density = {cc = 300}\nbreak = {program = 2, word = "4"}\n'
    )
    (own / "cut.toml").write_text('name = "Cut\n')
    listed = run(controllers).output.splitlines()
    assert (
        listed[0] == "box               Box: 3 controls; 1 at fault: `controllers show` says what"
    )
    assert "is not TOML" in next(line for line in listed if line.startswith("cut "))
    shown = run(controllers, "show", "box").output
    assert "Box (yours), at no port" in shown
    assert "genre         program 1 on any channel: funk" in shown
    assert "controls.density.cc: expected a whole number in 0..127, got 300" in shown


def test_what_is_wrong_with_a_file_is_no_reason_not_to_play(own: Path) -> None:
    (own / "cut.toml").write_text('name = "Cut\n')
    found, faults = all_controllers(["cut"], ("funk",))
    assert len(found.known) == len(controller_names())
    (fault,) = faults
    assert "cut.toml is not TOML" in fault


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("Density", ("density", "")), ("half time", ("half time", "")), ("break 4", ("break", "4")),
     ("half time 8", ("half time", "8")), ("section the chorus", ("section", "the chorus"))],
)  # fmt: skip
def test_learn_is_told_a_control_and_its_word(typed: str, wanted: tuple[str, str]) -> None:
    assert _wanted(typed) == wanted


@pytest.mark.parametrize(
    "typed", ["densty", "break 900", "section", "sect", "fill 3", "density 3", "xyz"]
)
def test_learn_refuses_what_it_cannot_map_in_a_line(typed: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        _wanted(typed)
