"""A controller's file as text: what the performer has written there stays, comments and all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import platformdirs
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from polyrhythmia_live.control.controller.base import VALUES_MAX, Encoding, Entry, Kind
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.controllers import FOLDER
from polyrhythmia_live.system.files import replacing

KEPT = ("pickup", "clicks")
"""What was said of how a control is moved holds for what moves it next."""


def own_file(name: str) -> Path:
    """Where the performer's own map of a controller lies; beside it, ours counts no more."""
    if name.endswith(".toml"):
        return Path(name).expanduser()
    return platformdirs.user_config_path("polyrhythmia") / FOLDER / f"{name}.toml"


def new_text(port: str) -> str:
    """The file of a controller that nobody has described, at an input of this name."""
    quoted = json.dumps(port, ensure_ascii=False)  # a JSON string is a TOML string
    return (
        "# Written by `scripts/polyrhythmia learn`; yours to change, and what you add stays.\n"
        "# See `scripts/polyrhythmia controllers show NAME`.\n\n"
        f"name = {quoted}\nports = [{quoted}]\n\n[controls]\n"
    )


def read_text(path: Path) -> str:
    """What a file says. Raises PresetError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PresetError(f"cannot read {path}: {error}; mend or move it first") from None


def with_entry(
    text: str, entry: Entry, file: object = "the controller's file"
) -> tuple[str, tuple[str, ...]]:
    """The text with one control moved by this, and by nothing else; and the controls that were.

    What moved another control until now moves that no more: these are the second value. Raises
    PresetError for a text that is no TOML: it is left for its owner to mend.
    """
    try:
        document = tomlkit.parse(text)
        controls = document.setdefault("controls", tomlkit.table())
        lost = [name for name, given in controls.items()
                if name != entry.control and _moves(given, entry, document)]  # fmt: skip
        for name in lost:
            _take_away(controls, name, entry, document)
        _put(controls, entry)
        return tomlkit.dumps(document), tuple(lost)
    except (TOMLKitError, AttributeError, TypeError) as error:
        raise PresetError(f"{file} is not TOML: {error}; mend it first") from None


def write(path: Path, text: str) -> None:
    """Put a text in place of the file, or leave that as it is. Raises PresetError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PresetError(f"cannot write {path}: {error.strerror}; check the folder") from None


def _put(controls: Any, entry: Entry) -> None:
    """Each word of a trigger may be moved by something of its own; all else by one thing."""
    before = controls.get(entry.control)
    said = list(before) if isinstance(before, list) else [before] if before is not None else []
    others = [one for one in said if not isinstance(one, dict) or one.get("word") != entry.word]
    if not entry.word or not others:
        controls[entry.control] = _inline(entry, before)
        return
    several = tomlkit.array()
    several.extend([*others, _inline(entry, None)])
    controls[entry.control] = several


def _inline(entry: Entry, before: Any) -> InlineTable:
    source = entry.source
    table = tomlkit.inline_table()
    table.append(source.kind.value, True if source.kind is Kind.BEND else source.number)
    if source.channel is not None:
        table.append("channel", source.channel + 1)
    if entry.encoding is not Encoding.ABSOLUTE:
        table.append("encoding", entry.encoding.value)
    if entry.down is not None:
        table.append("down", entry.down)
    ends = {"low": (entry.low, 0), "high": (entry.high, VALUES_MAX.get(source.kind, 127))}
    for key, (end, usual) in ends.items():
        if end != usual:
            table.append(key, end)
    if entry.word:
        table.append("word", entry.word)
    if entry.clicks < 0:
        table.append("clicks", entry.clicks)
    for key in KEPT:
        if isinstance(before, dict) and key in before and key not in table:
            table.append(key, before[key])
    return table


def _moves(given: Any, entry: Entry, document: Any) -> bool:
    """Whether something here is what the entry is moved by."""
    return any(_is_source(one, entry, document)
               for one in (given if isinstance(given, list) else [given]))  # fmt: skip


def _is_source(one: Any, entry: Entry, document: Any) -> bool:
    if not isinstance(one, dict):
        return False
    source, kind = entry.source, entry.source.kind.value
    said = one.get("channel", document.get("channel"))
    same_channel = source.channel is None or said is None or said == source.channel + 1
    numbers = {True} if source.kind is Kind.BEND else {source.number, entry.down} - {None}
    its = {one.get(kind), one.get("down") if source.kind is Kind.CC else None} - {None}
    return same_channel and bool(numbers & its)


def _take_away(controls: Any, name: str, entry: Entry, document: Any) -> None:
    given = controls[name]
    if isinstance(given, list):
        for place in reversed(range(len(given))):
            if _is_source(given[place], entry, document):
                del given[place]
    if isinstance(given, dict) or not given:
        controls.remove(name)
