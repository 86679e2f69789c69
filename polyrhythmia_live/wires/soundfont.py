"""Which soundfonts there are: the performer's, the system's, the one that pretty_midi brings."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from polyrhythmia_live.errors import SynthUnavailable

SOUNDFONT_VARIABLE = "POLYRHYTHMIA_SOUNDFONT"
SYSTEM_SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/Black_Pearl_4_LV2.sf2"),
    Path("/usr/share/sounds/sf2/Red_Zeppelin_4_LV2.sf2"),
    Path("/usr/share/sounds/sf3/default-GM.sf3"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
    Path("/usr/share/soundfonts/default.sf2"),
    Path("/opt/homebrew/share/fluid-synth/sf2"),
    Path("/usr/local/share/fluid-synth/sf2"),
    Path("/opt/homebrew/share/soundfonts/default.sf2"),
    Path("/usr/local/share/soundfonts/default.sf2"),
)
"""Drum kits with velocity layers, from Debian's avldrums.lv2-soundfont, come before General MIDI:
Debian's and Fedora's alternatives, and Homebrew's places; of a folder, its soundfonts by name."""

_HEADER_BYTES = 12


def find_soundfonts(wanted: Path | None = None) -> tuple[Path, ...]:
    """The soundfont that is `wanted`, else `$POLYRHYTHMIA_SOUNDFONT`, else all found, best first.

    Raises SynthUnavailable, naming the file, for one that was asked for and cannot be used, and
    when there is none at all. What was not asked for is passed over.
    """
    named = os.environ.get(SOUNDFONT_VARIABLE)
    if wanted is not None:
        return (_sound(wanted, "leave --soundfont out for the default one"),)
    if named:
        return (_sound(Path(named), f"`unset {SOUNDFONT_VARIABLE}` for the default one"),)
    # Links and copies, such as Debian's alternatives and pretty_midi's, are one soundfont.
    found: dict[str, Path] = {}
    for path in _candidates():
        if not _trouble(path):
            found.setdefault(path.resolve().name, path.resolve())
    if not found:
        raise SynthUnavailable(
            "no soundfont found: `sudo apt-get install timgm6mb-soundfont`, "
            "or name one with --soundfont FILE.sf2"
        )
    return tuple(found.values())


def _sound(asked: Path, otherwise: str) -> Path:
    path = asked.expanduser()
    trouble = _trouble(path)
    if trouble:
        raise SynthUnavailable(f"soundfont {path} {trouble}; {otherwise}")
    return path


def _candidates() -> Iterator[Path]:
    for path in SYSTEM_SOUNDFONTS:
        if path.is_dir():
            yield from sorted(path.glob("*.sf[23]"))
        else:
            yield path
    # Looked for, not imported: pretty_midi brings numpy with it.
    spec = importlib.util.find_spec("pretty_midi")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(folder).glob("*.sf2"))


def _trouble(path: Path) -> str:
    """What is wrong with a file, before native code is given it to parse; empty when nothing is."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size_bytes = path.stat().st_size
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if header[:4] != b"RIFF" or header[8:] != b"sfbk":
        return "is not a soundfont: expected a RIFF file of type sfbk"
    expected_bytes = int.from_bytes(header[4:8], "little") + 8
    if size_bytes < expected_bytes:
        return f"is cut short: expected {expected_bytes} bytes, got {size_bytes}"
    return ""
