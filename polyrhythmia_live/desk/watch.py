"""How everything stands, for a screen that outlives the desk: one that crashed comes back soon."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.errors import NothingPlays
from polyrhythmia_live.messages import Snapshot

RETURN_SECONDS = 10.0
"""How long a desk that is gone is looked for."""

KNOCK_SECONDS = 0.25

LOST = "desk lost, looking for it"

SILENT_SECONDS = 2.0
SILENT = "no news from the daemon"
"""What is shown is old: it tells how everything stands ten times a second, unless it is stopped."""


class Watch:
    """A subscription to the desk's snapshots, taken out again where the desk has gone.

    `genres`, `meters`, `levels` and `triggers` are the performance's. Threads: one at a time.
    """

    def __init__(self, client: DeskClient) -> None:
        """Raises NothingPlays."""
        self.genres, self.meters = client.genres, client.meters
        self.levels, self.triggers = client.levels, client.triggers
        self._path: Path = client.path
        self._client: DeskClient | None = client
        self._snapshot = client.snapshot()
        client.send(subscribe=True)
        self._lost_at = self._knock_at = 0.0
        self._heard_at = time.monotonic()

    def fileno(self) -> int | None:
        """What to wait on for `hear`; None while there is no desk."""
        return None if self._client is None else self._client.fileno()

    def snapshot(self) -> Snapshot:
        """How everything stands at this moment, as far as it was heard."""
        now_seconds = time.monotonic()
        silent = self._client is not None and now_seconds - self._heard_at > SILENT_SECONDS
        trouble = SILENT if silent else self._snapshot.trouble
        return replace(self._snapshot, seconds=now_seconds, trouble=trouble)

    def hear(self) -> list[str]:
        """Take in what has come since; the errors in it, a line each.

        Raises NothingPlays where the performance has ended, or the desk is gone for good.
        """
        if self._client is None:
            self._knock()
            return []
        errors: list[str] = []
        try:
            for news in self._client.heard():
                if isinstance(news, Snapshot):
                    self._snapshot = news
                    self._heard_at = time.monotonic()
                else:
                    errors.append(news)
        except NothingPlays:
            if self._client.ended:
                raise
            self._lose(self._client)
        return errors

    def send(self, **request: Any) -> None:
        """Ask for something; while there is no desk, in vain. Raises NothingPlays, as `hear`."""
        if self._client is not None:
            try:
                self._client.send(**request)
            except NothingPlays:
                if self._client.ended:
                    raise
                self._lose(self._client)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

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
            self._heard_at = time.monotonic()
            self._client.send(subscribe=True)
        except NothingPlays:
            if now_seconds - self._lost_at > RETURN_SECONDS:
                raise
