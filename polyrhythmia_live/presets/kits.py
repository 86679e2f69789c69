"""Kits: presets/kits/*.toml, and the performer's own beside them -> MIDI maps of drum machines.

The comments in a file are the machine's manual; its keys are

    name = "Roland TR-8S"            as shown
    channel = 10                     1..16, as printed on the machine: of the notes that name none
    gate_ms = 30                     note length, 1..1000; 60 if absent
    gap_ms = 2                       from a note's end to its next start, 0.1..100; 1 if absent
    chokes = [["closed-hat", "open-hat"]]   articulations that end each other; may be absent
    verified = "secondary"           official, measured, secondary or unverified: how sure it is
    source = "..."                   where they were read
    [notes]                          articulation = MIDI note 0..127
    kick = 36
    snare = {channel = 2, note = 60} a sound that has a channel of its own

An articulation that is left out is played as its lane's plain one; a lane that is left out is
silent: where another drum is to stand in, the file says which. A file of the performer's goes
before one of ours of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Key, Kit
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.preset_file import PresetFile, preset_files
from polyrhythmia_live.rhythm.choice import choose

FOLDER = "kits"
GENERAL_MIDI_NAME = "general-midi"
ARTICULATIONS = tuple(name for lane in DRUM_LANES for name in lane.articulations)
VERIFIED = ("official", "measured", "secondary", "unverified")
GATE_MIN_MS, GATE_MAX_MS = 1.0, 1000.0
GAP_MIN_MS, GAP_MAX_MS = 0.1, 100.0

KEYS = ("name", "channel", "gate_ms", "gap_ms", "chokes", "verified", "source", "notes")
REQUIRED = ("name", "notes")


def kit_names() -> tuple[str, ...]:
    """Every kit that `load_kit` knows by name, General MIDI first."""
    return (GENERAL_MIDI_NAME, *sorted(preset_files(FOLDER)))


def load_kit(name: str) -> Kit:
    """A kit by name, or from a file of one's own where `name` ends in `.toml`.

    Raises PresetError when there is no such kit, or for a file that makes no sense: it names the
    file and the key, what was expected, what came and what to do.
    """
    if name.endswith(".toml"):
        return read_kit(Path(name).expanduser())
    try:
        found = choose(name, kit_names(), "a kit (`scripts/polyrhythmia kits` lists them)")
    except ValueError as error:
        raise PresetError(str(error)) from None
    return GENERAL_MIDI if found == GENERAL_MIDI_NAME else read_kit(preset_files(FOLDER)[found])


def read_kit(path: Path) -> Kit:
    """The kit in a file. Raises PresetError as `load_kit` does."""
    file = PresetFile("kit", path, KEYS, REQUIRED)
    keys = file.keys
    if keys.get("verified", VERIFIED[0]) not in VERIFIED:
        raise file.wrong("verified", f"one of {', '.join(VERIFIED)}", keys["verified"])
    if "source" in keys:
        file.text("source", keys["source"])
    gate_ms = keys.get("gate_ms", GENERAL_MIDI.gate_ms)
    gap_ms = keys.get("gap_ms", GENERAL_MIDI.gap_ms)
    sounds = _keys(file)
    return Kit(
        name=file.text("name", keys["name"]),
        keys=sounds,
        chokes=_chokes(file, sounds),
        gate_ms=file.number("gate_ms", gate_ms, GATE_MIN_MS, GATE_MAX_MS),
        gap_ms=file.number("gap_ms", gap_ms, GAP_MIN_MS, GAP_MAX_MS),
    )


def _keys(file: PresetFile) -> Mapping[str, Key]:
    expected = "a table of articulation = note"
    table = file.table("notes", expected)
    if not table:
        raise file.wrong("notes", expected, table)
    file.allow("[notes]", table, ARTICULATIONS)
    return MappingProxyType({name: _key(file, name, value) for name, value in table.items()})


def _key(file: PresetFile, name: str, value: object) -> Key:
    """A note on the kit's channel, or on one of its own."""
    where = f"notes.{name}"
    if not isinstance(value, dict):
        channel = file.whole("channel", file.required("channel"), 1, 16)
        return Key(channel - 1, file.whole(where, value, 0, 127))
    if value.keys() != {"channel", "note"}:
        raise file.wrong(where, "a note, or {channel = 1, note = 60}", value)
    channel = file.whole(f"{where}.channel", value["channel"], 1, 16)
    return Key(channel - 1, file.whole(f"{where}.note", value["note"], 0, 127))


def _chokes(file: PresetFile, keys: Mapping[str, Key]) -> tuple[frozenset[str], ...]:
    groups = file.keys.get("chokes", [])
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise file.wrong("chokes", "a list of lists of articulations", groups)
    for name in (name for group in groups for name in group):
        if name not in keys:
            raise file.wrong("chokes", f"articulations of [notes] ({', '.join(keys)})", name)
    return tuple(frozenset(group) for group in groups)
