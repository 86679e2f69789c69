"""The configuration file: what the flags are where the command line does not say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyrhythmia_live.errors import ConfigError


def read_settings(path: Path, known: Mapping[str, Mapping[str, bool]]) -> dict[str, dict[str, Any]]:
    """The configuration file: one table per command, one key per flag (`_` or `-`).

    `known` has the flags of each command, and whether each takes several values; one alone need not
    be a list. Raises ConfigError for a file that is not TOML, an
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
        flags = known[command]
        said = {key.replace("-", "_"): value for key, value in table.items()}
        unknown = sorted(said.keys() - flags.keys())
        if unknown:
            raise ConfigError(
                f"{path}: [{command}] has no {unknown[0]!r}: expected {', '.join(sorted(flags))}"
            )
        settings[command] = {
            key: [value] if flags[key] and not isinstance(value, list) else value
            for key, value in said.items()
        }
    return settings
