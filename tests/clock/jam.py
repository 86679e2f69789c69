"""A peer in a Link session, in virtual time: what the others do is done to the session itself."""

import itertools

from hypothesis import settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.base import Move, Moves
from polyrhythmia_live.clock.link.base import lag_ticks
from polyrhythmia_live.clock.link.clock import LinkClock
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.testing.link_session import VirtualSession

BAR = Meter().bar_ticks
BAR_SECONDS = 2.0

tempos = st.floats(20.0, 320.0)
meters = st.sampled_from([Meter(), Meter(3, 4), Meter(7, 8)])
moments = st.floats(0.0, 8.0)
few = settings(max_examples=40)


class Jam:
    """Our clock and a session; `peers` others are there from the start, at bar lines of their own.

    Every move is kept, and every position that the song has at a poll since the last one.
    """

    def __init__(
        self,
        tempo_bpm: float = 120.0,
        peers: int = 1,
        bar_seconds: float = 0.0,
        meter: Meter | None = None,
    ) -> None:
        self.meters = MeterMap.of(meter or Meter())
        self.session = VirtualSession(tempo_bpm, self.meters, peers)
        self.session.lead(tempo_bpm, bar_seconds)
        self.session.leads.clear()
        self.clock = LinkClock(self.session, tempo_bpm, self.meters)
        self.moves: list[Move] = []
        self.ticks: list[int] = []
        self.now = 0.0

    def run_until(self, seconds: float) -> Moves:
        """Let time pass; what became of the transport meanwhile."""
        before = len(self.moves)
        while (at := self.clock.poll_at_seconds) is not None and at <= seconds:
            self.now = max(self.now, at)
            moves = self.clock.poll(self.now)
            self.moves += moves
            if moves:
                self.ticks.clear()
            begins = self.moves[-1].tick if self.moves else 0
            self.ticks.append(max(begins, self.clock.timeline.tick_at(self.now)))
        self.now = seconds
        return tuple(self.moves[before:])

    def start(self) -> Move:
        (move,) = self.clock.start(self.now)
        return move

    def lag_seconds(self) -> float:
        """By how much our bars are behind everybody's now."""
        grid = self.session.state(self.now).grid(self.meters)
        lag = lag_ticks(self.clock.timeline, grid, self.meters, self.now)
        return lag * grid.seconds_per_tick

    def never_went_back(self) -> bool:
        return all(later >= earlier for earlier, later in itertools.pairwise(self.ticks))
