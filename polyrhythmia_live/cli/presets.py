"""`polyrhythmia presets`: the performances to begin from."""

from __future__ import annotations

from typing import Any

import click

from polyrhythmia_live.cli.listing import list_presets
from polyrhythmia_live.presets.performances import Preset, load_preset, preset_names


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def presets(as_json: bool) -> None:
    """List the performances for `play --preset` and `render --preset`: what one hears of each.

    Your own lie in the folder `performances` beside the configuration file.
    """
    list_presets(preset_names(), load_preset, lambda preset: preset.about, _record, as_json)


def _record(preset: Preset) -> dict[str, Any]:
    return {
        "about": preset.about,
        "genre": preset.genre,
        "bpm": preset.tempo_bpm,
        "meter": str(preset.meter),
        "levels": dict(preset.levels),
    }
