"""The clock that was asked for, and the Link session that it follows or leads."""

from __future__ import annotations

from polyrhythmia_live.clock.base import Clock, Follow
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.link.base import LinkRole, LinkSession
from polyrhythmia_live.clock.link.clock import LinkClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.clock.midi_transport import MidiTransport
from polyrhythmia_live.config import PlayerConfig
from polyrhythmia_live.player.link_out import LinkOut


def open_session(config: PlayerConfig) -> LinkSession | None:
    """None where no Link was asked for. Raises LinkUnavailable."""
    if config.link is None:
        return None
    from polyrhythmia_live.clock.link.session import AbletonSession

    return AbletonSession(config.tempo_bpm, config.meters, config.link_start_stop)


def make_link_outs(config: PlayerConfig, session: LinkSession | None) -> tuple[LinkOut, ...]:
    """The session, if it is to follow us."""
    if session is None or config.link is LinkRole.FOLLOW:
        return ()
    return (LinkOut(session, config.meters),)


def make_clock(config: PlayerConfig, session: LinkSession | None) -> Clock:
    clock = _stopped_clock(config, session)
    if config.resume is not None:
        clock.take_over(config.resume)
    return clock


def _stopped_clock(config: PlayerConfig, session: LinkSession | None) -> Clock:
    if session is not None and config.link is LinkRole.FOLLOW:
        return LinkClock(session, config.tempo_bpm, config.meters)
    if config.clock_in is None:
        return InternalClock(config.tempo_bpm)
    if config.follow is Follow.TRANSPORT:
        return MidiTransport(config.tempo_bpm)
    return MidiClock(
        tempo_bpm=config.tempo_bpm,
        meters=config.meters,
        on_clock_loss=config.on_clock_loss,
        clock_offset_seconds=config.clock_offset_seconds,
        follow_transport=config.follow is Follow.BOTH,
        smoothing=config.clock_smoothing,
        swing=config.clock_swing,
        sends_clock=any(port.clock for port in config.ports),
    )
