"""Where the files lie that come with the program: presets and models."""

from __future__ import annotations

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def shipped(folder: str) -> Path:
    """The `presets` or `models` folder: of the clone we run from, else of the installation."""
    # setup.cfg tells a clone from site-packages, where anyone may have put a folder `models`.
    if (_ROOT / "setup.cfg").is_file() and (_ROOT / folder).is_dir():
        return _ROOT / folder
    return Path(sys.prefix) / "share" / "polyrhythmia-live" / folder
