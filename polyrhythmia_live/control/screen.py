"""A terminal's screen: lines that stay, and below them a frame that is drawn over itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from textwrap import wrap

from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.system.pipes import StallableOutput

PLAIN_SIGNS = {
    "▶": ">", "■": "#", "▼": "v", "│": "|", "─": "-", "━": "=", "·": ".", "→": ">", "▏": "|",
    "…": "~", "▁": "_", "▂": "-", "▃": "~", "▄": "=", "▅": "+", "▆": "o", "▇": "O", "█": "@",
}  # fmt: skip
"""What stands for each of our signs where a terminal's character set (an old locale's) has none."""

REMEMBERED_LINES = 40
"""Lines that stay are written again when the terminal's size has changed."""

ROW_START, ERASE_ROW, ERASE_BELOW, HOME = "\r", "\x1b[K", "\x1b[J", "\x1b[H"
UP, DOWN, RIGHT = "\x1b[{}A", "\x1b[{}B", "\x1b[{}C"


class Screen:
    """Draws on the terminal behind a file descriptor; None = there is nobody to see it.

    What the terminal cannot show is shown in plain signs, and nothing here waits for it. The cursor
    stays at the end of the frame's last line.
    Threads: supervisor's main only.
    """

    def __init__(self, fd: int | None, encoding: str, live: bool = True) -> None:
        """`live`: it can be drawn over; otherwise (a file, a pipe) only lines are written."""
        self._fd = fd
        self._live = live
        self._encoding = encoding
        self._plain = {
            ord(sign): plain for sign, plain in PLAIN_SIGNS.items() if not _has(encoding, sign)
        }
        self._output = StallableOutput(fd)
        self._said: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._drawn: tuple[str, ...] = ()
        self._drawn_size: os.terminal_size | None = None

    @property
    def size(self) -> os.terminal_size:
        """Columns and rows, as they are now."""
        try:
            size = os.get_terminal_size(-1 if self._fd is None else self._fd)
        except OSError:
            return DEFAULT_SIZE
        return size if size.columns and size.lines else DEFAULT_SIZE

    def say(self, text: str) -> None:
        """Write lines that stay, above the frame."""
        said = text.splitlines()
        self._said.extend(said)
        if not self._live:
            self._write(f"{text}\n")
            return
        folded = [row for line in said for row in _folded(line, self.size.columns)]
        self._write(self._to_top() + "\n".join([*folded, *(self._drawn or [""])]))

    def draw(self, lines: Sequence[str]) -> None:
        """Draw a frame of at least one line, each shorter than a row, over the one before.

        Only rows that changed are written. After a change of size, which moves and folds what was
        drawn, everything is drawn anew. Where the terminal stands still, nothing is drawn.
        """
        if not self._output.push():
            return
        frame, size, before = tuple(lines), self.size, self._drawn
        resized = before and size != self._drawn_size
        self._drawn, self._drawn_size = frame, size
        if resized:
            said = self._latest_said(size.columns, size.lines - len(frame))
            self._write(HOME + ERASE_BELOW + "\n".join([*said, *frame]))
        elif len(frame) == len(before):
            self._write(_changes(before, frame))
        else:
            self._write(_to_top_of(before) + "\n".join(frame))

    def forget(self) -> None:
        """Begin below what others have written since: the frame is not where it was."""
        self._drawn = ()

    def clear(self) -> None:
        """Leave what was said, and nothing of the frame."""
        if self._drawn:
            self._write(self._to_top())
        self._drawn = ()

    def close(self) -> None:
        """Clear it, and write no more."""
        self.clear()
        self._output.close()

    def _latest_said(self, columns: int, rows: int) -> list[str]:
        """The last lines that were said, as many as there is room for."""
        fitting: list[str] = []
        for line in reversed(self._said):
            folded = _folded(line, columns)
            if len(fitting) + len(folded) > rows:
                break
            fitting = [*folded, *fitting]
        return fitting

    def _to_top(self) -> str:
        return _to_top_of(self._drawn)

    def _write(self, text: str) -> None:
        if text:
            self._output.write(text.translate(self._plain).encode(self._encoding, "replace"))


DEFAULT_SIZE = os.terminal_size((80, 24))


def _to_top_of(drawn: Sequence[str]) -> str:
    """To where a frame begins, from where it ends; and away with it."""
    up = UP.format(len(drawn) - 1) if len(drawn) > 1 else ""
    return ROW_START + up + ERASE_BELOW


def _changes(before: Sequence[str], frame: Sequence[str]) -> str:
    """What makes one frame of another of as many lines, from and to the end of its last line."""
    written = []
    last = len(frame) - 1
    for row, (old, new) in enumerate(zip(before, frame, strict=True)):
        if old != new:
            up, down = (UP.format(last - row), DOWN.format(last - row)) if row < last else ("", "")
            written.append(f"{ROW_START}{up}{new}{ERASE_ROW}{down}")
    if not written:
        return ""
    end = columns_of(frame[last])
    return "".join([*written, ROW_START, RIGHT.format(end) if end else ""])


def _folded(line: str, columns: int) -> list[str]:
    """A line as rows, folded between words where it is longer than one."""
    if columns_of(line) <= columns:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _has(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
