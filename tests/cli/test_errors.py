"""Whatever is wrong, the performer gets one line: what was expected, what came, what to do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from polyrhythmia_live.cli.settings import read_settings
from polyrhythmia_live.system.shipped import shipped


def run(arguments: Sequence[str], folder: Path, **environment: str) -> tuple[int, str]:
    """Exit code and standard error of the real command."""
    result = subprocess.run(
        [sys.executable, "-m", "polyrhythmia_live", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            **environment,
        },
    )
    return result.returncode, result.stderr


def one_line(stderr: str) -> str:
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("polyrhythmia: ")
    return lines[0]


@pytest.fixture
def broken_model(tmp_path: Path) -> Path:
    """A copy of the shipped model with one byte turned over."""
    for path in shipped("models").glob("medium*"):
        shutil.copy(path, tmp_path)
    network = tmp_path / "medium.tflite"
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 0xFF
    network.write_bytes(content)
    return tmp_path / "medium.json"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["render", "a.mid", "--genre", "polka"], ["'polka'", "polyrhythmia genres"]),
        (["render", "a.mid", "--genre", "Bosa"], ["'Bosa'", "did you mean bossa"]),
        (["render", "a.mid", "--model", "huge"], ["huge", "medium"]),
        (["render", "a.mid", "--preset", "polka"], ["a preset", "default"]),
        (["render", "a.mid", "--kit", "tr808"], ["a kit", "roland-tr-08", "polyrhythmia kits"]),
        (["render", "a.mp3"], [".mid", "a.mp3"]),
        (["render", "no/such/folder/a.mid"], ["no folder"]),
        (["render", "a.mid", "--meter", "4/3"], ["4/3", "7/8"]),
        (["render", "a.wav", "--bars", "1", "--soundfont", "gone.sf2"], ["gone.sf2"]),
        (["play", "--soundfont", "gone.sf2"], ["gone.sf2"]),
        (["play", "--synth-kit", "polka"], ["no drum kit", "polka", "0 'Standard'"]),
        (["play", "--genre", "polka"], ["'polka'"]),
        (["--config", "gone.toml", "genres"], ["gone.toml"]),
    ],
)
def test_a_wrong_name_is_one_line_and_exit_code_1(
    arguments: list[str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    code, stderr = run(arguments, tmp_path)
    assert code == 1
    line = one_line(stderr)
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    "arguments",
    [
        ["play", "--density", "150"],
        ["play", "--stability", "-0.1"],
        ["play", "--bpm", "fast"],
        ["play", "--no-such-flag"],
        ["dance"],
        ["render"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    code, stderr = run(arguments, tmp_path)
    assert code == 2
    assert "Error" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("command", [["render", "a.mid"], ["play"]])
def test_a_corrupted_model_is_named(
    command: list[str], broken_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    code, stderr = run([*command, "--model", str(broken_model)], tmp_path)
    assert code == 1
    assert "medium.tflite" in one_line(stderr)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "songs.txt"
    mine.write_text("all my songs")
    (tmp_path / "polyrhythmia.lock").symlink_to(mine)
    code, stderr = run(["play", "--no-synth"], tmp_path)
    assert code == 1
    assert "polyrhythmia.lock" in one_line(stderr)
    assert mine.read_text() == "all my songs"


def test_a_corrupted_card_is_named(tmp_path: Path) -> None:
    card = tmp_path / "mine.json"
    card.write_text("{")
    code, stderr = run(["render", "a.mid", "--model", str(card)], tmp_path)
    assert code == 1
    assert "mine.json" in one_line(stderr)


def test_a_file_that_is_no_soundfont_is_named(tmp_path: Path) -> None:
    font = tmp_path / "font.sf2"
    font.write_bytes(b"RIFF but not really")
    wav = str(tmp_path / "a.wav")
    code, stderr = run(["render", wav, "--bars", "1", "--soundfont", str(font)], tmp_path)
    assert code == 1
    assert "font.sf2" in one_line(stderr)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[play", ["not valid TOML"]),
        ("[dance]", ["[play]", "dance"]),
        ("[play]\nvolume = 3", ["volume", "density"]),
    ],
)
def test_a_wrong_configuration_file_is_named(text: str, words: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "polyrhythmia"
    folder.mkdir()
    (folder / "config.toml").write_text(text)
    code, stderr = run(["genres"], tmp_path)
    assert code == 1
    line = one_line(stderr)
    assert all(word in line for word in ["config.toml", *words])


def test_flags_win_over_variables_and_those_over_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "polyrhythmia"
    folder.mkdir()
    (folder / "config.toml").write_text('[render]\ngenre = "jazz"\nbpm = 99\nbars = 1\n')
    take = tmp_path / "a.jsonl"
    variables = {"POLYRHYTHMIA_RENDER_GENRE": "funk", "POLYRHYTHMIA_RENDER_SEED": "5"}
    code, _ = run(["render", str(take), "--seed", "6"], tmp_path, **variables)
    assert code == 0
    head = json.loads(take.read_text().splitlines()[0])
    assert (head["genre"], head["bpm"], head["seed"]) == ({"funk": 1.0}, 99.0, 6)


def test_one_output_in_the_file_need_not_be_a_list(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[play]\nouts = "Volca"\nclock-outs = ["A", "B"]\ndensity = 70\n')
    known = {"play": {"outs": True, "clock_outs": True, "density": False}}
    assert read_settings(file, known)["play"] == {
        "outs": ["Volca"],
        "clock_outs": ["A", "B"],
        "density": 70,
    }
