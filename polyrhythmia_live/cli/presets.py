"""`polyrhythmia presets`: the performances to begin from."""

from __future__ import annotations

import json

import click

from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.performances import Preset, load_preset, preset_names


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def presets(as_json: bool) -> None:
    """List the performances for `play --preset` and `render --preset`: what one hears of each.

    Your own lie in the folder `performances` beside the configuration file.
    """
    found = {name: _readable(name) for name in preset_names()}
    if as_json:
        records = {name: _record(it) for name, it in found.items() if isinstance(it, Preset)}
        click.echo(json.dumps(records, indent=2))
        return
    width = max(map(len, found)) + 2
    for name, preset in found.items():
        click.echo(f"{name:{width}}{preset.about if isinstance(preset, Preset) else preset}")


def _readable(name: str) -> Preset | str:
    """A preset, or why its file cannot be read: one file of the performer's hides no other."""
    try:
        return load_preset(name)
    except PresetError as error:
        return str(error)


def _record(preset: Preset) -> dict[str, object]:
    return {
        "about": preset.about,
        "genre": preset.genre,
        "bpm": preset.tempo_bpm,
        "meter": str(preset.meter),
        "levels": dict(preset.levels),
    }
