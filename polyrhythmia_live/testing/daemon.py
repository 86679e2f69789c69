"""The real daemon, as a performer starts it, and the cables to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from polyrhythmia_live.midi.system import MidiSystem

T = TypeVar("T")

PATIENCE_SECONDS = 30.0


def lives(pid: int) -> bool:
    """Whether a process runs. One that has ended and waits to be buried by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(what: str, look: Callable[[], T | None]) -> T:
    """Look until there is something to see; a machine may be slow, but not for ever."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(0.01)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {what}")


class Daemon:
    """`polyrhythmia play` (or `serve`) with flags; its terminal output goes to a file.

    `keyboard` is a terminal's descriptor, or None: nobody types.
    """

    def __init__(
        self,
        folder: Path,
        *flags: str,
        environment: dict[str, str] | None = None,
        module: str = "polyrhythmia_live",
        command: str = "play",
        keyboard: int | None = None,
    ) -> None:
        self.output_file = folder / "terminal.txt"
        runtime = folder / "runtime"
        runtime.mkdir(exist_ok=True)
        self._output = self.output_file.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--debug", command, *flags],
            stdin=subprocess.DEVNULL if keyboard is None else keyboard,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={
                **os.environ,
                "XDG_RUNTIME_DIR": str(runtime),
                "XDG_CONFIG_HOME": str(folder),
                "XDG_STATE_HOME": str(folder),
                "PYTHONUNBUFFERED": "1",
                **(environment or {}),
            },
        )

    @property
    def terminal(self) -> str:
        return self.output_file.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    def child(self, module: str) -> int:
        """The process id of a child that runs this module."""

        def find() -> int | None:
            for stat in Path("/proc").glob("[0-9]*"):
                try:
                    command = (stat / "cmdline").read_bytes().split(b"\0")
                    parent = re.search(r"PPid:\s+(\d+)", (stat / "status").read_text())
                except OSError:
                    continue
                if module.encode() in command and parent and int(parent[1]) == self._process.pid:
                    return int(stat.name)
            return None

        return wait_for(f"a child running {module}", find)

    def wait_for_another(self, module: str, than: int) -> int:
        """The child that took the place of one that was killed."""

        def look() -> int | None:
            pid = self.child(module)
            return pid if pid != than else None

        return wait_for(f"another {module}", look)

    @property
    def brain(self) -> int:
        return self.child("polyrhythmia_live.brain.process")

    @property
    def player(self) -> int:
        return self.child("polyrhythmia_live.player.process")

    @property
    def desk(self) -> int:
        return self.child("polyrhythmia_live.desk.process")

    def seconds_at_work(self) -> float:
        """What its processes have had of the processors since they began."""
        jiffies = 0
        for pid in (self._process.pid, self.player, self.brain, self.desk):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            jiffies += int(words[11]) + int(words[12])
        return jiffies / os.sysconf("SC_CLK_TCK")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Signal it; its exit code and the seconds that it took."""
        before = time.monotonic()
        self._process.send_signal(number)
        code = self._process.wait(timeout=PATIENCE_SECONDS)
        return code, time.monotonic() - before

    def wait(self) -> int:
        return self._process.wait(timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE_SECONDS)
        self._output.close()
        if kind is not None:
            print(self.terminal[-4000:])


class Knobs:
    """A controller plugged into the daemon's control port."""

    def __init__(self) -> None:
        import rtmidi

        self._wire: Any = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="Test Knobs")

        def plug_in() -> bool:
            for index, name in enumerate(MidiSystem.listed_by(self._wire)):
                if "Polyrhythmia Control" in name:
                    self._wire.open_port(index)
                    return True
            return False

        wait_for("the control port", plug_in)

    def turn(self, cc: int, value: int) -> float:
        """Send a control change; the moment it was sent."""
        seconds = time.monotonic()
        self._wire.send_message([0xB0, cc, value])
        return seconds

    def take_hold(self, cc: int) -> None:
        """Turn a knob from end to end: somewhere it passes its level, and has it from then on."""
        for value in (0, 127):
            self.turn(cc, value)

    def unplug(self) -> None:
        self._wire.close_port()
        self._wire.delete()
