"""From keys on the terminal to commands; and a terminal that is left as it was found."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from typing import Any

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.messages import Choose, Command, Fire, NudgeLevel

ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end"}
NUMBERED = {"1": "home", "4": "end", "5": "page up", "6": "page down", "7": "home", "8": "end"}
"""The keys that a terminal numbers, `ESC [ 5 ~`: xterm's, rxvt's and the Linux console's."""

NAMED = {" ": "space", "\x03": "q", "\n": "enter", "\r": "enter", "\x7f": "backspace",
         "\x08": "backspace", "\t": "tab", "\x1b": "escape"}  # fmt: skip

OTHER_KEY = "that key"
"""What a key is called that has no name of its own here."""

_TYPED = re.compile(r"\x1b(?:\[([0-?]*)[ -/]*([@-~])|O([ -~]))|(.)", flags=re.DOTALL)
"""A key's escape sequence (ECMA-48, 5.4; a terminal's application mode), or a sign."""

TYPED_BYTES = 4096

REPEAT_SECONDS = 0.12
"""A key that comes again this soon is held down: terminals repeat it every 30 to 90 ms, and nobody
types one so fast."""

QUIT_KEY = "q"
HELP_KEY = "?"
WORDS_KEY = ":"


def key_names(typed: bytes, encoding: str = "utf-8") -> Iterator[str]:
    """The keys in what the terminal sent; letters by their small ones."""
    for parameters, final, application, sign in _TYPED.findall(typed.decode(encoding, "replace")):
        if sign:
            small = sign.lower()
            key = small if len(small) == 1 else sign
            yield NAMED.get(sign, key if key.isprintable() else OTHER_KEY)
        else:
            named = NUMBERED.get(parameters) if final == "~" else None
            arrow = OTHER_KEY if parameters else ARROWS.get(final or application, OTHER_KEY)
            yield named or arrow


def command_of(key: str, at_seconds: float) -> Command | None:
    """What a key asks for, by the table, or None; `at_seconds` is when it was pressed."""
    for level in LEVELS.values():
        if key in tuple(level.entry_keys):
            return Choose(level.name, level.entry_keys.index(key), at_seconds)
        if key in level.keys:
            return NudgeLevel(level.name, -1 if level.keys.index(key) % 2 else 1, at_seconds)
    for trigger in TRIGGERS.values():
        if key in trigger.keys:
            return Fire(trigger.name, at_seconds)
    return None


def repeatable(command: Command) -> bool:
    """Whether a key that is held down asks for it again and again: a level goes on and on."""
    return not isinstance(command, Fire) or TRIGGERS[command.name].held


class Held:
    """Tells the presses of a key from what a terminal sends while it is held down.

    The first of those comes a quarter of a second later or more, and cannot be told.
    Threads: supervisor's main only.
    """

    def __init__(self) -> None:
        self._key = ""
        self._at_seconds = 0.0

    def repeats(self, key: str, at_seconds: float) -> bool:
        """Whether this key is still down, rather than pressed again."""
        again = key == self._key and at_seconds - self._at_seconds < REPEAT_SECONDS
        self._key, self._at_seconds = key, at_seconds
        return again


class Keyboard:
    """The terminal in cbreak mode, for as long as the context lasts.

    Off a terminal (a service, a pipe), or in the background of one, it has no key. Who comes to
    the foreground takes the terminal, and what a shell has done to it meanwhile is undone.
    Threads: supervisor's main only.
    """

    def __init__(self, on_return: Callable[[], None]) -> None:
        """`on_return` is called when the terminal is ours again after others have had it."""
        self._fd = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None
        self._encoding = "utf-8" if sys.stdin is None else sys.stdin.encoding
        self._on_return = on_return
        self._taken = False
        self._before: list[Any] | None = None
        """How the terminal was when it was taken first."""

    @contextlib.contextmanager
    def listening(self) -> Iterator[Keyboard]:
        """Take the terminal, and give it back on every way out."""
        if self._fd is None:
            yield self
            return

        def lose(*_: object) -> None:
            self._taken = False  # Ctrl-Z, fg: the shell gives it back as its own

        continued = signal.signal(signal.SIGCONT, lose)
        # Writing or setting from the background is ours to leave alone, and no reason to stop us.
        touched = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            yield self
        finally:
            self.give_back()
            signal.signal(signal.SIGTTOU, touched)
            signal.signal(signal.SIGCONT, continued)

    def fileno(self) -> int | None:
        """What to wait on, or None: what is typed while others have the terminal is not for us."""
        if self._fd is None or not is_in_foreground(self._fd):
            self._taken = False
            return None
        if not self._taken:
            self._take(self._fd)
        return self._fd

    def give_back(self) -> None:
        """Leave the terminal as it was found, if it is ours; who looks for keys takes it again."""
        self._taken = False
        # Not TCSADRAIN: a terminal that stands still (Ctrl-S) would never let us go.
        if self._fd is not None and self._before is not None and is_in_foreground(self._fd):
            with contextlib.suppress(termios.error):  # it has gone away
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def _take(self, terminal: int) -> None:
        self._taken = True
        with contextlib.suppress(termios.error):  # it has gone away
            if self._before is None:
                self._before = termios.tcgetattr(terminal)
            tty.setcbreak(terminal, termios.TCSANOW)
        self._on_return()

    def pressed(self) -> list[tuple[str, float]]:
        """The keys pressed since, each with its moment in monotonic seconds; never blocks."""
        now_seconds = time.monotonic()
        return [(name, now_seconds) for name in key_names(self._typed(), self._encoding)]

    def _typed(self) -> bytes:
        """All that has been typed: a read that ends within an arrow's three bytes is another key.

        A terminal that has gone away is let go of, or it would be read for ever.
        """
        typed = b""
        while (fd := self.fileno()) is not None and select.select([fd], [], [], 0)[0]:
            try:
                more = os.read(fd, TYPED_BYTES)
            except OSError:
                more = b""
            if not more:
                self._fd = None
            typed += more
        return typed


def is_in_foreground(terminal: int) -> bool:
    """Whether a terminal is ours to read and to draw on; one of another session always is.

    Reading it from the background would suspend us, and drawing spoil what others show.
    """
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return True
