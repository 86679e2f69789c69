from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.calibration.offsets import store_offset
from polyrhythmia_live.cli.calibrate import calibrate
from polyrhythmia_live.errors import ConfigError, PolyrhythmiaError


@pytest.fixture(autouse=True)
def offsets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "offsets.toml"
    monkeypatch.setattr("polyrhythmia_live.cli.calibrate.offsets_file", lambda: path)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(calibrate, arguments)


def trouble(result: Result) -> str:
    assert isinstance(result.exception, PolyrhythmiaError)
    return str(result.exception)


def test_calibrated_outputs_are_listed_and_can_be_forgotten(offsets_file: Path) -> None:
    assert run("--list").output == ""
    store_offset(offsets_file, "TR-8S", -0.0123)
    store_offset(offsets_file, "synth", 0.001)
    assert run("--list").output == "   -12.3 ms  TR-8S\n    +1.0 ms  synth\n"
    assert run("--forget", "tr").output == "forgot 'TR-8S'\n"
    assert run("--list").output == "    +1.0 ms  synth\n"
    assert "expected one of 'synth'" in trouble(run("--forget", "tr"))


def test_without_a_name_it_says_what_it_needs() -> None:
    assert isinstance(run().exception, ConfigError)
    assert "expected --out NAME" in trouble(run())


def test_a_sound_that_the_machine_has_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where FluidSynth's driver writes its file
    result = run("--out", "synth", "--audio-driver", "file", "--sound", "gong")
    assert "has no sound 'gong': expected one of kick, snare" in trouble(result)
