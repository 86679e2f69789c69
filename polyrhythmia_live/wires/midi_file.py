"""Standard MIDI Files, to the tick."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import mido

from polyrhythmia_live.rhythm.meter import PPQN, PULSES_PER_BEAT, Meter

DIVISION = PPQN
"""Ticks per quarter note in the file: our own, so no note is moved."""


def midi_file_bytes(
    events: Iterable[tuple[int, bytes]],
    tempo_bpm: float,
    meter: Meter,
    name: str = "",
    end_tick: int | None = None,
) -> bytes:
    """A type-0 Standard MIDI File: the same events always give the same bytes.

    `events` are (tick >= 0, one whole message) and need not be in order; events of one tick keep
    theirs. `end_tick` sets the length where the last bar ends in silence. The file holds the
    tempo in whole microseconds per beat.

    Raises ValueError for bytes that are no message.
    """
    ordered = sorted(events, key=lambda event: event[0])
    track = _headed_track(tempo_bpm, meter, name)
    now_ticks = 0
    for tick, message in ordered:
        track.append(mido.Message.from_bytes(message, time=tick - now_ticks))
        now_ticks = tick
    remaining_ticks = 0 if end_tick is None else max(0, end_tick - now_ticks)
    track.append(mido.MetaMessage("end_of_track", time=remaining_ticks))
    file = mido.MidiFile(type=0, ticks_per_beat=DIVISION, charset="utf-8")
    file.tracks.append(track)
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


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
