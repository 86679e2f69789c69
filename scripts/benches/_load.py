"""What keeps a machine busy beside what is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATIENCE_SECONDS = 3.0
SPINNING = [sys.executable, "-c", "while True: pass"]


@contextmanager
def running(command: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[int]:
    """A process beside this one, by its id; it is asked to end, and if it does not, made to."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield process.pid
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
