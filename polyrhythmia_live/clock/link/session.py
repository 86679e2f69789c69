"""A real Link session: the door to LinkPython-extern, which binds Ableton's own library.

Optional, because that library is GPL, and a program that is combined with it is too. It is imported
where a session is opened, and nowhere else.
"""

from __future__ import annotations

import time

from polyrhythmia_live.clock.link.base import FOLDS_MAX, LinkState, session_bar_ticks
from polyrhythmia_live.errors import LinkUnavailable
from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.rhythm.meter_map import MeterMap

MICROS = 1e6

READINGS = 3
"""How often both clocks are read together; the closest reading is one that nobody interrupted."""


class AbletonSession:
    """On the network from the first moment: UDP multicast on every interface, no password.

    Python's `time` cannot read Link's clock. On Linux that is CLOCK_MONOTONIC_RAW, which NTP does
    not slew: it is a fraction of a second away from ours, and drifts. So both clocks are read
    together each time the session is looked at.

    The binding has only the calls that are not meant for an audio thread: capturing a state takes a
    lock that Link's own thread holds while it copies one. That costs the dispatcher less than 0.1
    ms: see docs/measured.md.

    Raises LinkUnavailable where the library is not installed.
    Threads: as `LinkSession`. Link starts threads of its own, which need no interpreter lock.
    """

    def __init__(self, tempo_bpm: float, meters: MeterMap, start_stop: bool = False) -> None:
        try:
            from link import Link
        except ImportError as error:
            raise LinkUnavailable(
                "Ableton Link needs a library that is not installed: "
                "pip install 'polyrhythmia-live[link]'"
            ) from error
        self._bar_beats = session_bar_ticks(meters) / PPQN
        self._link = Link(tempo_bpm)
        self._clock = self._link.clock()
        self._zero_seconds = self._read_clocks()
        """The moment, in our seconds, at which Link's clock says 0."""
        self._link.startStopSyncEnabled = start_stop
        self._link.enabled = True

    def state(self, now_seconds: float) -> LinkState:
        self._zero_seconds = self._read_clocks()
        session = self._link.captureAppSessionState()
        return LinkState(
            tempo_bpm=session.tempo(),
            beat=session.phaseAtTime(self._micros(now_seconds), self._bar_beats * FOLDS_MAX),
            time_seconds=now_seconds,
            peers=self._link.numPeers(),
            playing=session.isPlaying(),
            playing_seconds=self._zero_seconds + session.timeForIsPlaying() / MICROS,
        )

    def set_tempo(self, tempo_bpm: float, at_seconds: float) -> None:
        session = self._link.captureAppSessionState()
        session.setTempo(tempo_bpm, self._micros(at_seconds))
        self._link.commitAppSessionState(session)

    def lead(self, tempo_bpm: float, bar_seconds: float) -> None:
        session = self._link.captureAppSessionState()
        session.setTempo(tempo_bpm, self._micros(bar_seconds))
        session.forceBeatAtTime(0.0, self._micros(bar_seconds), self._bar_beats)
        self._link.commitAppSessionState(session)

    def play(self, playing: bool, at_seconds: float) -> None:
        session = self._link.captureAppSessionState()
        session.setIsPlaying(playing, self._micros(at_seconds))
        self._link.commitAppSessionState(session)

    def close(self) -> None:
        self._link.enabled = False

    def _micros(self, seconds: float) -> int:
        """A moment on Link's clock, in microseconds; 0 for a moment before its zero."""
        return max(0, round((seconds - self._zero_seconds) * MICROS))

    def _read_clocks(self) -> float:
        return min(self._read_once() for _ in range(READINGS))[1]

    def _read_once(self) -> tuple[float, float]:
        """How long the reading took, and where Link's zero is on our clock."""
        before = time.monotonic()
        micros = self._clock.micros()
        after = time.monotonic()
        return after - before, (before + after) / 2 - micros / MICROS
