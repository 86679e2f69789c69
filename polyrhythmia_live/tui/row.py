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
            changed = [at for at, cell in enumerate(cells) if cell != before[at]]
            self.refresh(Region(changed[0], 0, changed[-1] + 1 - changed[0], 1))
        else:
            self.refresh()

    def put_markup(self, markup: str) -> None:
        """Show what Textual's markup says: for what can be clicked on."""
        self._content, self._cells = Content.from_markup(markup), []
        self.refresh()


def _lengths(cells: list[Cell]) -> list[int]:
    """How long each line is: while that stays so, as many rows are needed."""
    return [len(line) for line in "".join(sign for sign, _ in cells).split("\n")]
