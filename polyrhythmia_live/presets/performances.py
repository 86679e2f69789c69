"""Presets: presets/performances/*.toml, and the performer's own beside them -> what to play when
a flag does not say.

A preset is total: what its file does not name is at the control's own default. See
`presets/performances/default.toml` for the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS
from polyrhythmia_live.drums.groove import parse_groove
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.preset_file import PresetFile, preset_files, workspace_file
from polyrhythmia_live.rhythm.bar import Bar
from polyrhythmia_live.rhythm.choice import choose
from polyrhythmia_live.rhythm.meter import Meter

FOLDER = "performances"
KEYS = ("about", "genre", "bpm", "meter", "levels", "groove")
REQUIRED = ("genre", "groove")


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset. `levels` has a value for every numeric level of the drummer.

    `about` is the line that says what one hears. `tempo_bpm` None = that of the genre.
    """

    name: str
    about: str
    genre: str
    tempo_bpm: float | None
    levels: Mapping[str, float]
    groove: Bar

    @property
    def meter(self) -> Meter:
        return self.groove.meter


def preset_names() -> tuple[str, ...]:
    """Every preset that `load_preset` knows by name."""
    return tuple(sorted(preset_files(FOLDER)))


def load_preset(name: str) -> Preset:
    """A preset by name, or from a file of one's own where `name` ends in `.toml`.

    Raises PresetError with file, key, what was expected, what came and what to do.
    """
    if name.endswith(".toml"):
        return read_preset(Path(name).expanduser())
    known = f"a preset ({', '.join(preset_names())}, or the path of a .toml file)"
    try:
        return read_preset(preset_files(FOLDER)[choose(name, preset_names(), known)])
    except ValueError as error:
        raise PresetError(str(error)) from None


def full_name(preset: Preset) -> str:
    """The name of a preset; of one in the folder that was chosen, its path: others have another."""
    own = workspace_file(FOLDER, preset.name)
    return preset.name if own is None else str(own)


def read_preset(path: Path) -> Preset:
    """The preset in a file. Raises PresetError as `load_preset` does."""
    file = PresetFile("preset", path, KEYS, REQUIRED)
    levels = file.table("levels", "a table of level = value")
    file.allow("[levels]", levels, DRUMMER_LEVELS)
    return Preset(
        name=path.stem,
        about=file.text("about", file.keys["about"]) if "about" in file.keys else "",
        genre=file.text("genre", file.keys["genre"]),
        tempo_bpm=_level(file, "bpm", "tempo", file.keys["bpm"]) if "bpm" in file.keys else None,
        levels={
            name: _level(file, f"levels.{name}", name, levels[name])
            if name in levels
            else LEVELS[name].default
            for name in DRUMMER_LEVELS
        },
        groove=_groove(file),
    )


def _level(file: PresetFile, key: str, name: str, value: object) -> float:
    """A level of the control table, as a number or in words: 70, "70%" or 0.7."""
    try:
        return LEVELS[name].read(str(value))
    except ValueError as error:
        raise file.trouble(key, str(error)) from None


def _groove(file: PresetFile) -> Bar:
    rows = file.table("groove", "a table of sound = signs")
    for sound, row in rows.items():
        file.text(f"groove.{sound}", row)
    text = file.text("meter", file.keys.get("meter", "4/4"))
    try:
        meter = Meter.parse(text)
    except ValueError as error:
        raise file.trouble("meter", str(error)) from None
    try:
        return parse_groove(rows, meter)
    except ValueError as error:
        raise file.trouble("groove", str(error)) from None
