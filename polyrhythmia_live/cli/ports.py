"""`polyrhythmia ports`: what can be played, and what can be listened to."""

from __future__ import annotations

import json
from contextlib import closing

import click

from polyrhythmia_live.cli.controllers import all_controllers
from polyrhythmia_live.cli.options import midi_system_option
from polyrhythmia_live.midi.names import stable
from polyrhythmia_live.midi.system import MidiSystem


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@midi_system_option
def ports(as_json: bool, midi_system: str) -> None:
    """List MIDI ports.

    Part of a name is enough for --out, --in and --clock-in. Our own ports are left out.
    """
    with closing(MidiSystem(midi_system)) as system:
        backend = system.backend.value
        listed = {
            "outputs": [stable(name) for name in system.outputs()],
            "inputs": [stable(name) for name in system.inputs()],
        }
    if as_json:
        click.echo(json.dumps({"midi_system": backend, **listed}, indent=2))
        return
    flags = {"outputs": "--out", "inputs": "--in, --clock-in"}
    known = all_controllers((), ())[0]
    for direction, names in listed.items():
        click.echo(f"{backend} {direction} ({flags[direction]}):")
        for name in names or ["none"]:
            controller = known.at(name).name if direction == "inputs" else ""
            click.echo(f"  {name}" + (f": by the map of {controller}" if controller else ""))
