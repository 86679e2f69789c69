"""`polyrhythmia ctl save`: what plays now, as a preset of the performer's own."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path

import click

from polyrhythmia_live.cli import performances
from polyrhythmia_live.cli.last_song import forget_song
from polyrhythmia_live.cli.replay import read_take
from polyrhythmia_live.control.base import DRUMMER_LEVELS, ControlState
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.presets.performances import Preset, full_name, save_preset
from polyrhythmia_live.presets.preset_file import new_name
from polyrhythmia_live.rhythm.bar import Bar

BPM_DIGITS = 2
"""A clock that is followed is known no better."""


def save_playing(name: str, about: str | None, replaces: bool) -> None:
    """Save what plays under a name, and say where. Raises PolyrhythmiaError, in one line."""
    name = new_name(name)
    client = performances.client()
    groove = last_bar(Path(client.ask(ask="log")["log"]))
    preset = preset_of(client.snapshot(), groove, name, about)
    name, file = save_preset(preset, replaces)
    forget_song(full_name(name))
    click.echo(f"{file}: {preset.about}")
    click.echo(f"play it with: {_command()} play --preset {name}")


def last_bar(log: Path) -> Bar:
    """The last whole bar of a performance in which something sounded.

    Raises ConfigError where there is none yet.
    """
    _, take = read_take(log)
    for bar in reversed(range(take.whole_bars)):
        excerpt = take.excerpt(bar, bar + 1)
        steps = tuple(step.hits for step in excerpt.steps)
        if any(steps):
            return Bar(excerpt.meters.meter_at(0), steps)
    raise ConfigError("no bar has been played to its end yet: save again after the first")


def preset_of(snapshot: Snapshot, groove: Bar, name: str, about: str | None = None) -> Preset:
    """What plays, as a preset. Raises ConfigError while its player starts again."""
    if snapshot.status is None:
        raise ConfigError("the player is being started again: save again in a moment")
    controls = ControlState.of(snapshot.levels)
    bpm = round(snapshot.status.timeline.tempo_bpm, BPM_DIGITS)
    genre = controls.genre_words
    saved = f"{genre} at {bpm:g} bpm, saved {datetime.now().astimezone():%Y-%m-%d %H:%M}"
    return Preset(
        name=name,
        about=" ".join((about or "").split()) or saved,
        genre=genre,
        tempo_bpm=bpm,
        levels={level: getattr(controls, level) for level in DRUMMER_LEVELS},
        groove=groove,
        parts=snapshot.status.parts,
    )


def _command() -> str:
    """How this program was called, up to what concerns the presets that it finds."""
    config = click.get_current_context().find_root().params.get("config")
    return "scripts/polyrhythmia" + (
        "" if config is None else f" --config {shlex.quote(str(config))}"
    )
