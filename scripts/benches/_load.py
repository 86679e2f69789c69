"""What runs beside what is measured: a JACK server of its own, and what keeps the machine busy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from polyrhythmia_live.supervisor.process import SHARED_MEMORY
from polyrhythmia_live.testing.jackd import (
    PERIOD_FRAMES,
    REAL_TIME,
    JackServer,
    running_jack_server,
)

PATIENCE_SECONDS = 3.0
SPINNING = [sys.executable, "-c", "while True: pass"]
CC_RATE = 1000
KNOBS = [sys.executable, str(Path(__file__).with_name("_knobs.py")), str(CC_RATE)]
"""A controller that never rests, on our control port: the brain never does then."""


@contextmanager
def private_jack(period_frames: int = PERIOD_FRAMES) -> Iterator[JackServer]:
    """A server without a sound card, which this process and its children use from here on."""
    with running_jack_server(REAL_TIME, period_frames) as server:
        os.environ.update(server.environment)
        yield server


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: no disk may hold up what is measured."""
    with TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@contextmanager
def running(command: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[int]:
    """A process beside this one, by its id; it is asked to end, and if it does not, made to.

    Raises RuntimeError when it ended before it was asked to: nothing was measured then.
    """
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process.pid
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)} ended by itself: exit {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def cores_taken(count: int) -> Iterator[None]:
    """So many processes of ordinary priority that do nothing but compute."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(running(SPINNING))
        yield


def cpu_seconds(pid: int) -> float:
    """What a process has computed since it began (`man 5 proc`: utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
