"""`polyrhythmia init`: a folder of one's own, to begin from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.system.shipped import shipped


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a folder of your own: flags, a preset and a kit, each with what it means.

    `polyrhythmia --config FOLDER play` plays from it. What is there already is left alone.
    """
    templates = shipped("presets") / "workspace"
    files = sorted(path.relative_to(templates) for path in templates.rglob("*.*"))
    there = [str(folder / file) for file in files if (folder / file).exists()]
    if there:
        raise ConfigError(f"{', '.join(there)}: there already; take another folder")
    try:
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            with (folder / file).open("x", encoding="utf-8") as opened:
                opened.write((templates / file).read_text(encoding="utf-8"))
            click.echo(folder / file)
    except OSError as error:
        raise ConfigError(f"cannot write {error.filename}: {error.strerror}") from None
    click.echo(f"play from it with: scripts/polyrhythmia --config {shlex.quote(str(folder))} play")
