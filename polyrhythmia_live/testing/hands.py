"""A performer who cannot sit still: random commands from every surface.

Keys on a terminal, a controller's knobs, buttons and pads, the desk's socket, `ctl` in a shell, and
OSC. Nothing here ends the performance, and what moves the song is apart: see `move_the_song`.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Self

from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.osc.packet import Message, written
from polyrhythmia_live.errors import NothingPlays, PolyrhythmiaError
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL
from polyrhythmia_live.testing.controller import Controller
from polyrhythmia_live.testing.daemon import wait_for

SURFACE = "Test Surface"

KEYS = (b"\x1b[C", b"\x1b[D", b"]", b"[", b"=", b"-", b".", b",", b")", b"(", b"y", b"r", b"1",
        b"3", b"5", b"8", b"f", b"b", b"i", b"x", b"n", b"a", b"l", b"k", b"v", b"z", b"h", b"d",
        b"{", b"}", b"p", b"j", b"\x1b[B", b"\x1b[A")  # fmt: skip
KNOBS = (20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 70, 72, 73, 74)
BUTTONS = (43, 44, 47, 48, 64, 65, 66, 67, 68, 69, 102, 103, 104, 105, 106, 120)
PADS = (36, 41, 42, 46, 47, 48, 49, 50, 51, 53, 54, 55, 56, 57)
SAID = ("density 70%", "density 40%", "intensity 80%", "fill", "crash", "break 1", "drop 1",
        "again", "back 2", "keep", "go on", "fork", "veto", "undo", "mute closed-hat", "unmute",
        "solo kick", "solo", "level snare 60%", "level 100%", "lock kick", "unlock",
        "regenerate snare", "swing 58%", "swing 50%", "genre funk", "genre rock", "rock 60 jazz",
        "half time 2", "double time 1", "tempo 300 over 4 bars", "tempo 320")  # fmt: skip
OVER_OSC = (("density", 0.6), ("intensity", 0.7), ("complexity", 0.3), ("fill", 1.0),
            ("fill", 0.0), ("say", "crash"), ("say", "veto"), ("genre", "samba"),
            ("morph", 0.4), ("swing", 0.55), ("stability", 0.8))  # fmt: skip
MOVES = ("start", "stop", "continue")
SHELL_SHARE = 0.03
"""Of the desk's commands; a shell takes half a second of a processor to start."""


class Hands:
    """On one performance after another in a folder; `counts` says how many commands each gave."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder = folder
        self._random = random
        self._typed, self.keyboard = os.openpty()
        self._controller = Controller(SURFACE)
        self._osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.osc_port = _free_port()
        self._client: DeskClient | None = None
        self.counts: Counter[str] = Counter()
        """By surface. What came while a process was being started again counts, too."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What the daemon must be told of them."""
        return ("--in", SURFACE, "--osc", str(self.osc_port))

    def client(self) -> DeskClient:
        """A connection to the desk, once there is one."""

        def connect() -> DeskClient | None:
            with contextlib.suppress(PolyrhythmiaError):
                if self._client is None:
                    self._client = DeskClient(self._folder / "runtime" / "polyrhythmia.sock")
                self._client.snapshot()
                return self._client
            self.let_go()
            return None

        return wait_for("the desk", connect)

    def let_go(self) -> None:
        """Hang up on the desk, which may be gone."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def move(self) -> None:
        """One command, from one of the surfaces."""
        surfaces = {"keys": self._type, "knobs": self._turn, "buttons and pads": self._strike,
                    "desk": self._say, "OSC": self._send_osc}  # fmt: skip
        name = self._random.choice(list(surfaces))
        self.counts[surfaces[name]() or name] += 1

    def move_the_song(self) -> None:
        """To its top, or off and on again."""
        for word in self._random.choice((("start",), ("stop", "continue"), ("stop", "start"))):
            self.counts["desk"] += 1
            self.ask(fire=word)

    def ask(self, **request: object) -> dict[str, object]:
        """What the desk answers; nothing where it refuses, or is gone."""
        try:
            return self.client().ask(**request)
        except NothingPlays:
            self.let_go()
        except PolyrhythmiaError:
            pass
        return {}

    def _type(self) -> None:
        while select.select([self._typed], [], [], 0.0)[0]:
            os.read(self._typed, 1 << 16)  # a terminal that nobody reads takes no more keys
        os.write(self._typed, self._random.choice(KEYS))

    def _turn(self) -> None:
        first = self._random.randrange(100)
        self._controller.turn(self._random.choice(KNOBS), *range(first, first + 28, 3))

    def _strike(self) -> None:
        if self._random.random() < 0.5:
            self._controller.turn(self._random.choice(BUTTONS), 127, 0)
        else:
            self._controller.strike(self._random.choice(PADS), channel=NOTE_CHANNEL)

    def _say(self) -> str:
        words = self._random.choice(SAID)
        if self._random.random() < SHELL_SHARE:
            shell = [sys.executable, "-m", "polyrhythmia_live", "ctl", "say", words]
            environment = {**os.environ, "XDG_RUNTIME_DIR": str(self._folder / "runtime")}
            subprocess.run(shell, env=environment, capture_output=True, check=False, timeout=30)
            return "ctl"
        if self._client is None:
            with contextlib.suppress(PolyrhythmiaError):
                self._client = DeskClient(self._folder / "runtime" / "polyrhythmia.sock")
        if self._client is not None:
            try:
                self._client.send(say=words)
                self._client.heard()
            except PolyrhythmiaError:
                self.let_go()
        return ""

    def _send_osc(self) -> None:
        address, argument = self._random.choice(OVER_OSC)
        for datagram in written([Message(f"/polyrhythmia/{address}", (argument,))]):
            with contextlib.suppress(OSError):
                self._osc.sendto(datagram, ("127.0.0.1", self.osc_port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._controller.unplug()
        self._osc.close()
        for terminal in (self._typed, self.keyboard):
            os.close(terminal)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
