"""The performer's terminal: keys in, one status line out, and nothing left behind."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator

from polyrhythmia_live.control.help_text import key_help
from polyrhythmia_live.control.keys import (
    HELP_KEY,
    QUIT_KEY,
    WORDS_KEY,
    Keyboard,
    command_of,
)
from polyrhythmia_live.control.prompt import Prompt
from polyrhythmia_live.control.spoken import KEYS_IN_WORDS, spoken
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Command

PLAIN_LINE_SECONDS = 2.0
"""Off a terminal (a service's log), the status is a line of its own, this often at the most."""

PLAIN_COLUMNS = 79
"""How long a line may be where there is no terminal to ask."""

CLEAR_LINE = "\r\x1b[2K"


class Terminal:
    """Threads: supervisor's main only."""

    def __init__(self, genres: tuple[str, ...]) -> None:
        self._genres = genres
        self._keyboard = Keyboard()
        if sys.stdout is None:  # closed before we came
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        if isinstance(sys.stdout, io.TextIOWrapper):  # an old locale has no ▶
            sys.stdout.reconfigure(errors="replace")
        self._live = sys.stdout.isatty()
        self._drawn = ""
        self._prompt = Prompt()
        self._plain_at = 0.0

    @contextlib.contextmanager
    def open(self) -> Iterator[Terminal]:
        """Take keys and cursor; give both back on every way out."""
        with self._keyboard.listening():
            try:
                yield self
            finally:
                if self._live and self._drawn:
                    self._write("\n")

    @property
    def columns(self) -> int:
        """How many characters the status line may have."""
        return shutil.get_terminal_size().columns - 1 if self._live else PLAIN_COLUMNS

    def fileno(self) -> int | None:
        """What to wait on for keys, or None."""
        return self._keyboard.fileno()

    def commands(self, quit_: Callable[[], None]) -> Iterator[Command]:
        """What the keys pressed since ask for; help is printed, quit is called, others ignored."""
        for key, at_seconds in self._keyboard.pressed():
            line = None
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
                self.say(key_help(self._genres))
            elif command := command_of(key, at_seconds):
                yield command

    def _say_back(self, line: str, at_seconds: float) -> tuple[Command, ...]:
        """The command in a line of words, or a line on the terminal about what is wrong with it."""
        try:
            return spoken(line, self._genres, at_seconds)
        except ConfigError as error:
            self.say(str(error))
            return ()

    def say(self, text: str) -> None:
        """Print something that stays, above the status line."""
        if not self._live:
            self._write(f"{text}\n")
            return
        self._write(f"{CLEAR_LINE}{text}\n{self._drawn}")

    def show(self, line: str) -> None:
        """Draw the status line anew, where it has changed; before it, what is being typed."""
        if self._live:
            typed = self._prompt.typed
            line = line if typed is None else f"{WORDS_KEY}{typed}▏  {line}"
            fitting = line[: self.columns]
            if fitting != self._drawn:
                self._drawn = fitting
                self._write(f"{CLEAR_LINE}{fitting}")
        elif time.monotonic() >= self._plain_at:
            self._plain_at = time.monotonic() + PLAIN_LINE_SECONDS
            self._write(f"{line}\n")

    @staticmethod
    def _write(text: str) -> None:
        """A terminal that has gone away must not stop the music."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
