"""One row of the screen, of which only what has changed is drawn again."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from polyrhythmia_live.control.columns import columns_of

Part = str | tuple[str, str]
"""Signs, and the style that they have, if any."""

Cell = tuple[str, str]
"""A sign, and its style."""

NEAR_COLUMNS = 8
"""To go there costs a terminal as many bytes as to write what is between."""


class Row(Widget):
    """Signs with styles; where its style sheet gives it room, more than one row of them.

    Threads: the event loop's.
    """

    DEFAULT_CSS = "Row { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._content = Content()
        self._cells: list[Cell] = []

    def render(self) -> Content:
        """What it was given last."""
        return self._content

    @property
    def text(self) -> str:
        """What is to be read."""
        return self._content.plain

    def put(self, *parts: Part, grows: bool = False) -> None:
        """Show this from the next frame on; `grows`: in as many rows as it needs."""
        styled = [(part, "") if isinstance(part, str) else part for part in parts]
        cells = [(sign, style) for words, style in styled for sign in words]
        before, self._cells = self._cells, cells
        if cells == before:
            return
        self._content = Content.assemble(*styled)
        if grows:
            self.refresh(layout=_lengths(cells) != _lengths(before))
        elif len(cells) == len(before) and columns_of(self.text) == len(cells):
            self.refresh(*_changes(before, cells))
        else:
            self.refresh()

    def put_markup(self, markup: str) -> None:
        """Show what Textual's markup says: for what can be clicked on."""
        self._content, self._cells = Content.from_markup(markup), []
        self.refresh()


def _changes(before: list[Cell], cells: list[Cell]) -> list[Region]:
    """Where two rows of one length differ; what is near each other is one place."""
    ends: list[list[int]] = []
    for at, cell in enumerate(cells):
        if cell != before[at]:
            if ends and at - ends[-1][1] < NEAR_COLUMNS:
                ends[-1][1] = at
            else:
                ends.append([at, at])
    return [Region(first, 0, last + 1 - first, 1) for first, last in ends]


def _lengths(cells: list[Cell]) -> list[int]:
    """How long each line is: while that stays so, as many rows are needed."""
    return [len(line) for line in "".join(sign for sign, _ in cells).split("\n")]
