"""What a preset's last performance left behind: where it is kept, and which controls still hold."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs

from polyrhythmia_live.brain.saved import trouble, unpack_controls
from polyrhythmia_live.cli.options import Score
from polyrhythmia_live.control.base import DRUMMER_LEVELS, ControlState
from polyrhythmia_live.rhythm.mix import UNMIXED, Mix

GOES_ON = "goes on from the last performance; --fresh begins anew"


def state_file(preset: str, otherwise: Path) -> Path:
    """The preset's file in the user's state folder, or in `otherwise` where that cannot be written.

    A preset that is a path has one of its own, wherever it is called from.
    """
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = otherwise
    if not os.access(folder, os.W_OK):
        folder = otherwise
    return folder / _file_name(preset)


def forget_song(preset: str) -> None:
    """Let the next performance of a preset begin as the preset says: it has been written anew."""
    with contextlib.suppress(OSError):
        (_folder() / _file_name(preset)).unlink(missing_ok=True)


def _folder() -> Path:
    return platformdirs.user_state_path("polyrhythmia")


def _file_name(preset: str) -> str:
    name = Path(preset).stem if preset.endswith(".toml") else preset
    safe = re.sub(r"[^\w-]+", "-", name)
    if preset.endswith(".toml"):
        path = Path(preset).expanduser().resolve()
        safe += "-" + hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    return f"{safe}.state"


def remembered_controls(
    file: Path, score: Score, flags: Mapping[str, Any]
) -> tuple[ControlState | None, Mix, tuple[str, ...]]:
    """The controls as they were left, where no flag says otherwise; the mix; notes to be said.

    None where there is nothing to go on from, or where `--fresh` or `--seed` asks for a beginning.
    """
    if flags["fresh"] or flags["seed"] is not None or not file.exists():
        return None, UNMIXED, ()
    try:
        left, mix = unpack_controls(
            file.read_bytes(), score.card.digest, score.card.genres, score.meters
        )
    # A damaged file can fail in any way; none of them may stop the drummer.
    except Exception as error:
        return None, UNMIXED, (f"{file}: {trouble(error)}",)
    names = [name for name in ("genre", *DRUMMER_LEVELS) if flags[name] is not None]
    said = {name: getattr(score.controls, name) for name in ("top_k", "top_p", *names)}
    return replace(left, **said), mix, (GOES_ON,)
