"""The other end of the desk's socket: for `ctl`, for an attached terminal and for scripts."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from pathlib import Path
from typing import Any

from polyrhythmia_live.desk.plain import PROTOCOL_VERSION, line, valued
from polyrhythmia_live.errors import NothingPlays, PolyrhythmiaError
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.control import Level, Trigger
from polyrhythmia_live.rhythm.meter_map import MeterMap

PATIENCE_SECONDS = 3.0
"""How long an answer is waited for: somewhat longer than the desk itself waits."""

READ_BYTES = 1 << 16


class DeskClient:
    """A connection to the desk of a daemon.

    `genres` and `meters` are the performance's, `levels` and `triggers` what leads it.

    Raises NothingPlays where there is no daemon, here and wherever it ends.
    Threads: one at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(PATIENCE_SECONDS)
        self._heard = b""
        self.ended = False
        """Whether the performance has ended, and not only this connection."""
        self._last_id = 0
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise NothingPlays(
                "nothing plays: start it with `scripts/play` or `scripts/polyrhythmia serve`"
            ) from None
        greeting = self._next()
        version = greeting.get("polyrhythmia")
        if version != PROTOCOL_VERSION:
            self._socket.close()
            said = greeting.get("error", f"it speaks version {version}, not {PROTOCOL_VERSION}")
            raise PolyrhythmiaError(f"the daemon cannot be asked: {said}")
        self.genres: tuple[str, ...] = valued(tuple[str, ...], greeting["genres"])
        self.meters: MeterMap = valued(MeterMap, greeting["meters"])
        self.levels: tuple[Level, ...] = valued(tuple[Level, ...], greeting["levels"])
        self.triggers: tuple[Trigger, ...] = valued(tuple[Trigger, ...], greeting["triggers"])

    def fileno(self) -> int:
        """What to wait on for `heard`."""
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, **request: Any) -> None:
        """Ask for something; the answer, if one is wanted, is `ask`'s to wait for."""
        try:
            self._socket.sendall(line(**request))
        except OSError:
            raise _gone() from None

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to a request. Raises PolyrhythmiaError with the desk's own line."""
        self._last_id += 1
        self.send(id=self._last_id, **request)
        while True:
            answer = self._next()
            if answer.get("id") == self._last_id:
                if "error" in answer:
                    raise PolyrhythmiaError(answer["error"])
                return answer

    def snapshot(self) -> Snapshot:
        """How everything stands."""
        snapshot: Snapshot = valued(Snapshot, self.ask(ask="snapshot")["snapshot"])
        return snapshot

    def heard(self) -> list[Snapshot | str]:
        """What has come since: the latest snapshot, if subscribed to them, and what went wrong.

        A line that has come in part is left for the next time.
        """
        goes_on = True
        while goes_on and select.select([self._socket], [], [], 0.0)[0]:
            goes_on = self._receive()
        found: list[Snapshot | str] = []
        picture: Any = None
        while b"\n" in self._heard:
            answer = self._taken()
            picture = answer.get("snapshot", picture)
            if "error" in answer:
                found.append(str(answer["error"]))
        if picture is not None:
            with contextlib.suppress(ValueError):
                found.append(valued(Snapshot, picture))
        if not goes_on:
            raise _gone()
        return found

    def _next(self) -> dict[str, Any]:
        """The next line."""
        until_seconds = time.monotonic() + PATIENCE_SECONDS
        while b"\n" not in self._heard:
            if not self._receive():
                raise _gone()
            if time.monotonic() > until_seconds:
                raise PolyrhythmiaError("the daemon does not answer")
        return self._taken()

    def _receive(self) -> bool:
        """Wait for more, and keep it; False where no more will come."""
        try:
            more = self._socket.recv(READ_BYTES)
        except TimeoutError:
            raise PolyrhythmiaError("the daemon does not answer") from None
        except OSError:
            more = b""
        self._heard += more
        return bool(more)

    def _taken(self) -> dict[str, Any]:
        """The first line of those that have come."""
        text, _, self._heard = self._heard.partition(b"\n")
        answer: dict[str, Any] = json.loads(text)
        if "end" in answer:
            self.ended = True
            raise NothingPlays(answer["end"])
        return answer


def _gone() -> PolyrhythmiaError:
    return NothingPlays("the daemon is gone")
