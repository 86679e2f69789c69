"""Presets: presets/performances/*.toml, and the performer's own beside them -> what to play when
a flag does not say.

A preset is total: what its file does not name is at the control's own default. See
`presets/performances/default.toml` for the format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS
from polyrhythmia_live.control.word import read_part
from polyrhythmia_live.drums.groove import parse_groove, written_groove
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.messages import VOICES_MAX
from polyrhythmia_live.presets.preset_file import (
    PresetFile,
    new_name,
    own_folder,
    preset_files,
    workspace_file,
)
from polyrhythmia_live.rhythm.bar import Bar
from polyrhythmia_live.rhythm.choice import choose, exactly
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.system.files import replacing

FOLDER = "performances"
KEYS = ("about", "genre", "bpm", "meter", "levels", "groove", "voices")
REQUIRED = ("genre", "groove")


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset. `levels` has a value for every numeric level of the drummer.

    `about` is the line that says what one hears. `tempo_bpm` None = that of the genre. `parts` are
    what voices beside the drums play.
    """

    name: str
    about: str
    genre: str
    tempo_bpm: float | None
    levels: Mapping[str, float]
    groove: Bar
    parts: tuple[Part, ...] = ()

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


def full_name(name: str) -> str:
    """The name of a preset; of one in the folder that was chosen, its path: others have another."""
    own = workspace_file(FOLDER, name)
    return name if own is None else str(own)


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
        parts=_parts(file),
    )


def preset_text(preset: Preset) -> str:
    """The text of a preset's file. `read_preset` reads the same from it, but for what a written
    groove leaves out (`drums.groove`)."""
    rows = written_groove(preset.groove)
    levels = {name: repr(float(value)) for name, value in preset.levels.items()}
    about = _quoted(preset.about)
    lines = [
        *([f"about = {about}"] if about != '""' else []),
        f"genre = {_quoted(preset.genre)}",
        *([] if preset.tempo_bpm is None else [f"bpm = {float(preset.tempo_bpm)!r}"]),
        f"meter = {_quoted(str(preset.meter))}",
        "",
        "[levels]",
        *_aligned(levels),
        "",
        "[groove]",
        *_aligned({name: _quoted(row) for name, row in rows.items()}),
    ]
    if preset.parts:
        voices = {part.name: _quoted(str(part).partition(" ")[2]) for part in preset.parts}
        lines += ["", "[voices]", *_aligned(voices)]
    return "\n".join(lines) + "\n"


def save_preset(preset: Preset, replaces: bool) -> tuple[str, Path]:
    """Write a preset among the performer's own; its name as `load_preset` knows it, and the file.

    A name may be typed loosely. Unless it `replaces` another, none of that name may be there, ours
    or the performer's: theirs would be lost, and ours could no longer be chosen.
    Raises PresetError, in one line.
    """
    name = new_name(preset.name)
    there = exactly(name, preset_names())
    if there is not None and not replaces:
        raise PresetError(f"there is a preset {there}: take another name, or add --force")
    name = there or name
    file = own_folder(FOLDER) / f"{name}.toml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as draft:
            draft.write_text(preset_text(preset), encoding="utf-8")
    except OSError as error:
        raise PresetError(f"cannot write {file}: {error.strerror}") from None
    return name, file


def _aligned(values: Mapping[str, str]) -> list[str]:
    width = max(map(len, values), default=0)
    return [f"{name.ljust(width)} = {value}" for name, value in values.items()]


def _quoted(text: str) -> str:
    """One line of text, as TOML has it: what cannot be printed is left out."""
    printable = "".join(filter(str.isprintable, " ".join(text.split())))
    return json.dumps(printable, ensure_ascii=False)


def _level(file: PresetFile, key: str, name: str, value: object) -> float:
    """A level of the control table, as a number or in words: 70, "70%" or 0.7."""
    try:
        return LEVELS[name].read(str(value))
    except ValueError as error:
        raise file.trouble(key, str(error)) from None


def _parts(file: PresetFile) -> tuple[Part, ...]:
    voices = file.table("voices", "a table of name = 'RATIO METER LANES'")
    if len(voices) >= VOICES_MAX:
        raise file.trouble("voices", f"expected {VOICES_MAX - 1} voices at the most")
    parts = []
    for name, text in voices.items():
        try:
            parts.append(read_part(f"{name} {file.text(f'voices.{name}', text)}"))
        except ValueError as error:
            raise file.trouble(f"voices.{name}", str(error)) from None
    return tuple(parts)


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
