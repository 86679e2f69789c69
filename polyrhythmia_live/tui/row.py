"""One row of the screen, drawn again only where it has changed."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Row(Static):
    """As many rows as its style says, of signs with styles. Threads: the event loop's."""

    DEFAULT_CSS = "Row { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown = Content()

    def put(self, content: Content, grows: bool = False) -> None:
        """Show this from the next frame on; `grows`: in as many rows as it needs."""
        if content.plain != self._shown.plain or content.spans != self._shown.spans:
            self._shown = content
            self.update(content, layout=grows)
