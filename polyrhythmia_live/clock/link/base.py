"""What a Link session is to us, be it a real or a virtual one.

A session is a beat that all its peers share: a tempo, and a beat 0 from which everybody counts bars
of one's own length. Nobody leads: a peer that changes the tempo changes it for all, and a peer that
joins takes what is there. Start and stop are shared among only those peers that want it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, Timeline

POLL_SECONDS = 0.01
"""How often a session is looked at. Its callbacks are no alternative: they come on a thread of its
own, which would have to wait for the interpreter lock, and we for that thread."""

FOLDS_MAX = 4
"""Link's tempos end at 999 bpm, ours at 320: folding it twice is always enough."""


class LinkRole(enum.Enum):
    """Whether the session decides, or we do."""

    FOLLOW = "follow"
    """The session is our clock."""
    LEAD = "lead"
    """Our clock, whichever it is, is imposed on the session."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """The session at `time_seconds`, with times in seconds of the timebase.

    `beat` counts from everybody's beat 0, modulo `FOLDS_MAX` bars. `peers` does not count us.
    `playing` changed, or will change, at `playing_seconds`.
    """

    tempo_bpm: float
    beat: float
    time_seconds: float
    peers: int = 0
    playing: bool = False
    playing_seconds: float = 0.0

    @property
    def folds(self) -> int:
        """How many of the session's beats we take for one, where it is too fast for us.

        Link's test plan asks for this (TEMPO-4), rather than for another tempo.
        """
        folds = 1
        while self.tempo_bpm > folds * TEMPO_MAX_BPM:
            folds *= 2
        return folds

    def grid(self, meters: MeterMap) -> Timeline:
        """Everybody's bars: one every `session_bar_ticks`; tick 0 is where this one began."""
        tempo_bpm = self.tempo_bpm / self.folds
        into_bar = self.beat / self.folds % (session_bar_ticks(meters) / PPQN)
        return Timeline(tempo_bpm, 0, self.time_seconds - into_bar * 60.0 / tempo_bpm)


def session_bar_ticks(meters: MeterMap) -> int:
    """The bar that everybody counts. A session knows one length: that of our song's first bar."""
    return meters.meter_at(0).bar_ticks


def lag_ticks(timeline: Timeline, grid: Timeline, meters: MeterMap, now_seconds: float) -> int:
    """By how much a timeline's bars come later than the grid's; negative = earlier.

    The nearer way round: from -half a bar to half a bar.
    """
    bar_ticks = session_bar_ticks(meters)
    ahead_ticks = grid.tick_at(now_seconds) - timeline.tick_at(now_seconds)
    return (ahead_ticks + bar_ticks // 2) % bar_ticks - bar_ticks // 2


def company_of(peers: int) -> ClockCondition:
    """What a session with so many peers is called: `alone`, `1 peer`, `2 peers`."""
    if peers == 0:
        return ClockCondition(ClockState.ALONE, "alone")
    return ClockCondition(ClockState.JOINED, "1 peer" if peers == 1 else f"{peers} peers")


class LinkSession(Protocol):
    """Our place in a session. Times are seconds of the timebase.

    Nothing here waits or raises. Threads: dispatcher only. Real-time: yes.
    """

    def state(self, now_seconds: float) -> LinkState: ...

    def set_tempo(self, tempo_bpm: float, at_seconds: float) -> None:
        """Another tempo for everybody; the beat of that moment, which may have passed, stays."""
        ...

    def lead(self, tempo_bpm: float, bar_seconds: float) -> None:
        """Impose tempo and bar line on everybody: their beat jumps, unless we are alone."""
        ...

    def play(self, playing: bool, at_seconds: float) -> None:
        """Tell the peers that share it that we play or stop, from a moment on."""
        ...

    def close(self) -> None:
        """Leave. Threads: main, after the dispatcher."""
        ...
