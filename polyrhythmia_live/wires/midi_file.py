"""Standard MIDI Files, to the tick."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import mido

from polyrhythmia_live.rhythm.meter import PPQN, PULSES_PER_BEAT, TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap

DIVISION = 960
"""Ticks per quarter note in the file, as sequencers have them. Seven of our own make one, so a note
is moved by half of one at most: .26 ms at 120 bpm, where drummers' timing has an sd of 20 to 30."""


def midi_file_bytes(
    events: Iterable[tuple[int, bytes]],
    tempos: Sequence[tuple[int, float]],
    meters: MeterMap,
    name: str = "",
    end_tick: int | None = None,
) -> bytes:
    """A type-0 Standard MIDI File: the same events always give the same bytes.

    `events` are (tick >= 0, one whole message) and need not be in order; events of one tick keep
    theirs. `tempos` are (tick, quarter notes per minute from there on). `end_tick` sets the length
    where the last bar ends in silence. The file holds ticks of `DIVISION`, each the nearest, and
    the tempo in whole microseconds per beat.

    Raises ValueError for bytes that are no message.
    """
    messages = [(tick, mido.Message.from_bytes(message)) for tick, message in events]
    ordered = sorted([*_conductor(tempos, meters), *messages], key=lambda event: event[0])
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)] if name else [])
    now_ticks = 0
    for tick, message in ordered:
        file_tick = _file_tick(tick)
        track.append(message.copy(time=file_tick - now_ticks))
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


def _conductor(
    tempos: Sequence[tuple[int, float]], meters: MeterMap
) -> Iterator[tuple[int, mido.MetaMessage]]:
    """The events that say how fast it is and where the bar lines are, with their ticks."""
    written = None
    for tick, tempo_bpm in tempos:
        microseconds = round(60e6 / tempo_bpm)
        if microseconds != written:
            written = microseconds
            yield tick, mido.MetaMessage("set_tempo", tempo=microseconds)
    for bar, meter in meters.changes:
        yield (
            meters.bar_line(bar) * TICKS_PER_STEP,
            mido.MetaMessage(
                "time_signature",
                numerator=meter.numerator,
                denominator=meter.denominator,
                clocks_per_click=PULSES_PER_BEAT,
                notated_32nd_notes_per_beat=8,
            ),
        )


def write_midi_file(
    path: Path,
    events: Iterable[tuple[int, bytes]],
    tempos: Sequence[tuple[int, float]],
    meters: MeterMap,
    name: str = "",
    end_tick: int | None = None,
) -> None:
    """Write `midi_file_bytes` to a file. Raises OSError where that cannot be done."""
    path.write_bytes(midi_file_bytes(events, tempos, meters, name, end_tick))
