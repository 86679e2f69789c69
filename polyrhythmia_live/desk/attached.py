"""The terminal of `play`, on a daemon that is running: it comes and goes, and the music stays."""

from __future__ import annotations

import select

from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.desk.requests import as_request
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.system.signals import Signals

GREETING = "q leaves this terminal, and the drummer plays on; ? all keys"


class Attached:
    """A terminal before the desk's socket. Threads: the process's main."""

    def __init__(self, watch: Watch, plain: bool) -> None:
        """`plain`: as of `Terminal`."""
        self._watch = watch
        self._terminal = Terminal(watch.genres, watch.meters, plain)
        self._signals = Signals()

    def run(self) -> None:
        """Show and obey until it is left. Raises NothingPlays where the daemon is gone."""
        with self._signals.heeded(), self._terminal.open():
            self._terminal.say(GREETING)
            while not self._signals.ending:
                self._turn()
        self._watch.close()

    def _turn(self) -> None:
        if self._signals.suspending:
            self._suspend()
        sources = [it.fileno() for it in (self._watch, self._terminal)]
        still_seconds = self._terminal.still_seconds(self._watch.snapshot().status)
        select.select([it for it in sources if it is not None], [], [], still_seconds)
        for error in self._watch.hear():
            self._terminal.say(error)
        for command in self._terminal.commands(self._watch.snapshot(), quit_=self._signals.end):
            self._watch.send(**as_request(command))
        self._terminal.show(self._watch.snapshot())

    def _suspend(self) -> None:
        """Ctrl-Z: give the terminal back, and stop until the shell continues us."""
        self._terminal.give_back()
        self._signals.suspend()
