"""`polyrhythmia controllers`: the maps of MIDI controllers, and what each knob moves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from polyrhythmia_live.cli.listing import list_presets
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.control.controller.base import (
    VALUES_MAX,
    ControllerMap,
    Controllers,
    Encoding,
    Entry,
    Kind,
)
from polyrhythmia_live.drummer import card
from polyrhythmia_live.drummer.card import DEFAULT_MODEL
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.controllers import controller_names, load_controller
from polyrhythmia_live.presets.preset_file import preset_files
from polyrhythmia_live.rhythm.control import Curve
from polyrhythmia_live.system.shipped import shipped

ANY = "any channel"


def all_controllers(
    asked: Iterable[str], genres: Sequence[str]
) -> tuple[Controllers, tuple[str, ...]]:
    """The controllers that were asked for, all there are, and what is wrong with their files.

    Raises PresetError for one that is asked for and does not exist.
    """
    chosen = tuple(load_controller(name, genres) for name in dict.fromkeys(asked))
    known = tuple(load_controller(name, genres) for name in controller_names())
    faults = (fault for it in (*chosen, *known) for fault in it.faults)
    return Controllers(chosen, known), tuple(dict.fromkeys(faults))


def usual_genres() -> tuple[str, ...]:
    """What a map may choose among where no model is named."""
    return tuple(card.usual_tempos(DEFAULT_MODEL))


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def controllers(context: click.Context, as_json: bool) -> None:
    """List the maps of MIDI controllers (--controller).

    Your own lie in the folder `controllers` beside the configuration file; `learn` writes there.
    """
    if context.invoked_subcommand is not None:
        return
    genres = usual_genres()

    def load(name: str) -> ControllerMap:
        found = load_controller(name, genres)
        if found.faults and not found.entries:
            raise PresetError(found.faults[0])
        return found

    list_presets(controller_names(), load, _line, _record, as_json)


def _line(it: ControllerMap) -> str:
    origin = f"; {len(it.faults)} at fault: `controllers show` says what" if it.faults else ""
    lights = f", {len(it.lights)} light{'s' * (len(it.lights) != 1)}" if it.lights else ""
    count = len(it.entries)
    return f"{it.name}: {count} control{'s' * (count != 1)}{lights}{origin}"


@controllers.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(name: str, as_json: bool) -> None:
    """Show what moves what. NAME is a controller, or a file of your own ending in .toml."""
    genres = usual_genres()
    found = load_controller(name, genres)
    if as_json:
        click.echo(json.dumps(_record(found), indent=2))
    else:
        click.echo("\n".join(_shown(name, found, genres)))
    for fault in found.faults:
        click.echo(fault, err=True)


def _shown(name: str, found: ControllerMap, genres: Sequence[str]) -> Iterator[str]:
    ours = name in preset_files("controllers") and preset_files("controllers")[name].is_relative_to(
        shipped("presets")
    )
    yield f"{found.name}{'' if ours else ' (yours)'}, at {', '.join(found.ports) or 'no port'}"
    for entry in found.entries:
        yield f"  {entry.control.ljust(14)}{sent(entry)}{_puts(entry, genres)}"
    yield "  all else       " + ("as in the control table" if found.table else "nothing")


def sent(entry: Entry) -> str:
    """What moves a control, in words: `CC 21 on channel 1, 5 to 120`."""
    source = entry.source
    number = "pitch bend" if source.kind is Kind.BEND else (
        f"{source.kind.value.upper() if source.kind in (Kind.CC, Kind.NRPN) else source.kind.value}"
        f" {source.number}" + (f" and {entry.down}" if entry.down is not None else "")
    )  # fmt: skip
    channel = ANY if source.channel is None else f"channel {source.channel + 1}"
    how = "" if entry.encoding is Encoding.ABSOLUTE else f", {entry.encoding.value}"
    how += " reversed" if entry.clicks < 0 else ""
    whole = (0, VALUES_MAX.get(source.kind, 127))
    ends = "" if (entry.low, entry.high) == whole else f", {entry.low} to {entry.high}"
    return f"{number} on {channel}{how}{ends}"


def _puts(entry: Entry, genres: Sequence[str]) -> str:
    if entry.word:
        return f": {entry.word}"
    if entry.value is None:
        return "" if entry.pickup else ", at once"
    level = LEVELS[entry.control]
    choice = level.curve is Curve.CHOICE
    return f": {genres[int(entry.value)] if choice else level.written(entry.value)}"


def _record(found: ControllerMap) -> dict[str, Any]:
    """Channels from 1, as in a controller's file."""
    return {
        "name": found.name,
        "ports": found.ports,
        "table": found.table,
        "lights": len(found.lights),
        "controls": [
            {
                "control": entry.control,
                entry.source.kind.value: entry.source.number,
                "channel": None if entry.source.channel is None else entry.source.channel + 1,
                "encoding": entry.encoding.value,
                "pickup": entry.pickup,
            }
            for entry in found.entries
        ],
        "faults": found.faults,
    }
