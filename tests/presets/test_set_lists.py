"""Set lists as files: what a band wants to play tonight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from polyrhythmia_live.config import SetList
from polyrhythmia_live.drummer.card import DEFAULT_MODEL, usual_tempos
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.performances import load_preset, preset_names, save_preset
from polyrhythmia_live.presets.set_lists import (
    about_set_list,
    load_set_list,
    presets_as_sections,
    set_list_names,
)

TEMPOS = {"rock": 110.0, "funk": 100.0, "jazz": 140.0}

GOOD = """
[[song]]
name = "Blue Moon"
genre = "funk"
bpm = 96
order = ["verse 8", "chorus 4", "verse 8", "out"]
ends = true
[song.levels]
density = "40%"
[song.sections.verse]
[song.sections.chorus]
density = "70%"
energy = 80
[song.sections.out]
genre = "jazz"
"""


def read(folder: Path, text: str) -> SetList:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_set_list(str(path), TEMPOS)


@pytest.mark.parametrize("name", set_list_names())
def test_every_shipped_set_list_can_be_played(name: str) -> None:
    assert load_set_list(name, usual_tempos(DEFAULT_MODEL)).songs
    assert 20 < len(about_set_list(name)) <= 62


def test_sections_come_in_order_with_their_bars_and_their_levels(tmp_path: Path) -> None:
    (song,) = read(tmp_path, GOOD).songs
    assert (song.name, song.ends) == ("Blue Moon", True)
    assert [(it.name, it.bars) for it in song.sections] == [
        ("verse", 8), ("chorus", 4), ("verse", 8), ("out", None),
    ]  # fmt: skip
    verse, chorus, _, out = (section.controls for section in song.sections)
    assert (verse.density, chorus.density, chorus.energy) == (0.4, 0.7, 0.8)
    assert (verse.genre_name, out.genre_name, out.energy) == ("funk", "jazz", 0.5)


def test_a_tempo_that_a_section_does_not_name_is_left_to_the_performer(tmp_path: Path) -> None:
    (song,) = read(tmp_path, GOOD).songs
    assert [section.tempo_bpm for section in song.sections] == [96.0, None, None, None]


def test_after_a_section_with_a_tempo_of_its_own_comes_the_songs(tmp_path: Path) -> None:
    (song,) = read(tmp_path, GOOD.replace('genre = "jazz"', "bpm = 60")).songs
    assert [section.tempo_bpm for section in song.sections] == [96.0, 96.0, 96.0, 60.0]


def test_a_song_without_a_tempo_has_that_of_its_genre(tmp_path: Path) -> None:
    (song,) = read(tmp_path, '[[song]]\ngenre = "jazz"\n').songs
    assert [(it.name, it.bars, it.tempo_bpm) for it in song.sections] == [("all", None, 140.0)]


def test_a_song_and_a_section_may_be_between_two_genres(tmp_path: Path) -> None:
    text = GOOD.replace('genre = "funk"', 'genre = "rock 60 jazz"')
    (song,) = read(tmp_path, text).songs
    assert song.sections[0].controls.genre == (("rock", 0.6), ("jazz", 0.4))
    assert song.sections[-1].controls.genre == (("jazz", 1.0),)


def test_a_preset_between_two_genres_is_a_section_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    save_preset(
        replace(load_preset("funk"), name="both", genre="60% rock 40% jazz"), replaces=False
    )
    sections = presets_as_sections(tuple(usual_tempos(DEFAULT_MODEL))).songs[0].sections
    (both,) = (section for section in sections if section.name == "both")
    assert both.controls.genre_words == "60% rock 40% jazz"


def test_a_section_may_bring_a_groove_and_what_it_names_itself(tmp_path: Path) -> None:
    (song,) = read(tmp_path, GOOD.replace("energy = 80", 'energy = 80\ngroove = "tuesday"')).songs
    chorus = song.sections[1]
    assert (chorus.groove, dict(chorus.levels)) == ("tuesday", {"density": 0.7, "energy": 0.8})


def test_a_song_may_begin_from_a_preset(tmp_path: Path) -> None:
    (song,) = read(tmp_path, '[[song]]\npreset = "funk"\norder = ["a 4"]\n').songs
    assert song.sections[0].controls.genre_name == "funk"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("", "song"),
        ("song = 3", "song"),
        ("[[song]]\nname = 3", "song 1: name"),
        ("[[song]]\ntempo = 120", "'tempo'"),
        ('[[song]]\norder = "verse"', "song 1: order"),
        ('[[song]]\norder = ["verse 0"]', "song 1: order"),
        ("[[song]]\norder = [3]", "song 1: order"),
        ('[[song]]\nends = "yes"', "song 1: ends"),
        ("[[song]]\nbpm = 1000", "song 1: bpm"),
        ('[[song]]\ngenre = "polka"', "song 1: genre"),
        ('[[song]]\npreset = "nowhere"', "nowhere"),
        ("[[song]]\n[song.levels]\ndensity = 700", "density"),
        ("[[song]]\n[song.levels]\nloudness = 1", "loudness"),
        ("[[song]]\n[song.sections]\nverse = 3", "sections"),
        ("[[song]]\n[song.sections.verse]\ndensity = true", "density"),
        ("[[song]]\n[song.sections.verse]\ngroove = 3", "groove"),
        ('[[song]]\norder = ["a"]\n[song.sections.b]', "'b' is not"),
        (
            '[[song]]\norder = ["verse 8", "chorsu 4"]\n[song.sections.chorus]',
            "'chorus' is not, and 'chorsu' has no table: did you mean chorus?",
        ),
        ("[[song]\n", "TOML"),
    ],
)
def test_what_is_wrong_with_a_set_list_is_said_in_one_line(
    tmp_path: Path, wrong: str, named: str
) -> None:
    with pytest.raises(PresetError, match=r"mine|nowhere") as refused:
        read(tmp_path, wrong)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_set_list_that_is_cut_off_in_the_middle_is_refused_in_one_line(tmp_path: Path) -> None:
    for end in range(len("\n[[song]]\n"), len(GOOD), 7):
        text = GOOD[:end].rstrip()
        if not text.endswith(('"', "]", "true", "80", "96")):
            with pytest.raises(PresetError, match="mine") as refused:
                read(tmp_path, text)
            assert "\n" not in str(refused.value)


def test_without_a_set_list_every_preset_is_a_section() -> None:
    (song,) = presets_as_sections(tuple(usual_tempos(DEFAULT_MODEL))).songs
    assert [section.name for section in song.sections] == list(preset_names())
    assert all(it.bars is None and it.tempo_bpm is None for it in song.sections)
