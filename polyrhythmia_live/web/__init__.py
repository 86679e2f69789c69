"""The page: what plays, seen, heard and led in a browser; a client of the desk; extra `web`."""

from __future__ import annotations

import importlib.util

from polyrhythmia_live.errors import ConfigError

NEEDED = ("starlette", "uvicorn", "websockets", "segno")


def require_web() -> None:
    """Nothing, where the page can be served. Raises ConfigError, in one line, elsewhere.

    Nothing of it is loaded for that.
    """
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise ConfigError(
                f"the page needs {name}, which is not installed: .venv/bin/pip install -e '.[web]'"
            )
