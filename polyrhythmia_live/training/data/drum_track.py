"""A MIDI file as drum notes, on our own ticks, with what it says of tempo and meter.

Any software may have written the file: what is wrong with it costs no note that can be found, and
what was passed over or taken for granted is told (see `midi_file`, `percussion`).

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.training.data.midi_file import (
    MidiFile,
    Signature,
    Struck,
    Tempo,
    Track,
    Unusable,
    read_midi_file,
)
from polyrhythmia_live.training.data.percussion import find_drums

DEFAULT_BEAT_MICROSECONDS = 500_000
"""What a file that says nothing is played at (Standard MIDI Files 1.0): 120 bpm."""

_SHORTEST_NOTE = 128
"""The denominator of the shortest that anybody writes."""


class Note(NamedTuple):
    """One note-on, `tick` in our own ticks (`PPQN`) from the start of the file."""

    tick: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class DrumTrack:
    """The drum notes of a file, in time order, and what it says of tempo and meter.

    `tempos` are (tick, microseconds a beat) and `signatures` (tick, (numerator, denominator)), each
    from there on, in time order; both are empty where the file says nothing. `on_drum_channel` is
    whether the file says which notes are drums; `left_out` counts those of other instruments.
    `told` is what was passed over or taken for granted.
    """

    notes: tuple[Note, ...]
    tempos: tuple[tuple[int, int], ...]
    signatures: tuple[tuple[int, tuple[int, int]], ...]
    on_drum_channel: bool
    left_out: int
    told: tuple[str, ...]

    def tempo_bpm(self, ticks: Iterable[int]) -> float:
        """The tempo in force at the median of these places: above 0, and maybe absurd."""
        changes = [(0, DEFAULT_BEAT_MICROSECONDS), *self.tempos]
        starts = [tick for tick, _ in changes]
        return 60e6 / median(changes[bisect_right(starts, tick) - 1][1] for tick in ticks)


def read_drum_track(path: Path, *, vouched: bool = False) -> DrumTrack:
    """The drum notes of a MIDI file. `vouched`: people say that it is a drummer's.

    Raises Unusable, with the reason, for a file that is not there or is none, that does not say how
    long its beats are, that has several tracks which do not belong together (type 2), and for one
    without notes or with none that could be a drummer's.
    """
    file = read_midi_file(path)
    drums = find_drums(file, vouched=vouched)
    if file.kind == 2 and sum(any(_of(Struck, [track])) for track in file.tracks) > 1:
        raise Unusable("a MIDI file of type 2: its tracks are not one performance")
    told = [*file.faults, *drums.told]
    tempos = _changes((tempo.tick, (tempo.beat_microseconds,)) for tempo in _of(Tempo, file.tracks))
    beat = _beat_ticks(file, tempos, told)
    last_tick = drums.struck[-1].tick
    signatures = _changes(
        (signature.tick, (signature.numerator, signature.denominator))
        for signature in _of(Signature, file.tracks)
        if signature.tick <= last_tick and _is_meant(signature, told)
    )

    def ours(tick: int) -> int:
        return int((2 * tick * PPQN + beat) // (2 * beat))

    return DrumTrack(
        notes=tuple(Note(ours(note.tick), note.pitch, note.velocity) for note in drums.struck),
        tempos=tuple((ours(tick), microseconds) for tick, (microseconds,) in tempos),
        signatures=tuple((ours(tick), (above, below)) for tick, (above, below) in signatures),
        on_drum_channel=drums.on_drum_channel,
        left_out=drums.left_out,
        told=tuple(dict.fromkeys(told)),
    )


_Kind = TypeVar("_Kind", Struck, Tempo, Signature)
_Said = tuple[int, tuple[int, ...]]
"""A tick, and what is said from there on."""


def _of(kind: type[_Kind], tracks: Iterable[Track]) -> Iterator[_Kind]:
    return (event for track in tracks for event in track.events if isinstance(event, kind))


def _is_meant(signature: Signature, told: list[str]) -> bool:
    """Whether anybody could have meant it, a meter for our grid or not; else it is told."""
    above, below = signature.numerator, signature.denominator
    if 1 <= above <= 64 and below <= _SHORTEST_NOTE:
        return True
    told.append(f"a time signature of {above}/{below} passed over")
    return False


def _changes(said: Iterable[_Said]) -> list[_Said]:
    """In time order; of several on one tick the last counts, and what is said again is left out."""
    at = dict(sorted(said, key=lambda change: change[0]))
    changes: list[_Said] = []
    for tick, what in at.items():
        if not changes or changes[-1][1] != what:
            changes.append((tick, what))
    return changes


def _beat_ticks(file: MidiFile, tempos: Sequence[_Said], told: list[str]) -> Fraction:
    """The file's ticks in a beat."""
    if file.beat_ticks is not None:
        return Fraction(file.beat_ticks)
    if file.second_ticks is None:
        raise Unusable("it does not say how long a beat is")
    if len(tempos) > 1:
        raise Unusable("timed in SMPTE frames, and its tempo changes")
    microseconds = tempos[0][1][0] if tempos else DEFAULT_BEAT_MICROSECONDS
    told.append(f"timed in SMPTE frames: its beats are those of {60e6 / microseconds:.4g} bpm")
    return Fraction(file.second_ticks * microseconds, 1_000_000)
