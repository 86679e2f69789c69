"""Presets: presets/performances/*.toml -> what to play when a flag does not say.

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
from polyrhythmia_live.presets.preset_file import PresetFile
from polyrhythmia_live.rhythm.bar import Bar
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.system.shipped import shipped

KEYS = ("genre", "bpm", "meter", "levels", "groove")
REQUIRED = ("genre", "bpm", "groove")


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset. `levels` has a value for every numeric level of the drummer."""

    name: str
    genre: str
    tempo_bpm: float
    levels: Mapping[str, float]
    groove: Bar

    @property
    def meter(self) -> Meter:
        return self.groove.meter


def preset_names() -> tuple[str, ...]:
    """Every preset that `load_preset` knows by name."""
    return tuple(sorted(path.stem for path in _folder().glob("*.toml")))


def load_preset(name: str) -> Preset:
    """A preset by name, or from a file of one's own where `name` ends in `.toml`.

    Raises PresetError with file, key, what was expected, what came and what to do.
    """
    if name.endswith(".toml"):
        return read_preset(Path(name).expanduser())
    if name not in preset_names():
        raise PresetError(
            f"no preset is called '{name}': expected one of {', '.join(preset_names())}, "
            "or the path of a .toml file"
        )
    return read_preset(_folder() / f"{name}.toml")


def read_preset(path: Path) -> Preset:
    """The preset in a file. Raises PresetError as `load_preset` does."""
    file = PresetFile("preset", path, KEYS, REQUIRED)
    tempo = LEVELS["tempo"]
    levels = file.table("levels", "a table of level = value")
    file.allow("[levels]", levels, DRUMMER_LEVELS)
    return Preset(
        name=path.stem,
        genre=file.text("genre", file.keys["genre"]),
        tempo_bpm=file.number("bpm", file.keys["bpm"], tempo.low, tempo.high),
        levels={
            name: file.number(
                f"levels.{name}",
                levels.get(name, LEVELS[name].default),
                LEVELS[name].low,
                LEVELS[name].high,
            )
            for name in DRUMMER_LEVELS
        },
        groove=_groove(file),
    )


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


def _folder() -> Path:
    return shipped("presets") / "performances"
