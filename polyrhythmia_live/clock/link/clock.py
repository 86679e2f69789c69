"""Nobody leads: tempo and bar lines are an Ableton Link session's, ours to change like anyone's.

Our song has its own bars and its own beginning; what it shares is where bar lines fall. It goes at
the session's tempo, bends where it is a little off, and where it is far off (the session was joined
while we played, or two sessions became one) begins its next bar on everybody's next bar line.
"""

from __future__ import annotations

from polyrhythmia_live.clock.base import Moves
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.link.base import (
    POLL_SECONDS,
    LinkSession,
    LinkState,
    company_of,
    lag_ticks,
    session_bar_ticks,
)
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

SAME_TEMPO = 2e-5
"""A share. The network carries whole microseconds a beat: 120 bpm may come back as 120.0002."""

IN_PHASE_SECONDS = 0.0005
"""A song this little off is left alone; sessions themselves are not better than that."""

NEAR_SECONDS = 0.05
"""A song this little off is bent until it fits; its bar line is the one everybody means."""

JUST_NOW_SECONDS = 0.1
"""A start on a bar line that the network brings this late was meant for that bar line."""

LISTEN_SECONDS = 1.0
"""For so long after opening, there may be peers that we have not found yet (0.6 s on loopback)."""

SETTLE_SECONDS = 0.25
"""For so long after we said play or stop, Link may still show the state before."""


class LinkClock(InternalClock):
    """A peer. It implements `TempoLeader` too, but nudges do nothing: the phase is everybody's.

    A start waits for the session's next bar line, and a song that is continued for its place in
    the bar; alone, neither waits, once we have listened for company. With the session's start/stop
    sync on, its start is ours and ours is its; without, nobody else's start is ever seen, and a
    stop is ours alone.
    Threads: as `Clock`. Real-time: yes.
    """

    def __init__(self, session: LinkSession, tempo_bpm: float, meters: MeterMap) -> None:
        super().__init__(tempo_bpm)
        self._session = session
        self._meters = meters
        self._session_bar_ticks = session_bar_ticks(meters)
        self._session_bpm = self.tempo_bpm
        """The tempo that we and the session last agreed on."""
        self._folds = 1
        self._peers = 0
        self._playing = False
        """Whether the session plays, as it last said or as we last told it."""
        self._settled_seconds = 0.0
        self._launch_tick = 0
        self._armed = False
        self._look_at_seconds = 0.0
        self._listens_until_seconds: float | None = None

    @property
    def name(self) -> str:
        return "link"

    @property
    def condition(self) -> ClockCondition:
        """`alone`, `2 peers`, and `armed` while a bar line is waited for."""
        company = company_of(self._peers)
        if not self._armed:
            return company
        return ClockCondition(ClockState.ARMED, f"{company.words}, armed")

    @property
    def poll_at_seconds(self) -> float | None:
        """When the session is looked at next, or a tempo on its way comes to its next pulse."""
        bend_at_seconds = self._bend_at_seconds
        if bend_at_seconds is None:
            return self._look_at_seconds
        return min(bend_at_seconds, self._look_at_seconds)

    def poll(self, now_seconds: float) -> Moves:
        """Take a ramp on; hear what the others did; and tell them our new tempo.

        A new tempo is told here and not at once, because a knob may turn a thousand times a second.
        """
        super().poll(now_seconds)
        if self._listens_until_seconds is None:
            self._listens_until_seconds = now_seconds + LISTEN_SECONDS
        if now_seconds < self._look_at_seconds and self.tempo_bpm == self._session_bpm:
            return ()
        self._look_at_seconds = now_seconds + POLL_SECONDS
        return self._hear(self._session.state(now_seconds), now_seconds)

    # what the performer says

    def take_over(self, timeline: Timeline) -> None:
        """Roll on; while nobody else is there, the session's bars are where ours are."""
        super().take_over(timeline)
        origin_seconds = timeline.time_origin_seconds
        if self._session.state(origin_seconds).peers == 0:
            bar_tick = self._meters.bar_line_tick_at(timeline.tick_origin)
            self._claim(timeline.time_at(bar_tick))
        self._tell(True, origin_seconds)

    def start(self, now_seconds: float) -> Moves:
        """From the top, on everybody's next bar line."""
        moves = self._launch(0, now_seconds)
        self._tell(True, moves[0].time_seconds)
        return moves

    def continue_(self, now_seconds: float) -> Moves:
        """On from where the song stopped, at that place in everybody's bar; nothing if rolling."""
        if self._transport is Transport.ROLLING:
            return ()
        moves = self._launch(self._position_tick, now_seconds)
        self._tell(True, moves[0].time_seconds)
        return moves

    def stop(self, now_seconds: float) -> Moves:
        """At once; nothing while stopped."""
        moves = super().stop(now_seconds)
        if moves:
            self._armed = False
            self._tell(False, now_seconds)
        return moves

    def nudge(self, seconds: float, now_seconds: float) -> bool:
        """Never: a song that is shifted alone is off everybody's beat."""
        return False

    def _launch(self, tick: int, earliest_seconds: float) -> Moves:
        """Roll from a tick as soon as everybody's bar has come to that place in a bar."""
        state = self._session.state(earliest_seconds)
        into_bar = self._meters.tick_in_bar(tick)
        if state.peers == 0:
            at_seconds = max(earliest_seconds, self._listens_until_seconds or 0.0)
            self._claim(at_seconds - into_bar * Timeline(self.tempo_bpm).seconds_per_tick)
        else:
            grid = state.grid(self._meters)
            earliest_tick = grid.tick_at(earliest_seconds)
            wait_ticks = (into_bar - earliest_tick) % self._session_bar_ticks
            at_seconds = grid.time_at(earliest_tick + wait_ticks)
        return self._begin(tick, at_seconds)

    def _begin(self, tick: int, at_seconds: float) -> Moves:
        self._launch_tick = tick
        return self._roll_from(tick, at_seconds)

    def _claim(self, bar_seconds: float) -> None:
        """Alone, the bars are ours to lay."""
        self._session.lead(self.tempo_bpm, bar_seconds)
        self._session_bpm, self._folds = self.tempo_bpm, 1

    def _publish(self) -> None:
        """Give everybody our tempo, from the very tick at which it became ours."""
        at_seconds = self._timeline.time_origin_seconds
        self._session.set_tempo(self.tempo_bpm * self._folds, at_seconds)
        self._session_bpm = self.tempo_bpm

    def _tell(self, playing: bool, at_seconds: float) -> None:
        self._session.play(playing, at_seconds)
        self._playing = playing
        self._settled_seconds = self._look_at_seconds + SETTLE_SECONDS

    # what the others say

    def _hear(self, state: LinkState, now_seconds: float) -> Moves:
        self._peers, self._folds = state.peers, state.folds
        grid = state.grid(self._meters)
        if abs(grid.tempo_bpm / self._session_bpm - 1.0) > SAME_TEMPO:
            self.set_tempo(grid.tempo_bpm, now_seconds)
            self._session_bpm = self.tempo_bpm
        elif self.tempo_bpm != self._session_bpm:
            self._publish()
        moves = self._share(state, now_seconds)
        if self._transport is Transport.STOPPED:
            self._timeline = grid
            return moves
        self._armed = self._timeline.tick_at(now_seconds) < self._launch_tick
        return moves + self._align(grid, now_seconds)

    def _share(self, state: LinkState, now_seconds: float) -> Moves:
        """Start and stop with the peers that share it, as if the performer had asked just then."""
        if state.playing == self._playing or now_seconds < self._settled_seconds:
            return ()
        if state.playing:
            self._playing = True
            late_seconds = now_seconds - state.playing_seconds
            just_now = late_seconds < JUST_NOW_SECONDS
            return self._launch(0, state.playing_seconds if just_now else now_seconds)
        if state.playing_seconds > now_seconds:
            return ()
        self._playing = self._armed = False
        return super().stop(now_seconds)

    def _align(self, grid: Timeline, now_seconds: float) -> Moves:
        """Bend the song, or have it begin its next bar, so that its bar lines are everybody's."""
        lag = lag_ticks(self._timeline, grid, self._meters, now_seconds)
        lag_seconds = lag * grid.seconds_per_tick
        if self._curve.moving or abs(lag_seconds) <= IN_PHASE_SECONDS:
            return ()
        near = abs(lag_seconds) <= NEAR_SECONDS
        if self._armed and not near:
            return self._launch(self._launch_tick, now_seconds)
        if self._armed:
            laid = self._timeline
            at_seconds = laid.time_origin_seconds - lag_seconds
            self._timeline = laid.located(laid.tick_origin, at_seconds)
        elif near:
            super().nudge(-lag_seconds, now_seconds)
        else:
            return self._rejoin(grid, now_seconds)
        return ()

    def _rejoin(self, grid: Timeline, now_seconds: float) -> Moves:
        """Begin the next bar on everybody's next bar line, once it is about to come.

        Our bar is cut there. If our bar would end by itself shortly before, it is played to its
        end, and the song waits for the line: two bar lines in a row are worse than a pause.
        """
        step_seconds = TICKS_PER_STEP * grid.seconds_per_tick
        tick = self._meters.next_bar_line_tick(self._timeline.tick_at(now_seconds))
        session_bar = grid.tick_at(now_seconds + step_seconds / 2) // self._session_bar_ticks
        line_tick = (session_bar + 1) * self._session_bar_ticks
        ours_seconds, line_seconds = self._timeline.time_at(tick), grid.time_at(line_tick)
        breath_seconds = line_seconds - ours_seconds
        waits = 0.0 <= breath_seconds <= self._session_bar_ticks * grid.seconds_per_tick / 2
        if now_seconds < (ours_seconds if waits else line_seconds) - step_seconds:
            return ()
        return self._begin(tick, line_seconds)
