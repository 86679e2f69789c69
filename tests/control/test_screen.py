"""What is to be read on a terminal in the end, as an emulator of one shows it."""

import fcntl
import os
import struct
import termios
import tty
from collections.abc import Iterator

import pytest

from polyrhythmia_live.control.screen import Screen

pyte = pytest.importorskip("pyte", reason="expected pyte: scripts/setup brings it")

COLUMNS, ROWS = 40, 12
STOP, GO_ON = termios.TCOOFF, termios.TCOON


class Emulator:
    """A terminal with somebody before it, and the screen of ours that is drawn there."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._ours, self.tty = os.openpty()
        os.set_blocking(self._ours, False)
        self._seen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._seen)
        self.resize(COLUMNS, ROWS)
        self.screen = Screen(self.tty, encoding)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._seen.resize(rows, columns)

    def lines(self) -> list[str]:
        """All that is to be read, without the empty lines below."""
        try:
            while data := os.read(self._ours, 1 << 16):
                self._stream.feed(data)
        except BlockingIOError:
            pass
        shown = [line.rstrip() for line in self._seen.display]
        while shown and not shown[-1]:
            shown.pop()
        return shown

    def close(self) -> None:
        os.close(self._ours)
        os.close(self.tty)


@pytest.fixture
def terminal() -> Iterator[Emulator]:
    emulator = Emulator()
    yield emulator
    emulator.close()


def test_a_frame_is_drawn_over_the_one_before(terminal: Emulator) -> None:
    for beat in range(30):
        terminal.screen.draw([f"beat {beat}", "x" * (beat % 7), "line"])
        assert terminal.lines() == [f"beat {beat}", "x" * (beat % 7), "line"]


def test_a_frame_may_be_taller_or_lower_than_the_one_before(terminal: Emulator) -> None:
    terminal.screen.say("hello")
    for rows in (1, 5, 2, 9, 1, 3):
        frame = [f"row {row} of {rows}" for row in range(rows)]
        terminal.screen.draw(frame)
        assert terminal.lines()[-rows:] == frame
    assert not any("of 9" in line for line in terminal.lines())


def test_what_is_said_stays_above_the_frame(terminal: Emulator) -> None:
    for number in range(30):
        terminal.screen.draw(["grid", f"line {number}"])
        terminal.screen.say(f"said {number}")
    assert terminal.lines() == [*(f"said {n}" for n in range(20, 30)), "grid", "line 29"]


@pytest.mark.parametrize(("columns", "rows"), [(20, 12), (25, 8), (80, 24), (40, 5)])
def test_after_a_change_of_size_nothing_old_is_left(
    terminal: Emulator, columns: int, rows: int
) -> None:
    terminal.screen.say("what was said before, in a line that is folded")
    terminal.screen.draw(["=" * 39, "-" * 39, "the old line"])
    terminal.lines()
    terminal.resize(columns, rows)
    terminal.screen.draw(["new", "line"])
    shown = "\n".join(terminal.lines())
    assert shown.endswith("\nnew\nline")
    assert not set("=-") & set(shown)
    assert "the old line" not in shown
    assert "what was said" in shown


def test_only_what_has_changed_is_written(terminal: Emulator) -> None:
    terminal.screen.draw(["same"] * 8)
    terminal.lines()
    terminal.screen.draw(["same"] * 8)
    with pytest.raises(BlockingIOError):
        os.read(terminal._ours, 1)


def test_a_terminal_that_stands_still_is_not_waited_for_and_catches_up(terminal: Emulator) -> None:
    tty.setraw(terminal.tty)  # or the emulator's own lines would be echoed
    termios.tcflow(terminal.tty, STOP)
    for beat in range(2000):
        terminal.screen.draw(["grid" * 9, f"beat {beat}"])
    terminal.screen.say("said meanwhile")
    assert terminal.lines() == []
    termios.tcflow(terminal.tty, GO_ON)
    terminal.screen.draw(["grid" * 9, "beat 2000"])
    terminal.screen.draw(["grid" * 9, "beat 2001"])
    assert any("beat 2001" in line for line in terminal.lines())
    termios.tcflow(terminal.tty, STOP)
    terminal.screen.close()
    termios.tcflow(terminal.tty, GO_ON)


def test_nothing_but_what_was_said_is_left_behind(terminal: Emulator) -> None:
    terminal.screen.say("hello")
    terminal.screen.draw(["grid", "grid", "line"])
    terminal.screen.close()
    assert terminal.lines() == ["hello"]


def test_after_a_shell_has_had_the_terminal_the_frame_begins_below(terminal: Emulator) -> None:
    terminal.screen.draw(["grid", "line"])
    os.write(terminal.tty, b"\nfg\n")
    terminal.screen.forget()
    terminal.screen.draw(["grid", "new line"])
    assert terminal.lines() == ["grid", "line", "fg", "grid", "new line"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "koi8-r"])
def test_what_a_terminal_cannot_show_is_shown_in_plain_signs(encoding: str) -> None:
    emulator = Emulator(encoding)
    emulator.screen.draw(["▼ ·▁█│", "▶ ♥"])
    first, second = emulator.lines()
    assert "?" not in first
    if encoding == "ascii":
        assert [first, second] == ["v ._@|", "> ?"]
    emulator.close()


def test_a_terminal_that_has_gone_away_is_nobodys_trouble(terminal: Emulator) -> None:
    os.close(terminal._ours)
    for _ in range(3):
        terminal.screen.draw(["grid", "line"])
        terminal.screen.say("hello")
    terminal.screen.close()
    terminal._ours = os.dup(terminal.tty)


def test_where_there_is_no_terminal_at_all_nothing_is_drawn() -> None:
    screen = Screen(None, "utf-8")
    screen.say("hello")
    screen.draw(["line"])
    screen.close()
