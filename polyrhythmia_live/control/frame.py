"""The frame: all that a performer's screen shows, as lines; a pure function of the snapshot."""

from __future__ import annotations

from itertools import zip_longest

from polyrhythmia_live.control.answers import value_of
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.control.columns import columns_of, end_within
from polyrhythmia_live.control.grid import GRID_ROWS, grid
from polyrhythmia_live.control.status_line import status_line
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.control import Curve, Level
from polyrhythmia_live.rhythm.meter_map import MeterMap

ROWS_ABOVE = 2
"""What was said last stays in sight above the grid."""

FRAME_ROWS = GRID_ROWS + 1 + ROWS_ABOVE
"""From so many rows on, a terminal shows the grid."""

LEVEL_ROWS = GRID_ROWS - 2
"""The levels stand beside the lanes, and not beside cues and counts."""
TRAVEL_COLUMNS = 5
TRAVELLED, AHEAD = "━", "─"
MARGIN = "  "


def frame(
    snapshot: Snapshot, meters: MeterMap, columns: int, rows: int, typed: str = ""
) -> tuple[str, ...]:
    """The grid, beside it the levels where there is room, and the status line below.

    Where there are too few rows, it is the status line alone. What is being `typed` stands before
    the line, its end in sight.
    """
    typed = end_within(typed, columns // 2)
    line = f"{typed}{status_line(snapshot, meters, columns - columns_of(typed))}"
    picture = grid(snapshot, meters, columns) if rows >= FRAME_ROWS else ()
    if not picture:
        return (line,)
    return (*_beside(picture, levels(snapshot), columns), line)


def levels(snapshot: Snapshot) -> tuple[str, ...]:
    """The levels that are numbers: how far each is up, its value, and the keys that move it.

    Where there are more than rows, those that stand as usual and have no key are left out, the last
    ones first.
    """
    values = {
        level: value_of(level, snapshot)
        for level in LEVELS.values()
        if level.curve is not Curve.CHOICE and not level.by_lane
    }
    usual = [level for level, value in values.items() if not level.keys and value == level.default]
    for level in usual[::-1][: max(0, len(values) - LEVEL_ROWS)]:
        del values[level]
    return tuple(_level(level, value) for level, value in values.items())


def _level(level: Level, value: float) -> str:
    travelled = round(level.to_unit(value) * TRAVEL_COLUMNS)
    travel = TRAVELLED * travelled + AHEAD * (TRAVEL_COLUMNS - travelled)
    keys = " ".join(reversed(level.keys[:2]))
    return f"{level.name:<12}{travel} {level.written(value):>9}  {keys}".rstrip()


def _beside(left: tuple[str, ...], right: tuple[str, ...], columns: int) -> tuple[str, ...]:
    """Two pictures side by side, or the left one alone where the right one has no room."""
    width = max(map(len, left))
    if width + len(MARGIN) + max(map(len, right)) > columns:
        return tuple(row.rstrip() for row in left)
    rows = zip_longest(left, ("", "", *right[:LEVEL_ROWS]), fillvalue="")
    return tuple(f"{one:<{width}}{MARGIN}{other}".rstrip() for one, other in rows)
