"""A preset file: a TOML table that can say what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import platformdirs

from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.system.shipped import shipped

NAME_LENGTH = 40

_workspace: Path | None = None


def look_in(workspace: Path | None) -> None:
    """From here on, presets of a folder of the performer's choice go first; None = of no other."""
    global _workspace
    _workspace = workspace


def preset_files(kind: str) -> dict[str, Path]:
    """Every file of a folder of presets, by its name: ours, and the performer's, who goes first."""
    own = (platformdirs.user_config_path("polyrhythmia"), _workspace)
    folders = (shipped("presets"), *(folder for folder in own if folder is not None))
    return {path.stem: path for folder in folders for path in (folder / kind).glob("*.toml")}


def workspace_file(kind: str, name: str) -> Path | None:
    """The file of that name in the folder that was chosen, if there is one."""
    path = None if _workspace is None else _workspace / kind / f"{name}.toml"
    return path if path is not None and path.exists() else None


def own_folder(kind: str) -> Path:
    """Where a preset of the performer's own is written: the folder that was chosen, or theirs."""
    return (_workspace or platformdirs.user_config_path("polyrhythmia")) / kind


def new_name(typed: str) -> str:
    """A name to write a preset under, from what was typed: "My Verse" is my-verse.

    Raises PresetError, in one line, for what is no name of a file on every machine.
    """
    name = "-".join(typed.casefold().split())
    if len(name) > NAME_LENGTH or not choice.key(name) or not re.fullmatch(r"[\w-]+", name):
        expected = f"a name of up to {NAME_LENGTH} letters, figures, hyphens and blanks"
        raise PresetError(f"expected {expected}; got {typed!r}")
    return name


class PresetFile:
    """A parsed file; every method raises PresetError with file, key, expected, came, what to do.

    `kind` is how the file is called in these messages: `kit`, `performance`.
    """

    def __init__(
        self, kind: str, path: Path, known: Iterable[str] | None, required: Iterable[str]
    ) -> None:
        """`known` None = what else stands there is for the caller to judge."""
        self._name = f"{kind} {path}"
        try:
            self.keys: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise PresetError(
                f"{self._name} cannot be read: {error.strerror}; check the path"
            ) from None
        except ValueError as error:
            raise PresetError(f"{self._name} is not TOML: {error}; mend that line") from None
        if known is not None:
            self.allow("top-level", self.keys, known)
        for key in required:
            self.required(key)

    def required(self, key: str) -> Any:
        """What stands at a top-level key that must be there."""
        if key not in self.keys:
            raise PresetError(f"{self._name}: expected the key '{key}', found none; add it")
        return self.keys[key]

    def wrong(self, key: str, expected: str, came: object) -> PresetError:
        return self.trouble(key, f"expected {expected}, got {came!r}")

    def trouble(self, key: str, reason: str) -> PresetError:
        return PresetError(f"{self._name}: {key}: {reason}; change it")

    def allow(self, where: str, keys: Iterable[str], known: Iterable[str]) -> None:
        """Only these keys may be there."""
        known = tuple(known)
        for key in keys:
            if key not in known:
                raise PresetError(
                    f"{self._name}: expected {where} keys among {', '.join(known)}, got '{key}'; "
                    "rename or delete it"
                )

    def table(self, key: str, expected: str) -> dict[str, Any]:
        value = self.keys.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, expected, value)
        return value

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "some text", value)
        return value

    def whole(self, key: str, value: object, low: int, high: int) -> int:
        # True is an int to Python, and 1 to nobody who writes a preset.
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"a whole number in {low}..{high}", value)
        return value

    def number(self, key: str, value: object, low: float, high: float) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:  # type: ignore[operator]
            raise self.wrong(key, f"a number in {low:g}..{high:g}", value)
        return float(value)  # type: ignore[arg-type]
