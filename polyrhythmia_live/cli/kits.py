"""`polyrhythmia kits` and `polyrhythmia genres`: what there is to choose from."""

from __future__ import annotations

import json
import textwrap
import time
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from polyrhythmia_live.cli.calibrate import midi_port
from polyrhythmia_live.cli.listing import list_presets
from polyrhythmia_live.cli.options import midi_system_option
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.drummer import card
from polyrhythmia_live.drummer.card import DEFAULT_MODEL
from polyrhythmia_live.drummer.styles import PARENTS
from polyrhythmia_live.drums.kit import Key, Kit
from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.presets.kits import kit_names, load_kit
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.soundfont_kits import all_drum_kits, same_sounds

COLUMNS = 80
TRIES = 2
TRY_SECONDS = 0.4
TRY_VELOCITY = 100
TIED = "\N{NO-BREAK SPACE}"


@click.group(invoke_without_command=True)
@click.option("--synth", is_flag=True, help="List the drum kits of the soundfonts instead.")
@click.option("--soundfont", type=click.Path(path_type=Path), default=None, help="For --synth.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def kits(context: click.Context, synth: bool, soundfont: Path | None, as_json: bool) -> None:
    """List the MIDI maps of drum machines (--kit), or the synth's drum kits (--synth-kit)."""
    if context.invoked_subcommand is not None:
        return
    if synth:
        _list_drum_kits(soundfont, as_json)
        return
    list_presets(kit_names(), load_kit, lambda kit: kit.name, _record, as_json)


def _list_drum_kits(soundfont: Path | None, as_json: bool) -> None:
    found = list(all_drum_kits(soundfont))
    if as_json:
        records = [
            {
                "soundfont": str(kit.soundfont),
                "bank": kit.preset.bank,
                "program": kit.preset.program,
                "name": kit.preset.name,
            }
            for kit in found
        ]
        click.echo(json.dumps(records, indent=2))
        return
    for path, fonts_kits in groupby(found, key=lambda kit: kit.soundfont):
        click.echo(f"{path}, bank:program")
        for kit in fonts_kits:
            other = same_sounds(kit)
            remark = f", sounds as {other.preset.name}" if other is not None else ""
            click.echo(f"{kit.address:>8}  {kit.preset.name}{remark}")


@kits.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(name: str, as_json: bool) -> None:
    """Show which note plays what. NAME is a kit, or a file of your own ending in .toml."""
    kit = load_kit(name)
    if as_json:
        click.echo(json.dumps(_record(kit), indent=2))
        return
    click.echo(f"{kit.name}, {_channels(kit)}, notes of {kit.gate_ms:g} ms")
    for row, lane in enumerate(kit.lanes):
        for column, articulation in enumerate(lane.articulations):
            click.echo(f"  {articulation.ljust(12)}{_played(kit, kit.key(row, column))}")


def _channels(kit: Kit) -> str:
    numbers = [str(channel + 1) for channel in kit.channels]
    return f"channel {numbers[0]}" if len(numbers) == 1 else f"channels {', '.join(numbers)}"


def _played(kit: Kit, key: Key | None) -> str:
    if key is None:
        return "silent"
    return f"{key.note}" + (f" on channel {key.channel + 1}" if len(kit.channels) > 1 else "")


@kits.command("try")
@click.argument("name")
@click.option("--out", "port", required=True, help="The MIDI port that it is plugged in at.")
@midi_system_option
def try_(name: str, port: str, midi_system: str) -> None:
    """Strike each sound of a kit twice, and say which it is. Stop it with Ctrl-C."""
    kit = load_kit(name)
    with midi_port(port, midi_system) as (wire, _):
        for sound, key in kit.keys.items():
            click.echo(f"{sound.ljust(12)}{_played(kit, key)}")
            for _ in range(TRIES):
                _strike(wire, key, kit.gate_ms / 1000)


def _strike(wire: Wire, key: Key, gate_seconds: float) -> None:
    """One note; it is ended where we are interrupted, too."""
    try:
        wire.send(note_on(*key, TRY_VELOCITY))
        time.sleep(gate_seconds)
    finally:
        wire.send(note_off(*key))
    time.sleep(TRY_SECONDS)


@click.command()
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A network in models/.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def genres(model: str, as_json: bool) -> None:
    """List what the drummer can play, most practised first: name, key, usual tempo, sub-styles.

    A sub-style is a name as good as the genre that it belongs to.
    """
    tempos_bpm = card.usual_tempos(model)
    keys = dict(zip(tempos_bpm, LEVELS["genre"].entry_keys, strict=False))
    if as_json:
        records = {
            name: {"key": keys.get(name), "bpm": bpm, "genre": PARENTS.get(name, name)}
            for name, bpm in tempos_bpm.items()
        }
        click.echo(json.dumps(records, indent=2))
        return
    width = max(map(len, tempos_bpm)) + 2
    for name in (name for name in tempos_bpm if name not in PARENTS):
        styles = [style for style in tempos_bpm if PARENTS.get(style) == name]
        family = ", ".join(f"{style}{TIED}{tempos_bpm[style]:.0f}" for style in styles)
        line = f"{keys.get(name, ''):3}{name:{width}}{tempos_bpm[name]:3.0f} bpm   "
        filled = textwrap.fill(
            family, COLUMNS, initial_indent=line, subsequent_indent=" " * len(line)
        )
        click.echo((filled or line).replace(TIED, " ").rstrip())


def _record(kit: Kit) -> dict[str, Any]:
    """As in a kit's file: channels from 1."""
    return {
        "name": kit.name,
        "gate_ms": kit.gate_ms,
        "gap_ms": kit.gap_ms,
        "chokes": [sorted(group) for group in kit.chokes],
        "notes": {
            name: {"channel": key.channel + 1, "note": key.note} for name, key in kit.keys.items()
        },
    }
