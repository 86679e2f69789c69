"""Processes that make files for pages, and the folders that they fill."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

NICENESS = "15"
"""Whatever plays, and whoever shows it, comes first."""


async def start(*command: str, stdin: int, stderr: int) -> asyncio.subprocess.Process:
    """Begin a command with the least priority; it ends with us, also where we are killed."""
    return await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", "nice", "-n", NICENESS, *command),
        stdin=stdin,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=stderr,
    )


def own_folder(above: Path) -> Path:
    """A new folder of this process; those of processes that are gone are deleted.

    It lies in the system's own place where there is no room for it above. Raises OSError.
    """
    try:
        above.mkdir(0o700, parents=True, exist_ok=True)
        for other in above.iterdir():
            pid = other.name.partition("-")[0]
            if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
                shutil.rmtree(other, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=above))
    except OSError:
        return Path(tempfile.mkdtemp(prefix="polyrhythmia-page-"))


def make_room(above: Path, kept: Path, most_bytes: int) -> None:
    """Delete the oldest folders in one until the rest takes so much at the most; never `kept`."""
    with contextlib.suppress(OSError):
        others = [it for it in above.iterdir() if it.is_dir() and it != kept]
        taken_bytes = size(kept)
        for other in sorted(others, key=lambda it: it.stat().st_mtime, reverse=True):
            taken_bytes += size(other)
            if taken_bytes > most_bytes:
                shutil.rmtree(other, ignore_errors=True)


def size(folder: Path) -> int:
    """What the files in a folder take, in bytes. Raises OSError."""
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0
