"""Standard MIDI Files, to the tick."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import mido

from polyrhythmia_live.rhythm.meter import PPQN, PULSES_PER_BEAT, Meter

DIVISION = 960
"""Ticks per quarter note in the file, as sequencers have them. Seven of our own make one, so a note
is moved by half of one at most: .26 ms at 120 bpm, where drummers' timing has an sd of 20 to 30."""


def midi_file_bytes(
    events: Iterable[tuple[int, bytes]],
    tempo_bpm: float,
    meter: Meter,
    name: str = "",
    end_tick: int | None = None,
) -> bytes:
    """A type-0 Standard MIDI File: the same events always give the same bytes.

    `events` are (tick >= 0, one whole message) and need not be in order; events of one tick keep
    theirs. `end_tick` sets the length where the last bar ends in silence. The file holds ticks of
    `DIVISION`, each the nearest, and the tempo in whole microseconds per beat.

    Raises ValueError for bytes that are no message.
    """
    ordered = sorted(events, key=lambda event: event[0])
    track = _headed_track(tempo_bpm, meter, name)
    now_ticks = 0
    for tick, message in ordered:
        file_tick = _file_tick(tick)
        track.append(mido.Message.from_bytes(message, time=file_tick - now_ticks))
        now_ticks = file_tick
    remaining_ticks = 0 if end_tick is None else max(0, _file_tick(end_tick) - now_ticks)
    track.append(mido.MetaMessage("end_of_track", time=remaining_ticks))
    file = mido.MidiFile(type=0, ticks_per_beat=DIVISION, charset="utf-8")
    file.tracks.append(track)
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def _file_tick(tick: int) -> int:
    return (tick * DIVISION + PPQN // 2) // PPQN


def _headed_track(tempo_bpm: float, meter: Meter, name: str) -> mido.MidiTrack:
    """A track that says its name, its tempo and its meter, and has no notes yet."""
    track = mido.MidiTrack()
    if name:
        track.append(mido.MetaMessage("track_name", name=name, time=0))
    track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo_bpm), time=0))
    track.append(
        mido.MetaMessage(
            "time_signature",
            numerator=meter.numerator,
            denominator=meter.denominator,
            clocks_per_click=PULSES_PER_BEAT,
            notated_32nd_notes_per_beat=8,
            time=0,
        )
    )
    return track


def write_midi_file(
    path: Path,
    events: Iterable[tuple[int, bytes]],
    tempo_bpm: float,
    meter: Meter,
    name: str = "",
    end_tick: int | None = None,
) -> None:
    """Write `midi_file_bytes` to a file. Raises OSError where that cannot be done."""
    path.write_bytes(midi_file_bytes(events, tempo_bpm, meter, name, end_tick))
