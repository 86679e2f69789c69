"""The whole terminal on the real daemon: it is seen, it is touched, and its end is not heard."""

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.supervisor.guest import GUEST_MODULE
from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, lives, wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_desk import client_of, gaps
from tests.e2e.test_performing import BAR_SECONDS, DAEMON_PORT, a_daemon, until_it_plays
from tests.e2e.test_terminal import PLAY, Performer

pytest.importorskip("textual", reason="expected textual: scripts/setup brings it")
from polyrhythmia_live.tui.levels import NAME_COLUMNS

pyte = pytest.importorskip("pyte", reason="expected pyte: scripts/setup brings it")

COLUMNS, ROWS = 80, 24


class Screen:
    """What an emulator shows of all that a performer has been sent."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)

    def lines(self) -> list[str]:
        self._performer.sees("nothing that is ever shown")
        # pyte takes a private reply to a query, and kitty's keys, for text
        self._stream.feed(re.sub(r"\x1b\[[?<>=][0-9;$]*[a-z]", "", self._performer.shown))
        self._performer.shown = ""
        return [str(line).rstrip() for line in self._screen.display]

    def shows(self, words: str) -> bool:
        return any(words in line for line in self.lines())


def place_of(lines: list[str], level: str) -> tuple[int, int]:
    """The low end of a slider's travel, as column and row from 1."""
    row = next(n for n, line in enumerate(lines) if level in line)
    return lines[row].index(level) + NAME_COLUMNS, row + 1


def click(column: int, row: int) -> bytes:
    """What a terminal sends (xterm's SGR mouse mode)."""
    return b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column, row, column, row)


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_everything_is_on_the_screen_and_a_terminal_that_stops_or_dies_is_not_heard(
    tmp_path: Path,
) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client = client_of(tmp_path)

        def level(name: str) -> object:
            return dict(client.snapshot().levels)[name]

        command = (sys.executable, "-m", "polyrhythmia_live", "attach", "--tui")
        terminal = Performer(tmp_path, command, XDG_RUNTIME_DIR=str(tmp_path / "runtime"),
                             TERM="xterm-256color")  # fmt: skip
        try:
            screen = Screen(terminal)
            wait_for("the playhead", lambda: screen.shows("▼"))
            lines = screen.lines()
            assert re.match(r"▶ +\d+\.\d  240.0 bpm  4/4  internal  rock", lines[0])
            assert [line[:10].strip() for line in lines[3:12]][-1] == "kick"
            assert all(any(name in line for line in lines[13:]) for name in DRUMMER_LEVELS)
            terminal.press(click(*place_of(lines, "intensity")))
            wait_for("the slider", lambda: level("intensity") == 0.0)
            terminal.press(b"f:density 70\r")
            wait_for("the words", lambda: level("density") == 0.7)
            wait_for("them on the screen", lambda: screen.shows(" 70% "))
            os.kill(terminal.process.pid, signal.SIGSTOP)
            stopped = time.monotonic()
            time.sleep(3 * BAR_SECONDS)
            terminal.process.kill()
            time.sleep(2 * BAR_SECONDS)
            assert max(gaps(recorder, stopped)) < BAR_SECONDS
            assert client.snapshot().status is not None
            assert lives(daemon.player)
        finally:
            terminal.close()


@pytest.fixture
def player_with_all(tmp_path: Path) -> Iterator[Performer]:
    performer = Performer(tmp_path, (*PLAY, "--tui"), TERM="xterm-256color")
    yield performer
    performer.close()


def test_play_has_its_terminal_back_when_the_whole_one_dies(player_with_all: Performer) -> None:
    wait_for("the whole terminal", lambda: player_with_all.sees("PgDn panels"))
    os.kill(_guest_of(player_with_all), signal.SIGKILL)
    wait_for("the other screen left", lambda: player_with_all.sees("\x1b[?1049l"))
    wait_for(
        "a line about it", lambda: player_with_all.sees("the whole terminal is gone (exit -9)")
    )
    player_with_all.press(b"=")
    wait_for("an answer", lambda: player_with_all.sees("intensity 55%"))
    player_with_all.press(b"q")
    assert player_with_all.process.wait(PATIENCE_SECONDS) == 0
    assert _modes(player_with_all) == player_with_all.before


def test_leaving_the_whole_terminal_ends_play(player_with_all: Performer) -> None:
    wait_for("the whole terminal", lambda: player_with_all.sees("PgDn panels"))
    player_with_all.press(b"q")
    assert player_with_all.process.wait(PATIENCE_SECONDS) == 0
    wait_for("the other screen left", lambda: player_with_all.sees("\x1b[?1049l"))
    assert _modes(player_with_all) == player_with_all.before


def _modes(performer: Performer) -> list[object]:
    return termios.tcgetattr(performer.tty)


def _guest_of(performer: Performer) -> int:
    def find() -> int | None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                parent = re.search(r"PPid:\s+(\d+)", (folder / "status").read_text())
            except OSError:
                continue
            ours = parent is not None and int(parent[1]) == performer.process.pid
            if ours and GUEST_MODULE.encode() in command:
                return int(folder.name)
        return None

    return wait_for("the guest", find)
