"""One controller's lights, and the port that they are behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from polyrhythmia_live.control.controller.base import ControllerMap, Light

WATCH_SECONDS = 0.5
"""Between two looks at whether its port is there."""

AT_ONCE = 24
"""Messages at a time, ten times a second: a controller on USB takes a thousand a second, one on a
DIN cable half as many."""


class Out(Protocol):
    """What a panel needs of a wire."""

    def send(self, message: bytes) -> None: ...

    def watch(self) -> bool: ...

    @property
    def is_open(self) -> bool: ...


class Panel:
    """Sends what has changed, not too much at a time; `find` opens the port once it is there.

    Threads: the process's main.
    """

    def __init__(
        self,
        controller: ControllerMap,
        find: Callable[[], Out | None],
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._controller = controller
        self._find = find
        self._watch_seconds = watch_seconds
        self._out: Out | None = None
        self._shown: dict[bytes, bytes] = {}
        """What each light was last sent, by what it is sent in the dark."""
        self._watch_at = 0.0

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
        """Whether there is a port; one that has just come is opened, and knows nothing."""
        now_seconds = time.monotonic()
        if now_seconds >= self._watch_at:
            self._watch_at = now_seconds + self._watch_seconds
            came = False
            if self._out is None:
                self._out = self._find()
                came = self._out is not None and self._out.is_open
            elif self._out.watch():
                came = True
            if came:
                self._shown.clear()
                for message in self._controller.opening:
                    self._send(message)
        return self._out is not None and self._out.is_open

    def _send(self, message: bytes) -> None:
        if self._out is not None:
            self._out.send(message)


def _dark(lights: Sequence[Light]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(light.dark for light in lights))
