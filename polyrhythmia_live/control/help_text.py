"""The control table in words: for the terminal's `?`, for `--help` and for the README."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

from polyrhythmia_live.control.answers import RATIOS, level_in_words
from polyrhythmia_live.control.base import CONTROLS, DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.control.keys import HELP_KEY, QUIT_KEY, WORDS_KEY
from polyrhythmia_live.control.spoken import EXAMPLES
from polyrhythmia_live.control.status_line import LEGEND
from polyrhythmia_live.rhythm.control import Control, Level

HELP_COLUMNS, HALF_COLUMNS, KEY_COLUMNS = 79, 44, 7

HEADINGS = ("Control", "Key", "CC", "Note", "Takes effect", "")


GROUPS = {
    "genre": "Levels",
    "fill": "Cues",
    "again": "Memory",
    "next": "Songs",
    "start": "Transport",
    "tap": "Tempo",
    "mute": "Lanes",
    "panic": "Always",
}
"""What begins with a control of the table, and what it is called."""


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
    """The table as the README has it, each group under a name of its own."""
    cells = [HEADINGS, tuple("---" for _ in HEADINGS)]
    for row in rows():
        if group := GROUPS.get(row[0]):
            cells.append((f"**{group}**", *("" for _ in HEADINGS[1:])))
        cells.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def plain_table() -> str:
    """The table for a terminal, columns aligned."""
    cells = [HEADINGS, *rows()]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(len(HEADINGS))]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
             for row in cells)  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def key_help(genres: Sequence[str], controls: ControlState) -> str:
    """What every key does, where every level stands, and what the status line says.

    Lines of 79 columns at the most, and few enough for two pages of a terminal of 24 rows.
    """
    numbered = zip(LEVELS["genre"].entry_keys, genres, strict=False)
    named = f"genre: {', '.join(f'{key} {entry}' for key, entry in numbered)}"
    levels = [(_keys(LEVELS[name]) or f"CC {LEVELS[name].cc}", level_in_words(name, controls))
              for name in DRUMMER_LEVELS]  # fmt: skip
    others = [(_keys(control), _what(control)) for control in CONTROLS
              if control.keys and control.name not in DRUMMER_LEVELS]  # fmt: skip
    others += [(HELP_KEY, "this help"), (QUIT_KEY, "quit")]
    return "\n".join(
        (
            *wrap(named, HELP_COLUMNS, subsequent_indent=" " * len("genre: ")),
            *_in_two_columns(levels),
            *_in_two_columns(others),
            f"{WORDS_KEY:<{KEY_COLUMNS}}in words, then Enter:",
            *wrap(EXAMPLES, HELP_COLUMNS, initial_indent="  ", subsequent_indent="  "),
            *LEGEND,
        )
    )


def pages(lines: Sequence[str], columns: int, rows: int) -> tuple[str, ...]:
    """The lines, on as few pages as a terminal of this size needs; each but the last says so.

    A line that is wider than the terminal takes the rows that it is folded to. One row is left
    free, for the status line.
    """
    room, taken = max(1, rows - 1), [max(1, -(-columns_of(line) // columns)) for line in lines]
    if sum(taken) <= room:
        return ("\n".join(lines),)
    found: list[list[str]] = [[]]
    left = room - 1
    for line, height in zip(lines, taken, strict=True):
        if height > left and found[-1]:
            found.append([])
            left = room - 1
        found[-1].append(line)
        left -= height
    more = (f"{HELP_KEY} for more ({number} of {len(found)})" for number in range(1, len(found)))
    return tuple("\n".join([*page, *([note] if (note := next(more, "")) else [])])
                 for page in found)  # fmt: skip


def _in_two_columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Keys and what they do, read down the left column and then down the right one."""
    width = max(KEY_COLUMNS, *(len(keys) + 1 for keys, _ in rows))
    entries = [f"{keys:<{width}}{words}" for keys, words in rows]
    half = -(-len(entries) // 2)
    pairs = zip_longest(entries[:half], entries[half:], fillvalue="")
    return [f"{left:<{HALF_COLUMNS}}{right}".rstrip() for left, right in pairs]


def _what(control: Control) -> str:
    """What a key does, in the few words that there is room for."""
    if control.name in RATIOS:  # from half time, double time leads to neither
        return f"{control.name} / normal again"
    return f"{control.name} ({control.takes_effect})"


def _keys(control: Control) -> str:
    if isinstance(control, Level) and control.entry_keys:
        return f"{control.entry_keys[0]}-{control.entry_keys[-1]}"
    return " ".join(control.keys)


def _note(control: Control) -> str:
    return "" if isinstance(control, Level) or control.note is None else str(control.note)
