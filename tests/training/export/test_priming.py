from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.drummer.lstm.drummer import LstmDrummer
from polyrhythmia_live.drummer.lstm.primer import PRIMER_BAR_STEPS
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.drummer.take import solo
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.testing.drummers import FOUR_FOUR, ROCK, ToyNetwork, toy_entries
from polyrhythmia_live.training.export import priming
from polyrhythmia_live.training.export.priming import prime

GENRES = ["rock", "jazz"]
RUNS = 3


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy model of two genres, of which a few short runs are played."""
    monkeypatch.setattr(priming, "RUNS_PER_GENRE", RUNS)
    monkeypatch.setattr(priming, "RUN_BARS", 8)
    path = tmp_path / "toy.json"
    path.write_text(json.dumps(toy_entries(tmp_path) | {"genres": GENRES}))
    return path


def written(card: Path) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads(card.read_text())
    return entries


def test_every_genre_gets_phrases_of_the_networks_own_playing(card: Path) -> None:
    prime(card, network=ToyNetwork())
    primers = written(card)["primers"]
    assert sorted(primers) == sorted(GENRES)
    for phrases in primers.values():
        assert 1 <= len(phrases) <= RUNS
        assert all(phrase["source"].startswith("toy, seed ") for phrase in phrases)
    assert len({phrase["source"] for phrases in primers.values() for phrase in phrases}) == sum(
        map(len, primers.values())
    )


def test_the_live_drummer_can_read_them(card: Path) -> None:
    prime(card, network=ToyNetwork())
    primed = load_card(card)
    phrases = [phrase for genre in GENRES for phrase in primed.primers[genre]]
    assert all(len(phrase) == 2 * PRIMER_BAR_STEPS for phrase in phrases)
    alone = solo(LstmDrummer(primed, ToyNetwork()), ROCK, meter=FOUR_FOUR, tempo_bpm=120.0, seed=1)
    assert any(islice(alone, PRIMER_BAR_STEPS))


def test_the_rest_of_the_card_stays_and_a_phrase_is_a_line(card: Path) -> None:
    before = written(card)
    prime(card, network=ToyNetwork())
    after = written(card)
    assert after | {"primers": None} == before | {"primers": None}
    phrases = sum(map(len, after["primers"].values()))
    assert sum('"hits"' in line for line in card.read_text().splitlines()) == phrases
    assert not list(card.parent.glob("unfinished-*"))


def test_primed_twice_the_card_is_the_same_and_another_seed_gives_another(card: Path) -> None:
    prime(card, network=ToyNetwork(), seed=1)
    once = card.read_bytes()
    prime(card, network=ToyNetwork(), seed=1)
    assert card.read_bytes() == once
    prime(card, network=ToyNetwork(), seed=100)
    assert card.read_bytes() != once


def test_a_genre_that_never_grooves_gets_no_phrase_and_the_card_stays_readable(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priming, "_played", lambda *_: [()] * 64)
    prime(card, network=ToyNetwork())
    assert written(card)["primers"] == {"rock": [], "jazz": []}
    assert load_card(card).primers["rock"] == ()


def test_progress_counts_to_all_the_runs(card: Path) -> None:
    told: list[tuple[str, int, int]] = []
    prime(card, network=ToyNetwork(), progress=lambda *said: told.append(said))
    in_all = len(GENRES) * RUNS
    assert told == [("playing every genre", done, in_all) for done in range(in_all + 1)]


def test_a_network_that_is_not_the_cards_is_refused_and_the_card_stays(card: Path) -> None:
    card.with_name("toy.tflite").write_bytes(b"another")
    before = card.read_bytes()
    with pytest.raises(CheckpointError, match="SHA-256"):
        prime(card, network=ToyNetwork())
    assert card.read_bytes() == before


def test_only_the_styles_heard_anew_are_played_again(card: Path) -> None:
    prime(card, network=ToyNetwork())
    before = written(card)["primers"]
    prime(card, network=ToyNetwork(), styles={"jazz"}, seed=99)
    after = written(card)["primers"]
    assert after["rock"] == before["rock"]
    assert after["jazz"] != before["jazz"]
