from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.drummer.card import model_names, usual_tempos
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.testing.drummers import toy_card, toy_entries


def write_card(folder: Path, card: dict[str, Any]) -> Path:
    path = folder / "toy.json"
    path.write_text(json.dumps(card))
    return path


def test_a_card_knows_its_networks_genres_and_rates(tmp_path: Path) -> None:
    card = toy_card(tmp_path)
    assert card.step_path == tmp_path / "toy.tflite"
    assert card.details_path == tmp_path / "toy-details.tflite"
    assert card.genres == STYLES
    assert card.hits_per_step["jazz"] == 0.5
    assert card.tempos_bpm["samba"] == 89.0
    assert card.fill_hits_per_step["rock"] == 1.5
    assert (card.state_size, card.key_size, card.top_size) == (4, 2, 3)
    assert toy_card(tmp_path, lean_ms=-9.5).lean_ms == -9.5


def test_a_primer_is_whole_bars_of_hits(tmp_path: Path) -> None:
    (primer,) = toy_card(tmp_path).primers["jazz"]
    assert len(primer) == 32
    assert [step for step, hits in enumerate(primer) if hits] == [0, 4, 20]
    assert (primer[4][0].velocity, primer[4][0].microtiming_ticks) == (100, -50)


def test_a_model_without_primers_is_a_model(tmp_path: Path) -> None:
    card = toy_entries(tmp_path)
    del card["primers"]
    assert load_card(write_card(tmp_path, card)).primers == {}


def test_a_model_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    path = write_card(tmp_path, toy_entries(tmp_path))
    by_name = load_card("toy", tmp_path)
    assert by_name == load_card(path) == load_card(str(path))
    assert by_name == load_card(tmp_path / "toy")
    assert model_names(tmp_path) == ("toy",)


def test_the_genres_can_be_read_without_the_networks(tmp_path: Path) -> None:
    path = write_card(tmp_path, toy_entries(tmp_path))
    (tmp_path / "toy.tflite").unlink()
    tempos_bpm = usual_tempos(path)
    assert tuple(tempos_bpm) == STYLES
    assert tempos_bpm["samba"] == 89.0


def test_reading_the_genres_needs_no_numerical_library(tmp_path: Path) -> None:
    path = write_card(tmp_path, toy_entries(tmp_path))
    code = (
        "import sys; from pathlib import Path; from polyrhythmia_live.drummer import card; "
        "card.usual_tempos(Path(sys.argv[1])); sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    write_card(tmp_path, toy_entries(tmp_path))
    with pytest.raises(CheckpointError, match=r"no model is called 'grove': found toy in "):
        load_card("grove", tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"absent\.json, found none"):
        load_card(tmp_path / "absent.json")
    path = write_card(tmp_path, toy_entries(tmp_path))
    (tmp_path / "toy-details.tflite").unlink()
    with pytest.raises(CheckpointError, match=r"expected the network .*toy-details\.tflite"):
        load_card(path)


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "\x00\xff"])
def test_a_card_that_is_not_json_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "toy.json"
    path.write_text(content)
    with pytest.raises(CheckpointError, match=r"toy\.json"):
        load_card(path)


def test_a_damaged_network_is_refused_by_its_hash(tmp_path: Path) -> None:
    path = write_card(tmp_path, toy_entries(tmp_path))
    (tmp_path / "toy.tflite").write_bytes(b"half of the netw")
    with pytest.raises(
        CheckpointError, match=r"toy\.tflite with SHA-256 \w{12}, got \w{12}: it is"
    ):
        load_card(path)


def test_a_model_of_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"of encoding 2, .* is of 1: train it again"):
        toy_card(tmp_path, encoding_version=1)
    with pytest.raises(CheckpointError, match="has 99 features"):
        toy_card(tmp_path, features=99)
    with pytest.raises(CheckpointError, match="polka"):
        toy_card(tmp_path, genres=["rock", "polka"])


@pytest.mark.parametrize(
    "key",
    [
        "files",
        "genres",
        "state_size",
        "key_size",
        "top_size",
        "lean_ms",
        "hits_per_step",
        "tempo_bpm",
    ],
)
def test_an_incomplete_card_is_refused(tmp_path: Path, key: str) -> None:
    card = toy_entries(tmp_path)
    del card[key]
    with pytest.raises(CheckpointError, match=f"expected an entry '{key}'"):
        load_card(write_card(tmp_path, card))


@pytest.mark.parametrize(
    "change",
    [
        {"state_size": "many"},
        {"key_size": None},
        {"lean_ms": "early"},
        {"primers": [1]},
        {"primers": {"rock": [{"hits": [[0, 1, 300, 0, 0]]}]}},
        {"hits_per_step": {"beat": dict.fromkeys(("any", *STYLES), "lots"), "fill": {}}},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match="export it again"):
        toy_card(tmp_path, **change)
