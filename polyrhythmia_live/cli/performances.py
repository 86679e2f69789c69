"""Where the performance that is under way is found, and those before it."""

from __future__ import annotations

import fcntl
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from polyrhythmia_live.desk.performance_log import SUFFIX, newest_first
from polyrhythmia_live.errors import ConfigError, NothingPlays
from polyrhythmia_live.system.runtime import runtime_folder

if TYPE_CHECKING:
    from polyrhythmia_live.desk.client import DeskClient

COMING_SECONDS = 5.0
"""How long the desk of a daemon that runs is waited for: it is started after all that plays."""

KNOCK_SECONDS = 0.1


def desk_socket() -> Path:
    """Where the desk lets its clients in, if anything plays."""
    return runtime_folder() / "polyrhythmia.sock"


def lock_file() -> Path:
    """What a daemon has locked for as long as it runs."""
    return runtime_folder() / "polyrhythmia.lock"


def client() -> DeskClient:
    """A connection to what plays; its desk may be just about to come up.

    Raises NothingPlays.
    """
    from polyrhythmia_live.desk.client import DeskClient  # not what `play` has to wait for

    until_seconds = time.monotonic() + COMING_SECONDS
    while True:
        try:
            return DeskClient(desk_socket())
        except NothingPlays:
            if time.monotonic() > until_seconds or not anything_plays():
                raise
        time.sleep(KNOCK_SECONDS)


def anything_plays() -> bool:
    """Whether a daemon of this user runs."""
    try:
        with lock_file().open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def performances_folder() -> Path:
    return platformdirs.user_state_path("polyrhythmia") / "performances"


def new_performance(began: str) -> Path:
    """The file of a performance that begins now; by its name, it comes after all others."""
    name = re.sub(r"[:]", "-", began[: len("2026-11-30T20:15:00")])
    return performances_folder() / f"{name}{SUFFIX}"


def last_performance() -> Path:
    """The newest log there is. Raises ConfigError where there is none."""
    folder = performances_folder()
    found = newest_first(folder)
    if not found:
        raise ConfigError(f"there is no performance in {folder}: play one first")
    return found[0]
