"""The clock that was asked for."""

from __future__ import annotations

from polyrhythmia_live.clock.base import Clock, Follow
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.clock.midi_transport import MidiTransport
from polyrhythmia_live.config import PlayerConfig


def make_clock(config: PlayerConfig) -> Clock:
    clock = _stopped_clock(config)
    if config.resume is not None:
        clock.take_over(config.resume)
    return clock


def _stopped_clock(config: PlayerConfig) -> Clock:
    if config.clock_in is None:
        return InternalClock(config.tempo_bpm)
    if config.follow is Follow.TRANSPORT:
        return MidiTransport(config.tempo_bpm)
    return MidiClock(
        tempo_bpm=config.tempo_bpm,
        meter=config.meter,
        on_clock_loss=config.on_clock_loss,
        clock_offset_seconds=config.clock_offset_seconds,
        follow_transport=config.follow is Follow.BOTH,
    )
