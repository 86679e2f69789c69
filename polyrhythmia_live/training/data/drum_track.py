"""A MIDI file as drum notes.

mido reads it, event by event, so a note keeps its tick, and a hit without a length or without a
note-off, as drum machines write them, is still a hit. Any software may have written the file:
whatever is wrong with it becomes one `Unusable` with the reason.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import mido

from polyrhythmia_live.rhythm.meter import PPQN, Meter

DRUM_CHANNEL = 9
"""Channel 10 on screen: General MIDI's for percussion."""

_DEFAULT_BEAT_MICROSECONDS = 500_000
"""What a file that says nothing is played at (Standard MIDI Files 1.0): 120 bpm."""


_Event = tuple[int, mido.Message]
"""A message and its tick from the start, in the file's own unit."""


class Unusable(Exception):
    """Why a file is left out."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note-on, `tick` in our own ticks (`PPQN`) from the start of the file."""

    tick: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class DrumTrack:
    """The notes of a file, in time order, and what it says of tempo and meter.

    `tempo_bpm` is the one in force at the median note, and may be anything above 0. `signatures`
    are the different time signatures up to the last note. `on_drum_channel` is False where no note
    is on channel 10: then all are taken for drums; `left_out` counts the notes of other channels
    otherwise.
    """

    notes: tuple[Note, ...]
    tempo_bpm: float
    signatures: tuple[tuple[int, int], ...]
    on_drum_channel: bool
    left_out: int

    def meter(self) -> Meter:
        """What the file says, 4/4 if it says nothing.

        Raises Unusable where it says several things, or one that a grid of sixteenths cannot hold.
        """
        if len(self.signatures) > 1:
            raise Unusable("it changes its time signature: cut it there")
        try:
            return Meter(*self.signatures[0]) if self.signatures else Meter()
        except ValueError as error:
            numerator, denominator = self.signatures[0]
            raise Unusable(f"time signature {numerator}/{denominator}") from error


def read_drum_track(path: Path) -> DrumTrack:
    """The drum notes of a MIDI file.

    Raises Unusable, with the reason, for a file that is not there, is no whole MIDI file, has
    tracks that do not belong together (type 2), is timed in frames (SMPTE) or has no notes.
    """
    midi = _parsed(path)
    events = sorted(
        (event for track in midi.tracks for event in _timed(track)), key=lambda event: event[0]
    )
    struck = [(tick, message) for tick, message in events if _is_struck(message)]
    if not struck:
        raise Unusable("no notes in it")
    drums = [(tick, message) for tick, message in struck if message.channel == DRUM_CHANNEL]
    chosen = drums or struck
    beat = midi.ticks_per_beat
    last_tick = chosen[-1][0]
    return DrumTrack(
        notes=tuple(
            Note((2 * tick * PPQN + beat) // (2 * beat), message.note, message.velocity)
            for tick, message in chosen
        ),
        tempo_bpm=_tempo_bpm(events, [tick for tick, _ in chosen]),
        signatures=_signatures((tick, message) for tick, message in events if tick <= last_tick),
        on_drum_channel=bool(drums),
        left_out=len(struck) - len(chosen),
    )


def _parsed(path: Path) -> mido.MidiFile:
    if not path.is_file():
        raise Unusable("the MIDI file is not there")
    try:
        midi = mido.MidiFile(path, clip=True)
    except Exception as error:  # mido lets through whatever its parsers trip over
        raise Unusable("not a readable MIDI file") from error
    if midi.type == 2:
        raise Unusable("a MIDI file of type 2: its tracks are not one performance")
    if midi.ticks_per_beat < 0:
        raise Unusable("timed in SMPTE frames, not in beats")
    if midi.ticks_per_beat == 0:
        raise Unusable("not a readable MIDI file")
    return midi


def _timed(track: Iterable[mido.Message]) -> Iterator[_Event]:
    now = 0
    for message in track:
        now += message.time
        yield now, message


def _is_struck(message: mido.Message) -> bool:
    return bool(message.type == "note_on" and message.velocity > 0)


def _tempo_bpm(events: Iterable[_Event], note_ticks: Iterable[int]) -> float:
    changes = [(0, _DEFAULT_BEAT_MICROSECONDS)] + [
        (tick, message.tempo) for tick, message in events if message.type == "set_tempo"
    ]
    starts = [tick for tick, _ in changes]
    beat_microseconds = median(changes[bisect_right(starts, tick) - 1][1] for tick in note_ticks)
    return 60e6 / beat_microseconds if beat_microseconds else math.inf


def _signatures(events: Iterable[_Event]) -> tuple[tuple[int, int], ...]:
    """The different ones; where several stand on one tick, the last of them counts."""
    at = {
        tick: (message.numerator, message.denominator)
        for tick, message in events
        if message.type == "time_signature"
    }
    return tuple(sorted(set(at.values())))
