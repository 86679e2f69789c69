"""Kits: which MIDI note an articulation of a lane is on a given instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from polyrhythmia_live.drums.lanes import DRUM_LANES, Lane


@dataclass(frozen=True, slots=True)
class Kit:
    """An instrument's MIDI map.

    `notes` maps articulation names to MIDI notes (0..127); an articulation that is not in it is
    played as its lane's plain one, and a lane that has none is silent: a machine without toms
    must not be sent the wrong sound. `channel` is 0..15. Articulations that share a choke group
    end each other's notes (an open hat ends with the closed one). Notes last `gate_ms`, or until
    `gap_ms` before they are struck again.
    """

    name: str
    channel: int
    notes: Mapping[str, int]
    chokes: tuple[frozenset[str], ...] = ()
    gate_ms: float = 60.0
    gap_ms: float = 1.0
    lanes: tuple[Lane, ...] = field(default=DRUM_LANES)

    def __reduce__(self) -> tuple[type[Kit], tuple[object, ...]]:
        """A kit crosses a pipe, and a read-only view of a dict does not."""
        notes, times = dict(self.notes), (self.gate_ms, self.gap_ms)
        return Kit, (self.name, self.channel, notes, self.chokes, *times, self.lanes)

    def note(self, lane: int, articulation: int) -> int | None:
        """The MIDI note, or None where the instrument has no such sound."""
        names = self.lanes[lane].articulations
        return self.notes.get(names[articulation], self.notes.get(names[0]))

    def choked_by(self, lane: int, articulation: int) -> tuple[int, ...]:
        """The notes that striking this articulation ends."""
        name = self.lanes[lane].articulations[articulation]
        note = self.note(lane, articulation)
        names = {other for group in self.chokes if name in group for other in group}
        return tuple(sorted({self.notes[n] for n in names if n in self.notes} - {note}))

    def chokes_by_note(self) -> dict[int, tuple[int, ...]]:
        """The same by note: what each note ends."""
        return {
            self.notes[name]: self.choked_by(row, column)
            for row, lane in enumerate(self.lanes)
            for column, name in enumerate(lane.articulations)
            if name in self.notes
        }


GENERAL_MIDI = Kit(
    name="General MIDI",
    channel=9,
    notes=MappingProxyType(
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
        }
    ),
    chokes=(frozenset({"closed-hat", "pedal-hat", "open-hat"}),),
)
"""The General MIDI percussion key map, channel 10."""

RINGING = replace(GENERAL_MIDI, gate_ms=1000.0)
"""General MIDI for a soundfont: a note-off there cuts short what should ring (after 60 ms, the open
hat of TimGM6mb's TR-808 loses 25 dB), so a note is let be until it is choked or struck again."""
