"""What plays, as a preset: what is in it, and what cannot be saved."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli import polyrhythmia
from polyrhythmia_live.cli.last_song import forget_song, state_file
from polyrhythmia_live.cli.save import last_bar, preset_of
from polyrhythmia_live.control.base import DRUMMER_LEVELS, ControlState
from polyrhythmia_live.errors import ConfigError, NothingPlays, PresetError
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.bar import Bar
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline
from tests.control.test_status_line import PLAYING
from tests.desk.doubles import head_in, sounded, written

CONTROLS = ControlState((("rock", 1.0),)).with_towards("jazz").with_morph(0.4)
BAR = Bar(Meter(), ((),) * 16)


def snapshot(controls: ControlState, bpm: float) -> Snapshot:
    return Snapshot(replace(PLAYING, timeline=Timeline(bpm)), controls.levels)


def test_the_levels_the_tempo_and_the_genres_are_those_that_play() -> None:
    controls = CONTROLS.with_level("density", 0.7).with_level("swing8", 0.66)
    preset = preset_of(snapshot(controls, 121.504), BAR, "verse")
    assert preset.levels == {name: getattr(controls, name) for name in DRUMMER_LEVELS}
    assert preset.tempo_bpm == 121.5
    assert preset.genre == "60% rock 40% jazz"
    assert preset.about.startswith("60% rock 40% jazz at 121.5 bpm, saved ")
    assert len(preset.about) <= 62, "a line of `presets` at 80 columns"
    assert preset_of(snapshot(controls, 90.0), BAR, "verse", " ours\n").about == "ours"


def test_without_a_player_there_is_nothing_to_save() -> None:
    with pytest.raises(ConfigError, match="started again: save again"):
        preset_of(Snapshot(None, CONTROLS.levels), BAR, "verse")


def test_the_groove_is_the_last_bar_that_was_played_to_its_end(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", map(sounded, range(40)))
    assert last_bar(log).steps == tuple(sounded(step).step.hits for step in range(16, 32))


def test_a_bar_of_silence_is_no_groove(tmp_path: Path) -> None:
    silent = [replace(it, step=replace(it.step, hits=())) for it in map(sounded, range(16, 32))]
    log = written(tmp_path / "a.jsonl", [*map(sounded, range(16)), *silent])
    assert any(last_bar(log).steps)


def test_a_bar_keeps_its_meter_and_how_it_is_counted(tmp_path: Path) -> None:
    meter = Meter(7, 8, (3, 2, 2))
    log = written(tmp_path / "a.jsonl", map(sounded, range(30)), head_in(MeterMap.of(meter)))
    assert last_bar(log).meter == meter


def test_before_the_first_bar_is_over_there_is_none(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", map(sounded, range(12)))
    with pytest.raises(ConfigError, match="save again after the first"):
        last_bar(log)


def test_a_preset_that_was_written_anew_begins_anew(tmp_path: Path) -> None:
    file = state_file("verse", otherwise=tmp_path)
    file.write_bytes(b"left")
    forget_song("verse")
    assert not file.exists()
    forget_song("verse")


def test_a_bad_name_is_said_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    save = ["ctl", "save"]
    with pytest.raises(PresetError, match="expected a name of up to 40 letters"):
        CliRunner().invoke(polyrhythmia, [*save, "a/b"], catch_exceptions=False)
    with pytest.raises(NothingPlays, match="nothing plays"):
        CliRunner().invoke(polyrhythmia, [*save, "a", "b"], catch_exceptions=False)
