"""Kits: which MIDI note an articulation of a lane is on a given instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from polyrhythmia_live.drums.lanes import DRUM_LANES, Lane


class Key(NamedTuple):
    """What a sound is played by: a channel (0..15) and a note (0..127) on it."""

    channel: int
    note: int


@dataclass(frozen=True, slots=True)
class Kit:
    """An instrument's MIDI map.

    `keys` has the keys of articulations by their names; an articulation that is not in it is played
    as its lane's plain one, and a lane that has none is silent: a machine without toms must not be
    sent the wrong sound. Some machines want each sound on a channel of its own, the others all on
    one, see `on_channel`. Articulations that share a choke group end each other's notes (an open
    hat ends with the closed one). Notes last `gate_ms`, or until `gap_ms` before they are struck
    again.
    """

    name: str
    keys: Mapping[str, Key]
    chokes: tuple[frozenset[str], ...] = ()
    gate_ms: float = 60.0
    gap_ms: float = 1.0
    lanes: tuple[Lane, ...] = field(default=DRUM_LANES)

    def __reduce__(self) -> tuple[type[Kit], tuple[object, ...]]:
        """A kit crosses a pipe, and a read-only view of a dict does not."""
        keys, times = dict(self.keys), (self.gate_ms, self.gap_ms)
        return Kit, (self.name, keys, self.chokes, *times, self.lanes)

    @property
    def channels(self) -> tuple[int, ...]:
        """Every channel (0..15) that it is played on."""
        return tuple(sorted({key.channel for key in self.keys.values()}))

    @property
    def notes(self) -> dict[str, int]:
        """The notes (0..127) of its sounds, for who knows the channel."""
        return {name: key.note for name, key in self.keys.items()}

    def key(self, lane: int, articulation: int) -> Key | None:
        """What a hit is played by, or None where the instrument has no such sound."""
        names = self.lanes[lane].articulations
        return self.keys.get(names[articulation], self.keys.get(names[0]))

    def choked_by(self, lane: int, articulation: int) -> tuple[Key, ...]:
        """The keys whose notes a strike of this articulation ends."""
        name = self.lanes[lane].articulations[articulation]
        names = {other for group in self.chokes if name in group for other in group}
        ended = {self.keys[other] for other in names if other in self.keys}
        return tuple(sorted(ended - {self.key(lane, articulation)}))

    def chokes_by_note(self) -> dict[int, tuple[int, ...]]:
        """The same by note, for who knows the channel: what each note ends."""
        return {
            self.keys[name].note: tuple(key.note for key in self.choked_by(row, column))
            for row, lane in enumerate(self.lanes)
            for column, name in enumerate(lane.articulations)
            if name in self.keys
        }


def on_channel(channel: int, notes: Mapping[str, int]) -> Mapping[str, Key]:
    """The keys of an instrument that has all its sounds on one channel (0..15)."""
    return MappingProxyType({name: Key(channel, note) for name, note in notes.items()})


GENERAL_MIDI = Kit(
    name="General MIDI",
    keys=on_channel(
        9,
        {
            "kick": 36,
            "snare": 38,
            "rimshot": 40,
            "cross-stick": 37,
            "closed-hat": 42,
            "pedal-hat": 44,
            "open-hat": 46,
            "low-tom": 43,
            "mid-tom": 47,
            "high-tom": 50,
            "crash": 49,
            "ride": 51,
            "ride-bell": 53,
        },
    ),
    chokes=(frozenset({"closed-hat", "pedal-hat", "open-hat"}),),
)
"""The General MIDI percussion key map, channel 10."""

RINGING = replace(GENERAL_MIDI, gate_ms=1000.0)
"""General MIDI for a soundfont: a note-off there cuts short what should ring (after 60 ms, the open
hat of TimGM6mb's TR-808 loses 25 dB), so a note is let be until it is choked or struck again."""
