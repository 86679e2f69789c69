"""A step of hits, as one instrument's MIDI events."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.player.base import Instrument
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter import PPQN

CHOKE, NOTE_END, STRIKE = range(3)
"""What an event is for; on one tick they are sent in this order, offs before ons."""


class Event(NamedTuple):
    """One channel message on a tick. A STRIKE says on which tick its note ends.

    `step` is the index of the step that it came from; a NOTE_END came from none.

    Where the song swings, a tick may lie between two.
    """

    tick: float
    purpose: int
    message: bytes
    end_tick: float = 0
    step: int | None = None


def step_events(
    step: Step,
    instrument: Instrument,
    tempo_bpm: float,
    not_before_tick: int,
    sounding: Callable[[int], float] = int,
) -> list[Event]:
    """The strikes and chokes of one step; pure. A strike's note end is queued when it is sent.

    Where two hits fall on one key, the louder is played. No event comes before `not_before_tick`:
    where the song starts, an early hit has nowhere to go. A choke ends the other notes of its group
    on the tick of the hit, and a note that still sounds when it is struck again a gap before that.
    A hit without a length has the instrument's. `sounding` says where a tick of the straight grid
    sounds; `int` leaves it there.
    """
    ticks_per_ms = tempo_bpm / 60_000 * PPQN
    gate_ticks = max(1, round(instrument.gate_ms * ticks_per_ms))
    gap_ticks = math.ceil(instrument.gap_ms * ticks_per_ms)
    events: list[Event] = []
    played: set[tuple[int, int]] = set()
    for hit in sorted(step.hits, key=lambda hit: -hit.velocity):
        key = instrument.key(hit.lane, hit.articulation)
        if key is None or key in played:
            continue
        played.add(key)
        tick = max(sounding(step.tick + hit.microtiming_ticks), not_before_tick)
        for choked in instrument.choked_by(hit.lane, hit.articulation):
            events.append(Event(tick, CHOKE, note_off(*choked), 0, step.index))
        events.append(Event(tick - gap_ticks, CHOKE, note_off(*key), 0, step.index))
        message = note_on(*key, hit.velocity)
        end_tick = tick + (hit.length_ticks or gate_ticks)
        events.append(Event(tick, STRIKE, message, end_tick, step.index))
    return events
