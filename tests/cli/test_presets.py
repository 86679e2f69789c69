import json
from pathlib import Path

import platformdirs
import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli.presets import presets
from polyrhythmia_live.presets.performances import preset_names


def test_presets_lists_every_performance_with_what_one_hears() -> None:
    lines = CliRunner().invoke(presets).output.splitlines()
    assert [line.split()[0] for line in lines] == list(preset_names())
    assert max(map(len, lines)) <= 80
    record = json.loads(CliRunner().invoke(presets, ["--json"]).output)["bossa"]
    assert (record["genre"], record["meter"]) == ("bossa", "4/4")


def test_a_file_that_makes_no_sense_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = platformdirs.user_config_path("polyrhythmia") / "performances"
    folder.mkdir(parents=True)
    (folder / "torn.toml").write_text("genre = ", encoding="utf-8")
    output = CliRunner().invoke(presets).output
    assert "torn" in output
    assert "is not TOML" in output
    assert "bossa" in output
