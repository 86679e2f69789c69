"""Listing what there is to choose from, ours and the performer's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from polyrhythmia_live.errors import PresetError

T = TypeVar("T")


def list_presets(
    names: Iterable[str],
    load: Callable[[str], T],
    words: Callable[[T], str],
    record: Callable[[T], dict[str, Any]],
    as_json: bool,
) -> None:
    """A line for each name, or a record.

    A file that cannot be read hides no other: its line says why, and it has no record.
    """
    found: dict[str, T] = {}
    lines: dict[str, str] = {}
    for name in names:
        try:
            found[name] = load(name)
            lines[name] = words(found[name])
        except PresetError as error:
            lines[name] = str(error)
    if as_json:
        records = {name: record(it) for name, it in found.items()}
        click.echo(json.dumps(records, indent=2))
        return
    width = max(map(len, lines)) + 2
    for name, line in lines.items():
        click.echo(f"{name.ljust(width)}{line}")
