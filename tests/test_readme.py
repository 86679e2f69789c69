"""The README says what the code does."""

import re
from pathlib import Path

from click.testing import CliRunner

from polyrhythmia_live.cli import COMMANDS, polyrhythmia
from polyrhythmia_live.control.help_text import markdown_table
from polyrhythmia_live.presets.kits import kit_names
from polyrhythmia_live.presets.performances import preset_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_control_table_is_the_one_in_the_code() -> None:
    assert markdown_table() in README


def test_its_first_screen_has_the_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:40])
    for command in ("scripts/play", "scripts/test"):
        assert command in first_screen
        assert (ROOT / command).stat().st_mode & 0o100


def test_every_command_and_preset_that_it_names_is_there() -> None:
    words = README.replace("`", " ").split()
    for flag, known in (("--kit", kit_names()), ("--preset", preset_names())):
        named = {words[i + 1] for i, word in enumerate(words[:-1]) if word == flag}
        assert named
        assert named <= set(known)
    commands = set(re.findall(r"scripts/polyrhythmia ([a-z]+)", README))
    assert commands
    assert commands <= set(COMMANDS)


def test_every_command_explains_itself() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(polyrhythmia, [name, "--help"])
        assert result.exit_code == 0, result.output
        assert "Usage:" in result.output
