"""Set lists: presets/set_lists/*.toml, and the performer's own beside them -> what comes tonight.

A section is total: what neither it nor its song names is as in the song's preset, or else at the
control's own default. See `presets/set_lists/example.toml` for the format.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from polyrhythmia_live.config import Section, SetList, Song
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.control.mixture import read_genre
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.performances import load_preset, preset_names
from polyrhythmia_live.presets.preset_file import PresetFile, preset_files
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Weights

FOLDER = "set_lists"
KEYS = ("about", "song")
SONG_KEYS = ("name", "preset", "genre", "bpm", "order", "ends", "levels", "sections")
SECTION_KEYS = ("genre", "bpm", "groove", *DRUMMER_LEVELS)
MOST_BARS = 999

_PLACE = re.compile(r"(.+?)(?: +(\d{1,3}))?")
"""An entry of `order`: a section's name, and how many bars it has."""


def set_list_names() -> tuple[str, ...]:
    """Every set list that `load_set_list` knows by name."""
    return tuple(sorted(preset_files(FOLDER)))


def load_set_list(name: str, tempos_bpm: Mapping[str, float]) -> SetList:
    """A set list by name, or from a file of one's own where `name` ends in `.toml`.

    `tempos_bpm` are the genres that can be played, and the usual tempo of each. Raises PresetError
    with file, key, what was expected, what came and what to do.
    """
    if name.endswith(".toml"):
        return _SetListFile(Path(name).expanduser(), tempos_bpm).read()
    known = f"a set list ({', '.join(set_list_names())}, or the path of a .toml file)"
    try:
        path = preset_files(FOLDER)[choice.choose(name, set_list_names(), known)]
    except ValueError as error:
        raise PresetError(str(error)) from None
    return _SetListFile(path, tempos_bpm).read()


def about_set_list(name: str) -> str:
    """The line of a set list that says what it is. Raises PresetError as `load_set_list` does."""
    file = PresetFile("set list", preset_files(FOLDER)[name], KEYS, ("song",))
    return file.text("about", file.keys.get("about", name))


def presets_as_sections(genres: Sequence[str]) -> SetList:
    """Every preset as a section that is called for by name, where there is no set list.

    One that cannot be read, or played, is left out.
    """
    sections = []
    for name in preset_names():
        try:
            preset = load_preset(name)
        except PresetError:
            continue
        with contextlib.suppress(ValueError):
            controls = ControlState(read_genre(preset.genre, genres, "a genre"))
            sections.append(Section(name, _with_levels(controls, preset.levels)))
    return SetList("", (Song("presets", tuple(sections)),), begins=False)


class _SetListFile:
    """A set list's file, song by song."""

    def __init__(self, path: Path, tempos_bpm: Mapping[str, float]) -> None:
        self._path = path
        self._tempos_bpm = tempos_bpm
        self._file = PresetFile("set list", path, KEYS, ("song",))

    def read(self) -> SetList:
        songs = self._file.keys["song"]
        if not isinstance(songs, list) or not all(isinstance(song, dict) for song in songs):
            raise self._file.wrong("song", "[[song]] tables", songs)
        if not songs:
            raise self._file.wrong("song", "at least one [[song]]", songs)
        return SetList(
            self._path.stem,
            tuple(self._song(f"song {number}", song) for number, song in enumerate(songs, 1)),
        )

    def _song(self, where: str, song: dict[str, Any]) -> Song:
        file = self._file
        file.allow(where, song, SONG_KEYS)
        name = file.text(f"{where}: name", song.get("name", where))
        base, tempo_bpm = self._base(where, song)
        tables = song.get("sections", {})
        if not isinstance(tables, dict) or not all(isinstance(it, dict) for it in tables.values()):
            raise file.wrong(f"{where}: sections", "[song.sections.NAME] tables", tables)
        order = song.get("order", list(tables) or ["all"])
        if not isinstance(order, list) or not order:
            raise file.wrong(f"{where}: order", 'a list such as ["verse 8", "chorus 8"]', order)
        ends = song.get("ends", False)
        if not isinstance(ends, bool):
            raise file.wrong(f"{where}: ends", "true or false", ends)
        places = [self._place(f"{where}: order", it) for it in order]
        if unplayed := [it for it in tables if it not in dict(places)]:
            raise file.trouble(
                f"{where}: order",
                f"expected every section in it; '{unplayed[0]}' is not{_typo(places, tables)}",
            )
        sections = [
            self._section(f"{where}: sections.{it}", it, tables.get(it, {}), base, bars)
            for it, bars in places
        ]
        usual_bpm = tempo_bpm or self._tempos_bpm[sections[0].controls.genre_name]
        return Song(name, tuple(_in_tempo(sections, usual_bpm)), ends)

    def _base(self, where: str, song: dict[str, Any]) -> tuple[ControlState, float | None]:
        """Where the song's levels and tempo begin: its preset, and what the song itself says."""
        file, controls, tempo_bpm = self._file, None, None
        if "preset" in song:
            preset = load_preset(file.text(f"{where}: preset", song["preset"]))
            controls = ControlState(self._genre(where, preset.genre))
            controls = _with_levels(controls, preset.levels)
            tempo_bpm = preset.tempo_bpm
        if "genre" in song or controls is None:
            genre = self._genre(where, song.get("genre", "rock"))
            controls = replace(controls or ControlState(genre), genre=genre)
        levels = song.get("levels", {})
        if not isinstance(levels, dict):
            raise file.wrong(f"{where}: levels", "a table of level = value", levels)
        file.allow(f"{where}: levels", levels, DRUMMER_LEVELS)
        controls = _with_levels(controls, self._levels(f"{where}: levels", levels))
        if "bpm" in song:
            tempo_bpm = self._level(f"{where}: bpm", "tempo", song["bpm"])
        return controls, tempo_bpm

    def _place(self, where: str, entry: object) -> tuple[str, int | None]:
        """A section's name in `order`, and its bars."""
        found = _PLACE.fullmatch(self._file.text(where, entry))
        if found is None:
            raise self._file.wrong(where, 'a section such as "verse 8"', entry)
        name, bars = found.groups()
        if bars is None:
            return name, None
        return name, self._file.whole(where, int(bars), 1, MOST_BARS)

    def _section(
        self, where: str, name: str, table: dict[str, Any], base: ControlState, bars: int | None
    ) -> Section:
        self._file.allow(where, table, SECTION_KEYS)
        controls = base
        if "genre" in table:
            controls = replace(controls, genre=self._genre(where, table["genre"]))
        levels = self._levels(
            where, {key: value for key, value in table.items() if key in DRUMMER_LEVELS}
        )
        tempo, groove = table.get("bpm"), table.get("groove", "")
        return Section(
            name,
            _with_levels(controls, levels),
            bars,
            None if tempo is None else self._level(f"{where}.bpm", "tempo", tempo),
            self._file.text(f"{where}.groove", groove) if "groove" in table else "",
            tuple(levels.items()),
        )

    def _levels(self, where: str, levels: Mapping[str, object]) -> dict[str, float]:
        return {name: self._level(f"{where}.{name}", name, it) for name, it in levels.items()}

    def _level(self, key: str, name: str, value: object) -> float:
        try:
            return LEVELS[name].read(str(value))
        except ValueError as error:
            raise self._file.trouble(key, str(error)) from None

    def _genre(self, where: str, typed: object) -> Weights:
        text = self._file.text(f"{where}: genre", typed)
        try:
            return read_genre(text, tuple(self._tempos_bpm), "a genre of the model")
        except ValueError as error:
            raise self._file.trouble(f"{where}: genre", str(error)) from None


def _typo(places: Iterable[tuple[str, int | None]], tables: Iterable[str]) -> str:
    """What an entry of `order` that has no table of its own may have meant."""
    names = tuple(tables)
    for typed, _ in places:
        if typed not in names and (meant := choice.near(typed, names)):
            return f", and '{typed}' has no table: did you mean {meant[0]}?"
    return ""


def _with_levels(controls: ControlState, levels: Mapping[str, float]) -> ControlState:
    for name, value in levels.items():
        controls = controls.with_level(name, value)
    return controls


def _in_tempo(sections: Sequence[Section], tempo_bpm: float) -> list[Section]:
    """The sections, each at a tempo where any of them has its own; else the first one alone.

    A tempo that was tapped within a song is not put back by a section that has no say in it.
    """
    changing = any(section.tempo_bpm is not None for section in sections)
    return [
        replace(section, tempo_bpm=section.tempo_bpm or tempo_bpm)
        if changing or number == 0
        else section
        for number, section in enumerate(sections)
    ]
