"""The whole terminal: a client of the desk with everything on it, mouse too; extra `tui`."""

from __future__ import annotations

import importlib.util
import os
import sys

from polyrhythmia_live.errors import ConfigError


def require_tui() -> None:
    """Nothing, where the whole terminal can be shown. Raises ConfigError, in one line, elsewhere.

    Nothing of it is loaded for that.
    """
    if importlib.util.find_spec("textual") is None:
        raise ConfigError(
            "--tui needs textual, which is not installed: .venv/bin/pip install -e '.[tui]'"
        )
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if (
        not all(it is not None and it.isatty() for it in streams)
        or os.environ.get("TERM") == "dumb"
    ):
        raise ConfigError("--tui needs a terminal that can be drawn on: leave it away here")
    encoding = sys.stderr.encoding.lower().replace("-", "")
    if encoding != "utf8":
        raise ConfigError(f"--tui needs a terminal in UTF-8, and this one is in {encoding}")
