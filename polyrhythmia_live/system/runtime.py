"""This user's folder for sockets and locks: nobody else may put anything there."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

FOLDER_MODE, PRIVATE_MODE = 0o700, 0o600


def runtime_folder() -> Path:
    """Where the system gives none, one of our own."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    return Path(given) if given else Path(tempfile.gettempdir()) / f"polyrhythmia-{os.getuid()}"


def own_folder(folder: Path) -> Path:
    """The folder, made where it is not there; it is ours, and not everybody's to write to.

    Raises OSError where it cannot be made, and PermissionError where it is another's: in a folder
    that all share, anyone may have made one of that name, or a link.
    """
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    link, there = folder.lstat(), folder.stat()
    ours = link.st_uid == there.st_uid == os.getuid()
    if not ours or there.st_mode & stat.S_IWOTH:
        raise PermissionError(0, "it is another user's, or open to all", str(folder))
    return folder
