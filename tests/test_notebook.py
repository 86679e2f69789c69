"""A drummer in a notebook plays what `render` plays, and the examples run as they stand."""

import json
import re
from pathlib import Path
from typing import Any

import matplotlib
import mido
import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.patches import Rectangle

from polyrhythmia_live import load_drummer
from polyrhythmia_live.cli import polyrhythmia
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.errors import CheckpointError, ConfigError
from polyrhythmia_live.notebook import LoadedDrummer

matplotlib.use("Agg")
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def drummer() -> LoadedDrummer:
    return load_drummer()


def test_a_notebook_plays_what_render_plays(drummer: LoadedDrummer, tmp_path: Path) -> None:
    flags = ["--genre", "funk", "--bpm", "104", "--bars", "3", "--seed", "7", "--density", "60%"]
    ran = CliRunner().invoke(polyrhythmia, ["render", str(tmp_path / "funk.mid"), *flags])
    assert ran.exit_code == 0, ran.output
    take = drummer.play("funk", bpm=104, bars=3, seed=7, density=0.6)
    assert take.to_midi() == (tmp_path / "funk.mid").read_bytes()
    assert (take.bars, round(take.seconds, 3)) == (3, round(3 * 4 * 60 / 104, 3))
    notes = [it for it in mido.MidiFile(tmp_path / "funk.mid").tracks[0] if it.type == "note_on"]
    assert len(take.to_pretty_midi().instruments[0].notes) == len(notes)


def test_a_bar_is_a_picture_with_each_hit_in_its_lane(drummer: LoadedDrummer) -> None:
    take = drummer.play("rock", bars=2, seed=3)
    axes = take.plot(bar=2)
    hits = [hit for step in take.bar(2) for hit in step.hits]
    drawn = sorted(round(it.get_y() + 0.4) for it in axes.patches if isinstance(it, Rectangle))
    assert drawn == sorted(hit.lane for hit in hits)
    assert [label.get_text() for label in axes.get_yticklabels()] == [it.name for it in DRUM_LANES]
    assert take.plot(1, axes) is axes


def test_the_kick_is_heard_where_it_is_written(drummer: LoadedDrummer) -> None:
    take = drummer.play("dance", bars=1, seed=3)
    sound, rate = take.to_audio()
    assert sound.dtype == np.float32
    assert sound.shape[1] >= take.seconds * rate
    assert 0.05 < np.abs(sound).max() <= 1.0


@pytest.mark.parametrize(
    "asked",
    [{"genre": "polka"}, {"bpm": 7}, {"bars": 0}, {"meter": "4/5"}, {"density": 60}, {"dens": 0.5}],
)
def test_what_cannot_be_played_is_said_in_a_line(
    drummer: LoadedDrummer, asked: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError) as refused:
        drummer.play(**asked)
    assert "\n" not in str(refused.value)


def test_a_network_and_a_bar_that_there_are_not_are_said(drummer: LoadedDrummer) -> None:
    with pytest.raises(CheckpointError):
        load_drummer("enormous")
    with pytest.raises(ConfigError, match="bar of 1 to 1"):
        drummer.play(bars=1, seed=1).bar(2)


def test_the_readme_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    assert (tmp_path / "funk.mid").exists()


def test_the_example_notebook_runs() -> None:
    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text())["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            assert not cell["outputs"]
    assert names["hits"][1] > names["hits"][0]
