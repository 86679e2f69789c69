"""The control table in words: for the terminal's `?`, for `--help` and for the README."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.control.base import CONTROLS
from polyrhythmia_live.control.keys import HELP_KEY, QUIT_KEY, WORDS_KEY
from polyrhythmia_live.control.spoken import EXAMPLES
from polyrhythmia_live.rhythm.control import Control, Level

HEADINGS = ("Control", "Key", "CC", "Note", "Takes effect", "")


def rows() -> list[tuple[str, ...]]:
    """One row per control, with the columns of `HEADINGS`."""
    return [
        (
            control.name,
            _keys(control),
            " ".join(map(str, control.ccs)),
            _note(control),
            control.takes_effect,
            control.about,
        )
        for control in CONTROLS
    ]


def markdown_table() -> str:
    """The table as the README has it."""
    cells = [HEADINGS, tuple("---" for _ in HEADINGS), *rows()]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def plain_table() -> str:
    """The table for a terminal, columns aligned."""
    cells = [HEADINGS, *rows()]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(len(HEADINGS))]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
             for row in cells)  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def key_help(genres: Sequence[str]) -> str:
    """What every key does, with the entries that a choice's keys stand for."""
    lines = [_key_line(control, genres) for control in CONTROLS if _keys(control)]
    lines += [
        f"  {WORDS_KEY:<14}in words, then Enter: {EXAMPLES}",
        f"  {HELP_KEY:<14}this help",
        f"  {QUIT_KEY:<14}quit",
    ]
    return "\n".join(lines)


def _key_line(control: Control, entries: Sequence[str]) -> str:
    if isinstance(control, Level) and control.entry_keys:
        numbered = zip(control.entry_keys, entries, strict=False)
        what = f"{control.name}: {', '.join(f'{key} {entry}' for key, entry in numbered)}"
    else:
        what = f"{control.name} ({control.takes_effect})"
    return f"  {_keys(control):<14}{what}"


def _keys(control: Control) -> str:
    if isinstance(control, Level) and control.entry_keys:
        return f"{control.entry_keys[0]}-{control.entry_keys[-1]}"
    return " ".join(control.keys or ())


def _note(control: Control) -> str:
    return "" if isinstance(control, Level) or control.note is None else str(control.note)
