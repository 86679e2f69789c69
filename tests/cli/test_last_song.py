"""What `play` begins with, after it was quit."""

from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.brain.process import Brain
from polyrhythmia_live.brain.saved import SavedSong, pack, unpack
from polyrhythmia_live.cli.last_song import GOES_ON, state_file
from polyrhythmia_live.cli.play import play
from polyrhythmia_live.cli.play_config import make_config
from polyrhythmia_live.config import Config
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.rhythm.bar import Bar, Hit
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.mix import UNMIXED

LEFT = ControlState((("jazz", 1.0),), density=0.9, temperature=1.25)
"""How the controls stood when the performer quit."""


def config(*arguments: str) -> Config:
    flags: dict[str, Any] = play.make_context("play", ["--no-synth", *arguments]).params
    return make_config(flags, Path("/nowhere/tonight"), debug=False)


@pytest.fixture
def last_night() -> Path:
    """The file of a performance of the default preset that was quit in bar 3."""
    file = state_file("default", otherwise=Path("/nowhere"))
    song = SavedSong(32, LEFT, {})
    file.write_bytes(pack(song, "last night", load_card("medium").digest, MeterMap()))
    return file


def test_genre_and_levels_are_as_they_were_left(last_night: Path) -> None:
    tonight = config()
    assert tonight.brain.remembers
    assert tonight.brain.controls == LEFT
    assert tonight.brain.state_file == last_night
    assert tonight.player.tempo_bpm == load_card("medium").tempos_bpm["jazz"]
    assert tonight.notes == (GOES_ON,)


@pytest.mark.usefixtures("last_night")
def test_a_flag_wins_over_what_was_left() -> None:
    controls = config("--genre", "funk", "--density", "0.25", "--top-k", "5").brain.controls
    assert (controls.genre_name, controls.density, controls.top_k) == ("funk", 0.25, 5)
    assert controls.temperature == LEFT.temperature


def test_nothing_that_was_held_last_night_is_held_tonight(last_night: Path) -> None:
    card = load_card("medium")
    drummer = open_drummer(card)
    hits = ((Hit(0, 100),), *[()] * 15)
    state = drummer.keep(drummer.start(1))
    left = SavedSong(32, LEFT, state, locks={"kick": hits}, kept=Bar(Meter(), hits))
    for run, holds in (("last night", False), ("tonight", True)):
        last_night.write_bytes(pack(left, run, card.digest, MeterMap()))
        tonight = config()
        assert tonight.player.mix == UNMIXED
        ours, theirs = Pipe()
        with ours, theirs:
            brain = Brain(tonight.brain, ours)
            brain.save()
        _, song = unpack(last_night.read_bytes(), card.digest, card.genres, MeterMap())
        assert (dict(song.locks) == {"kick": hits}) == holds, "a crash is no other evening"
        assert (song.kept is not None) == holds


@pytest.mark.usefixtures("last_night")
def test_a_set_list_begins_clean() -> None:
    tonight = config("--set-list", "example")
    assert not tonight.brain.remembers
    assert tonight.notes == ()


@pytest.mark.usefixtures("last_night")
@pytest.mark.parametrize("flags", [["--fresh"], ["--seed", "7"]])
def test_asked_to_begin_anew_it_remembers_nothing(flags: list[str]) -> None:
    tonight = config(*flags)
    assert not tonight.brain.remembers
    assert tonight.brain.controls.genre_name == "rock"
    assert tonight.notes == ()


@pytest.mark.usefixtures("last_night")
@pytest.mark.parametrize("flags", [["--preset", "jazz"], []])
def test_every_preset_has_a_memory_of_its_own(flags: list[str]) -> None:
    assert config(*flags).brain.remembers == (not flags)


def test_a_preset_of_ones_own_is_known_by_its_path(tmp_path: Path) -> None:
    mine, yours = (
        state_file(str(tmp_path / folder / "So what?.toml"), otherwise=tmp_path)
        for folder in ("mine", "yours")
    )
    assert mine != yours
    assert mine.name.startswith("So-what-")
    assert state_file("default", otherwise=tmp_path).name == "default.state"


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [(["--model", "small"], "another trained network"), (["--meter", "3/4"], "4/4, not in 3/4")],
)
def test_a_song_that_does_not_fit_is_not_remembered(
    flags: list[str], complaint: str, last_night: Path
) -> None:
    tonight = config(*flags)
    assert not tonight.brain.remembers
    (note,) = tonight.notes
    assert note.startswith(str(last_night))
    assert complaint in note


def test_a_damaged_memory_is_one_line_and_a_beginning(last_night: Path) -> None:
    last_night.write_bytes(last_night.read_bytes()[:99])
    tonight = config()
    assert not tonight.brain.remembers
    (note,) = tonight.notes
    assert note.endswith("starting afresh")
    assert "\n" not in note


def test_without_a_state_folder_a_song_is_kept_for_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert state_file("default", otherwise=tmp_path) == tmp_path / "default.state"
