"""The terminal of `play`, on a daemon that is running: it comes and goes, and the music stays."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator

from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.desk.requests import as_request
from polyrhythmia_live.desk.watch import Watch

GREETING = "q leaves this terminal, and the drummer plays on; ? all keys"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Attached:
    """A terminal before the desk's socket. Threads: the process's main."""

    def __init__(self, watch: Watch, plain: bool) -> None:
        """`plain`: as of `Terminal`."""
        self._watch = watch
        self._terminal = Terminal(watch.genres, watch.meters, plain)
        self._leaving = self._suspending = False

    def run(self) -> None:
        """Show and obey until it is left. Raises NothingPlays where the daemon is gone."""
        with self._signals(), self._terminal.open():
            self._terminal.say(GREETING)
            while not self._leaving:
                self._turn()
        self._watch.close()

    def _turn(self) -> None:
        if self._suspending:
            self._suspend()
        sources = [it.fileno() for it in (self._watch, self._terminal)]
        still_seconds = self._terminal.still_seconds(self._watch.snapshot().status)
        select.select([it for it in sources if it is not None], [], [], still_seconds)
        for error in self._watch.hear():
            self._terminal.say(error)
        for command in self._terminal.commands(self._watch.snapshot(), quit_=self._leave):
            self._watch.send(**as_request(command))
        self._terminal.show(self._watch.snapshot())

    def _leave(self) -> None:
        self._leaving = True

    def _suspend(self) -> None:
        """Ctrl-Z: give the terminal back, and stop until the shell continues us."""
        self._suspending = False
        self._terminal.give_back()
        ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, ours)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Whatever ends a process ends this terminal, and leaves it as it was."""

        def suspend(*_: object) -> None:
            self._suspending = True

        before = {number: signal.signal(number, lambda *_: self._leave()) for number in SIGNALS}
        before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, suspend)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
