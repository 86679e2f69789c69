"""One controller's lights, and the port that they are behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from polyrhythmia_live.control.controller.base import ControllerMap, Light

WATCH_SECONDS = 0.5
"""Between two looks at whether its port is there."""

SETTLE_SECONDS = (0.15, 1.0)
"""How long after a port has come it is shown all, and shown all again: JACK loses what is sent
while it rearranges its graph. See docs/measured.md."""

BYTES_PER_SECOND = 3125
"""What a DIN cable carries. JACK has room for so many bytes in a period, and loses the rest."""

AT_ONCE = 16
"""Messages to one turn, ten times a second."""


class Out(Protocol):
    """What a panel needs of a wire."""

    def send(self, message: bytes) -> None: ...

    def watch(self) -> bool: ...

    @property
    def is_open(self) -> bool: ...


class Panel:
    """Sends what has changed, no faster than a cable would; `find` opens the port once it is there.

    Threads: the process's main.
    """

    def __init__(
        self,
        controller: ControllerMap,
        find: Callable[[], Out | None],
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._controller = controller
        self._find = find
        self._now = now
        self._pause = pause
        self._out: Out | None = None
        self._shown: dict[bytes, bytes] = {}
        """What each light was last sent, by what it is sent in the dark."""
        self._watch_at = 0.0
        self._anew_at: list[float] = []
        """When a port that has just come is to be opened, and to be shown all."""

    def draw(self, share: Callable[[str], float]) -> None:
        """Bring the lights up to what `share` says of each control, as far as there is time."""
        if not self._ready():
            return
        left = AT_ONCE
        for light in self._controller.lights:
            message = light.message(share(light.control))
            if left and self._shown.get(light.dark) != message:
                self._send(message)
                self._shown[light.dark] = message
                left -= 1

    def end(self) -> None:
        """Everything dark, and the controller as it was."""
        if self._out is None or not self._out.is_open:
            return
        for message in (*_dark(self._controller.lights), *self._controller.closing):
            self._send(message)

    def _ready(self) -> bool:
        """Whether there is a port; one that has just come knows nothing, and is opened first."""
        now_seconds = self._now()
        if now_seconds >= self._watch_at:
            self._watch_at = now_seconds + WATCH_SECONDS
            if self._out is None:
                self._out = self._find()
                came = self._out is not None
            else:
                came = self._out.watch()
            if came:
                self._anew_at = [now_seconds + after for after in SETTLE_SECONDS]
        if self._out is None or not self._out.is_open:
            return False
        if self._anew_at and now_seconds >= self._anew_at[0]:
            del self._anew_at[0]
            self._shown.clear()
            for message in self._controller.opening:
                self._send(message)
        return len(self._anew_at) < len(SETTLE_SECONDS)

    def _send(self, message: bytes) -> None:
        if self._out is not None:
            self._out.send(message)
            self._pause(len(message) / BYTES_PER_SECOND)


def _dark(lights: Sequence[Light]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(light.dark for light in lights))
