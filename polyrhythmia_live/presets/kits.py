"""Kits: presets/kits/*.toml -> the MIDI maps of drum machines.

The comments in a file are the machine's manual; its keys are

    name = "Roland TR-8S"            as shown
    channel = 10                     1..16, as printed on the machine
    gate_ms = 30                     note length, 1..1000; 60 if absent
    gap_ms = 2                       from a note's end to its next start, 0.1..100; 1 if absent
    chokes = [["closed-hat", "open-hat"]]   articulations that end each other; may be absent
    verified = "secondary"           official, measured or secondary: how sure the numbers are
    source = "..."                   where they were read
    [notes]                          articulation = MIDI note 0..127
    kick = 36

An articulation that is left out is played as its lane's plain one; a lane that is left out is
silent. Machines that want one channel per voice (Elektron Digitakt, Analog Rytm, Model:Cycles, Korg
volca drum and volca sample, Novation Circuit Rhythm) have no kit yet: a `Kit` has one channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.preset_file import PresetFile
from polyrhythmia_live.rhythm.choice import choose
from polyrhythmia_live.system.shipped import shipped

GENERAL_MIDI_NAME = "general-midi"
ARTICULATIONS = tuple(name for lane in DRUM_LANES for name in lane.articulations)
VERIFIED = ("official", "measured", "secondary")
GATE_MIN_MS, GATE_MAX_MS = 1.0, 1000.0
GAP_MIN_MS, GAP_MAX_MS = 0.1, 100.0

KEYS = ("name", "channel", "gate_ms", "gap_ms", "chokes", "verified", "source", "notes")
REQUIRED = ("name", "channel", "notes")


def kit_names() -> tuple[str, ...]:
    """Every kit that `load_kit` knows by name, General MIDI first."""
    return (GENERAL_MIDI_NAME, *sorted(path.stem for path in _folder().glob("*.toml")))


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
    return GENERAL_MIDI if found == GENERAL_MIDI_NAME else read_kit(_folder() / f"{found}.toml")


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
    notes = _notes(file)
    return Kit(
        name=file.text("name", keys["name"]),
        channel=file.whole("channel", keys["channel"], 1, 16) - 1,
        notes=notes,
        chokes=_chokes(file, notes),
        gate_ms=file.number("gate_ms", gate_ms, GATE_MIN_MS, GATE_MAX_MS),
        gap_ms=file.number("gap_ms", gap_ms, GAP_MIN_MS, GAP_MAX_MS),
    )


def _notes(file: PresetFile) -> Mapping[str, int]:
    expected = "a table of articulation = note"
    table = file.table("notes", expected)
    if not table:
        raise file.wrong("notes", expected, table)
    file.allow("[notes]", table, ARTICULATIONS)
    return MappingProxyType(
        {key: file.whole(f"notes.{key}", note, 0, 127) for key, note in table.items()}
    )


def _chokes(file: PresetFile, notes: Mapping[str, int]) -> tuple[frozenset[str], ...]:
    groups = file.keys.get("chokes", [])
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise file.wrong("chokes", "a list of lists of articulations", groups)
    for name in (name for group in groups for name in group):
        if name not in notes:
            raise file.wrong("chokes", f"articulations of [notes] ({', '.join(notes)})", name)
    return tuple(frozenset(group) for group in groups)


def _folder() -> Path:
    return shipped("presets") / "kits"
