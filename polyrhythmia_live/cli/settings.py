"""The configuration file: what the flags are where the command line does not say."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from polyrhythmia_live.errors import ConfigError


def read_settings(path: Path, known: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Any]]:
    """The configuration file: one table per command, one key per flag (`_` or `-`).

    `known` lists the flags of each command. Raises ConfigError for a file that is not TOML, an
    unknown table or an unknown key, naming file, key and what was expected.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    settings: dict[str, dict[str, Any]] = {}
    for command, table in tables.items():
        if command not in known or not isinstance(table, dict):
            raise ConfigError(
                f"{path}: expected one of the tables {', '.join(f'[{name}]' for name in known)}, "
                f"got {command!r}"
            )
        flags = set(known[command])
        settings[command] = {key.replace("-", "_"): value for key, value in table.items()}
        unknown = sorted(set(settings[command]) - flags)
        if unknown:
            raise ConfigError(
                f"{path}: [{command}] has no {unknown[0]!r}: expected {', '.join(sorted(flags))}"
            )
    return settings
