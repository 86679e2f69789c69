"""The performer's terminal: keys in, a screen out, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.frame import frame
from polyrhythmia_live.control.help_text import key_help, pages
from polyrhythmia_live.control.keys import (
    HELP_KEY,
    QUIT_KEY,
    WORDS_KEY,
    Keyboard,
    is_in_foreground,
)
from polyrhythmia_live.control.presses import Presses
from polyrhythmia_live.control.prompt import Prompt
from polyrhythmia_live.control.screen import Screen
from polyrhythmia_live.control.spoken import KEYS_IN_WORDS, spoken
from polyrhythmia_live.control.status_line import status_line
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Command, Snapshot, Status
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

PLAIN_LINE_SECONDS = 2.0
"""Off a terminal (a service's log), the status is a line of its own, this often at the most."""

PLAIN_COLUMNS = 79
"""How long a line may be where there is no terminal to ask."""

TURN_SECONDS = 0.1
"""How often the screen and the keys have their turn, at the least."""

CURSOR = "▏"


class Terminal:
    """Threads: supervisor's main only."""

    def __init__(self, genres: tuple[str, ...], meters: MeterMap, plain: bool = False) -> None:
        """`plain`: the status line is all there is to see."""
        self._genres = genres
        self._meters = meters
        self._fd = None if sys.stdout is None else sys.stdout.fileno()  # None: closed before us
        encoding = "utf-8" if sys.stdout is None else sys.stdout.encoding
        # A dumb terminal (a shell within an editor) knows no way to draw over anything.
        dumb = os.environ.get("TERM") == "dumb"
        self._live = self._fd is not None and os.isatty(self._fd) and not dumb
        self._screen = Screen(self._fd, encoding, self._live)
        self._keyboard = Keyboard(on_return=self._screen.forget)
        self._presses = Presses(genres)
        self._grid = self._live and not plain
        self._unread: tuple[str, ...] | None = None
        """The pages of help to come; until another key, the grid makes room. None = not asked."""
        self._prompt = Prompt()
        self._plain_at = 0.0

    @contextlib.contextmanager
    def open(self) -> Iterator[Terminal]:
        """Take keys and cursor; give both back on every way out."""
        with self._keyboard.listening():
            try:
                yield self
            finally:
                if self._in_sight:
                    self._screen.close()

    @property
    def follows_steps(self) -> bool:
        """Whether a playhead is to be seen, which moves with every step."""
        return self._grid and self._in_sight

    def still_seconds(self, status: Status | None) -> float:
        """How long nothing moves on the screen by itself."""
        rolling = status is not None and status.transport is Transport.ROLLING
        if status is None or not rolling or not self.follows_steps:
            return TURN_SECONDS
        now_seconds = time.monotonic()
        next_step = status.song.tick_at(now_seconds) // TICKS_PER_STEP + 1
        remaining_seconds = status.song.time_at(next_step * TICKS_PER_STEP) - now_seconds
        return min(TURN_SECONDS, max(0.0, remaining_seconds))

    @property
    def _in_sight(self) -> bool:
        """Whether what is drawn is drawn on our own screen: in the background it is the shell's."""
        return self._live and self._fd is not None and is_in_foreground(self._fd)

    def fileno(self) -> int | None:
        """What to wait on for keys, or None."""
        return self._keyboard.fileno()

    def give_back(self) -> None:
        """Leave keys and screen to the shell; `commands` and `show` take them when it is done."""
        if self._in_sight:
            self._screen.clear()
        self._keyboard.give_back()

    def commands(self, snapshot: Snapshot, quit_: Callable[[], None]) -> Iterator[Command]:
        """What the keys pressed since ask for; help is printed, quit is called.

        What no key does is answered on the line.
        """
        for key, at_seconds in self._keyboard.pressed():
            line, unread, self._unread = None, self._unread, None
            self._presses.forget()
            if self._prompt.typed is not None:
                line = self._prompt.press(key) or ""
                key = KEYS_IN_WORDS.get(line.strip().casefold(), "")
            if line and not key:
                yield from self._say_back(line, at_seconds)
            elif key == WORDS_KEY:
                self._prompt.open()
            elif key == QUIT_KEY:
                quit_()
            elif key == HELP_KEY:
                self._help(unread, snapshot)
            elif key and (command := self._presses.command(key, at_seconds)):
                yield command

    def _help(self, unread: tuple[str, ...] | None, snapshot: Snapshot) -> None:
        """Print the next page of the help, or the first one."""
        if not unread:
            size = self._screen.size
            lines = key_help(self._genres, ControlState.of(snapshot.levels)).splitlines()
            rows = size.lines if self._live else len(lines) + 1
            unread = pages(lines, size.columns, rows)
        self._unread = unread[1:]
        self.show(snapshot)
        self.say(unread[0])

    def _say_back(self, line: str, at_seconds: float) -> tuple[Command, ...]:
        """The command in a line of words, or a line on the terminal about what is wrong with it."""
        try:
            return spoken(line, self._genres, at_seconds)
        except ConfigError as error:
            self.say(str(error))
            return ()

    def say(self, text: str) -> None:
        """Print something that stays, above what is drawn."""
        self._screen.say(text)

    def show(self, snapshot: Snapshot) -> None:
        """Draw how everything stands, where it has changed; before it, what is being typed."""
        snapshot = self._presses.remarked(snapshot)
        if self._in_sight:
            size = self._screen.size
            has_grid = self._grid and self._unread is None
            columns, rows = size.columns - 1, size.lines if has_grid else 0
            typed = self._prompt.typed
            shown = "" if typed is None else f"{WORDS_KEY}{typed}{CURSOR}  "
            self._screen.draw(frame(snapshot, self._meters, columns, rows, shown))
        elif not self._live and time.monotonic() >= self._plain_at:
            self._plain_at = time.monotonic() + PLAIN_LINE_SECONDS
            self._screen.say(status_line(snapshot, self._meters, PLAIN_COLUMNS))
