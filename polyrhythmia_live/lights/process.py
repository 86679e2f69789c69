"""The lights process: the LEDs and rings of the controllers that are plugged in.

Started by the supervisor as `python -m polyrhythmia_live.lights.process PIPE`, a file descriptor;
the first message on the pipe is a `LightsConfig`, all others are snapshots. It may crash or hang on
a port: music, desk and controls go on, and the next one takes its place.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from typing import NoReturn

from polyrhythmia_live.config import LightsConfig
from polyrhythmia_live.control.controller.base import ControllerMap
from polyrhythmia_live.errors import PortError
from polyrhythmia_live.lights.drawing import share
from polyrhythmia_live.lights.panel import Panel
from polyrhythmia_live.messages import LIFE_SECONDS, Alive, AtWork, PortState, Snapshot
from polyrhythmia_live.midi.names import machine
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.system.pipes import send_if_room
from polyrhythmia_live.system.signals import leave_to_the_supervisor
from polyrhythmia_live.wires.rtmidi import MidiWire

NICENESS = 10
"""Whatever plays comes first."""

LEAVE_SECONDS = 0.05
"""How long the last messages have to leave with JACK's next period."""

EXIT_STALE = 75
"""Exit status (EX_TEMPFAIL) of a process whose MIDI server is gone: the next one looks for it."""


class _Out(MidiWire):
    """A controller's own output, by the full name of its port."""

    @property
    def is_open(self) -> bool:
        return self.condition.state is PortState.OPEN


class Lights:
    """Threads: one, the process's main. Real-time: no."""

    def __init__(self, config: LightsConfig, supervisor: Connection) -> None:
        self._config = config
        self._supervisor = supervisor
        self._system = MidiSystem(config.midi_system)
        self._panels: dict[str, Panel] = {}
        """By the name of the input of the controller that they are of."""
        self._outs: list[_Out] = []
        self._live_at = 0.0

    def run(self) -> None:
        """Draw until the supervisor is gone; then everything is dark."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                snapshot = self._latest()
                if self._system.lost:
                    os._exit(EXIT_STALE)
                if snapshot is not None:
                    self._draw(snapshot)
                self._live()
        self._end()

    def _live(self) -> None:
        """Say now and then that we are at work."""
        now_seconds = time.monotonic()
        if now_seconds >= self._live_at:
            self._live_at = now_seconds + LIFE_SECONDS
            send_if_room(self._supervisor, Alive())

    def _latest(self) -> Snapshot | None:
        """The newest snapshot there is; waits for one."""
        message = self._supervisor.recv()
        while self._supervisor.poll():
            message = self._supervisor.recv()
        return message if isinstance(message, Snapshot) else None

    def _draw(self, snapshot: Snapshot) -> None:
        for port in () if snapshot.status is None else snapshot.status.inputs:
            controller = self._config.controllers.at(port.name)
            new = controller.lights and port.name not in self._panels
            if new and port.condition.state is PortState.OPEN:
                find = partial(self._find, controller, port.name)
                self._panels[port.name] = Panel(controller, find)
        for panel in self._panels.values():
            panel.draw(lambda name: share(name, snapshot, self._config.genres, self._config.meters))

    def _find(self, controller: ControllerMap, name: str) -> _Out | None:
        """The output of the controller whose input has this name."""
        try:
            there = self._system.outputs()
        except PortError:
            return None
        if controller.lights_port:
            part = controller.lights_port.casefold()
            its = [out for out in there if part in out.casefold() and controller.fit(out)]
        else:
            its = [out for out in there if machine(out) == machine(name)]
            its += [out for out in there if controller.fit(out)]
        if not its:
            return None
        self._outs.append(out := _Out(self._system, its[0]))
        return out

    def _end(self) -> None:
        if self._system.trouble is not None:
            os._exit(0)  # its ports must not even be closed
        for panel in self._panels.values():
            panel.end()
        time.sleep(LEAVE_SECONDS)
        for out in self._outs:
            out.close()
        self._system.close()


def _ended(_number: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: the lights are going out
    raise EOFError


def main() -> None:
    """Entry point: the file descriptor of the supervisor's pipe."""
    leave_to_the_supervisor()
    os.nice(NICENESS)
    supervisor = Connection(int(sys.argv[1]))
    try:
        lights = Lights(supervisor.recv(), supervisor)
        send_if_room(supervisor, AtWork())
    except (EOFError, OSError):
        return  # nothing was begun
    except PortError as error:
        with contextlib.suppress(OSError):
            send_if_room(supervisor, AtWork(f"no lights: {error}"))
        sys.exit(EXIT_STALE)
    signal.signal(signal.SIGTERM, _ended)
    lights.run()


if __name__ == "__main__":
    main()
