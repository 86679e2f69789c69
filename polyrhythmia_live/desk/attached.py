"""The terminal of `play`, on a daemon that is running: it comes and goes, and the music stays."""

from __future__ import annotations

import select
import time
from dataclasses import replace

from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.requests import as_request
from polyrhythmia_live.errors import NothingPlays
from polyrhythmia_live.messages import Command, Snapshot
from polyrhythmia_live.system.signals import Signals

RETURN_SECONDS = 10.0
"""How long a desk that is gone is looked for: one that crashed is soon there again."""

KNOCK_SECONDS = 0.25

GREETING = "q leaves this terminal, and the drummer plays on; ? all keys"
LOST = "desk lost, looking for it"


class Attached:
    """A terminal before the desk's socket. Threads: the process's main."""

    def __init__(self, client: DeskClient, plain: bool) -> None:
        """`plain`: as of `Terminal`. Raises NothingPlays."""
        self._path = client.path
        self._client: DeskClient | None = client
        self._terminal = Terminal(client.genres, client.meters, plain)
        self._snapshot = client.snapshot()
        client.send(subscribe=True)
        self._lost_at = self._knock_at = 0.0
        self._signals = Signals()

    def run(self) -> None:
        """Show and obey until it is left. Raises NothingPlays where the daemon is gone."""
        with self._signals.heeded(), self._terminal.open():
            self._terminal.say(GREETING)
            while not self._signals.ending:
                self._turn()
        if self._client is not None:
            self._client.close()

    def _turn(self) -> None:
        if self._signals.suspending:
            self._suspend()
        sources = [it for it in (self._client, self._terminal.fileno()) if it is not None]
        select.select(sources, [], [], self._terminal.still_seconds(self._snapshot.status))
        try:
            self._hear()
            now = replace(self._snapshot, seconds=time.monotonic())
            for command in self._terminal.commands(now, quit_=self._signals.end):
                self._pass_on(command)
        except NothingPlays:
            if self._client is None or self._client.ended:
                raise
            self._lose(self._client)
        self._terminal.show(replace(self._snapshot, seconds=time.monotonic()))

    def _hear(self) -> None:
        if self._client is None:
            self._knock()
            return
        for news in self._client.heard():
            if isinstance(news, Snapshot):
                self._snapshot = news
            else:
                self._terminal.say(news)

    def _pass_on(self, command: Command) -> None:
        if self._client is not None:
            self._client.send(**as_request(command))

    def _lose(self, client: DeskClient) -> None:
        client.close()
        self._client = None
        self._lost_at = self._knock_at = time.monotonic()
        self._snapshot = replace(self._snapshot, trouble=LOST)

    def _knock(self) -> None:
        """Try again, now and then, for so long. Raises NothingPlays after that."""
        now_seconds = time.monotonic()
        if now_seconds < self._knock_at:
            return
        self._knock_at = now_seconds + KNOCK_SECONDS
        try:
            self._client = DeskClient(self._path)
            self._client.send(subscribe=True)
        except NothingPlays:
            if now_seconds - self._lost_at > RETURN_SECONDS:
                raise

    def _suspend(self) -> None:
        """Ctrl-Z: give the terminal back, and stop until the shell continues us."""
        self._terminal.give_back()
        self._signals.suspend()
