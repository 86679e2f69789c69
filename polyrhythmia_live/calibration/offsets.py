"""The file of what was measured: `offsets.toml`, milliseconds by the output's name."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.system.files import replacing

SYNTH = "synth"
"""What the embedded synth is called where an output is named."""

OFFSET_MAX_MS = 200
"""So much earlier or later an output can be played, at most."""

_TABLE = "offsets_ms"
_HEADING = "# Written by `scripts/polyrhythmia calibrate`; negative = sent earlier."


def read_offsets(path: Path) -> dict[str, float]:
    """Seconds by the output's full name; none where there is no file.

    Raises ConfigError for a file that makes no sense.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get(_TABLE, {})
        offsets = {name: float(offset_ms) for name, offset_ms in table.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError):
        offsets = {"": float("nan")}
    for offset_ms in offsets.values():
        if not abs(offset_ms) <= OFFSET_MAX_MS:
            raise ConfigError(
                f"expected {path} to hold a table [{_TABLE}] of -{OFFSET_MAX_MS} to "
                f"{OFFSET_MAX_MS} ms by name: delete it, and calibrate again"
            )
    return {name: offset_ms / 1000 for name, offset_ms in offsets.items()}


def store_offset(path: Path, name: str, offset_seconds: float) -> None:
    """Store an output's offset, in place of an earlier one; the latest comes last."""
    others = {other: seconds for other, seconds in read_offsets(path).items() if other != name}
    _write(path, {**others, name: offset_seconds})


def forget_offset(path: Path, name: str) -> None:
    """Forget an output, by its full name. Raises KeyError where it was not calibrated."""
    offsets = read_offsets(path)
    del offsets[name]
    _write(path, offsets)


def _write(path: Path, offsets: Mapping[str, float]) -> None:
    # A JSON string is a TOML string.
    lines = [f"{json.dumps(name)} = {1000 * offset:.2f}" for name, offset in offsets.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text("\n".join((_HEADING, f"[{_TABLE}]", *lines, "")), encoding="utf-8")
