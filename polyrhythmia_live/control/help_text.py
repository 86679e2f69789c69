"""The control table in words: for the terminal's `?`, for `--help` and for the README."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.control.base import CONTROLS
from polyrhythmia_live.control.keys import HELP_KEY, QUIT_KEY, WORDS_KEY
from polyrhythmia_live.control.spoken import EXAMPLES
from polyrhythmia_live.rhythm.control import Curve, Level, Trigger

HEADINGS = ("Control", "Key", "CC", "Takes effect", "")
GENRE_KEYS = "1-9"


def rows() -> list[tuple[str, str, str, str, str]]:
    """One row per control, with the columns of `HEADINGS`."""
    return [
        (control.name, _keys(control), _ccs(control), control.takes_effect, control.about)
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
    """What every key does, with the genres that the digits stand for."""
    numbered = ", ".join(f"{number} {genre}" for number, genre in enumerate(genres[:9], 1))
    keyed = [(row[1], row[0], row[3]) for row in rows() if row[1] and row[1] != GENRE_KEYS]
    lines = [f"  {keys:<14}{name} ({takes_effect})" for keys, name, takes_effect in keyed]
    lines += [
        f"  {GENRE_KEYS:<14}genre: {numbered}",
        f"  {WORDS_KEY:<14}in words, then Enter: {EXAMPLES}",
        f"  {HELP_KEY:<14}this help",
    ]
    return "\n".join([*lines, f"  {QUIT_KEY:<14}quit"])


def _keys(control: Level | Trigger) -> str:
    if isinstance(control, Level) and control.curve is Curve.CHOICE:
        return GENRE_KEYS
    return " ".join(control.keys or ())


def _ccs(control: Level | Trigger) -> str:
    ccs = (control.cc,) if isinstance(control, Level) else control.ccs
    return " ".join(str(cc) for cc in ccs if cc is not None)
