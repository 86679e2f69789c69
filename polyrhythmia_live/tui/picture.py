"""The grid: what sounds and what comes, in the drawing of `control.grid`, with weight and light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click

from polyrhythmia_live.control.grid import (
    GRID_ROWS,
    LOUDNESS,
    NAME_COLUMNS,
    PLAYHEAD,
    grid,
)
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.tui.row import Part, Row

CELLS = (4, 3, 2, 1)
NOT_YET = "nothing is planned yet"

HEAVY = LOUDNESS[-3:]
"""The hits that are drawn bold; each change of weight costs a terminal twenty bytes."""


class Picture(Vertical):
    """A row a lane; `on_lane` is called with the name of a lane that is clicked on."""

    DEFAULT_CSS = f"Picture {{ height: {GRID_ROWS}; }}"

    def __init__(self, meters: MeterMap, on_lane: Callable[[str], None]) -> None:
        super().__init__()
        self._meters = meters
        self._on_lane = on_lane
        self._rows = tuple(Row() for _ in range(GRID_ROWS))
        self._lines: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._rows

    def show(self, snapshot: Snapshot) -> None:
        """Draw it again where it has changed."""
        self._lines = grid(snapshot, self._meters, self.size.width, CELLS, microtiming=True)
        if not self._lines:
            for number, row in enumerate(self._rows):
                row.put((NOT_YET if number == 1 else "", "dim"))
            return
        cues, ruler, *lanes = self._lines
        self._rows[0].put((cues, "bold"))
        self._rows[1].put(*_lit(ruler))
        at = ruler.find(PLAYHEAD)
        for row, lane in zip(self._rows[2:], lanes, strict=True):
            row.put(*_weighed(lane, at))

    def on_click(self, event: Click) -> None:
        """The lane of the row that was clicked on."""
        number = int(event.screen_y) - self.region.y
        if 2 <= number < len(self._lines):
            self._on_lane(DRUM_LANES[::-1][number - 2].name)


def _lit(ruler: str) -> Iterator[Part]:
    """The ruler, with a heavy playhead."""
    before, playhead, after = ruler.partition(PLAYHEAD)
    yield from (before, (playhead, "bold"), after)


def _weighed(line: str, at: int) -> Iterator[Part]:
    """A lane by its signs' weights; the hit under the playhead is lit."""
    yield line[:NAME_COLUMNS]
    body = line[NAME_COLUMNS:]
    at -= NAME_COLUMNS
    lit = at if 0 <= at < len(body) and body[at] in LOUDNESS else -1
    for style, signs in groupby(enumerate(body), lambda it: _style(it[1], it[0] == lit)):
        yield "".join(sign for _, sign in signs), style


def _style(sign: str, lit: bool) -> str:
    return "reverse" if lit else "bold" if sign in HEAVY else ""
