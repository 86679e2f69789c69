"""Link out: our tempo, bar lines, start and stop, imposed on an Ableton Link session.

A bridge needs this, but among equals it is bad manners. So it is only done where it was asked for
(`--link lead`), and with restraint. While the song stands, only a new tempo is passed on. A session
that is a little off is put right at most twice a second. A tempo or bar line that a peer has
changed is taken back at our next bar line. If peers insist, the session is theirs until the
performer changes the tempo or starts again.
"""

from __future__ import annotations

import math

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.clock.link.base import POLL_SECONDS, LinkSession, company_of, lag_ticks
from polyrhythmia_live.messages import ClockCondition, ClockState
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

SAME_TEMPO = 1e-4
NEAR_TEMPO = 5e-3
"""Tempos that differ by no more than these shares are the same, or near. A clock that we follow is
never quite even; a tempo that a peer sets is further off."""

SAME_SECONDS = 0.001
"""Bar lines this close are the same: a third of what Link's test plan allows between two peers."""
NEAR_SECONDS = 0.03
"""Bar lines this close are near: no clock that we follow wanders further between corrections."""

PATIENCE_SECONDS = 0.5
"""How long to wait between two corrections of a session that is near, but not the same."""

TRIES = 4
CALM_SECONDS = 10.0
"""A session is taken back from peers so many times; after so long a calm, as many times again."""


class LinkOut:
    """Leads a session by whatever clock we are on.

    Threads: dispatcher only. Real-time: yes. Others may read `condition`.
    """

    def __init__(self, session: LinkSession, meters: MeterMap) -> None:
        self._session = session
        self._meters = meters
        self._rolling = False
        self._peers = 0
        self._led_bpm = math.inf
        self._led_seconds = -math.inf
        self._due_seconds = 0.0
        self._take_back_seconds: float | None = None
        self._taken_back_seconds = -math.inf
        self._tries = 0

    @property
    def condition(self) -> ClockCondition:
        """`alone`, `2 peers`, and `theirs` where the session is left to peers that insist."""
        company = company_of(self._peers)
        if self._tries <= TRIES:
            return company
        return ClockCondition(ClockState.CONTESTED, f"{company.words}, theirs")

    def begin(self, timeline: Timeline, transport: Transport, now_seconds: float) -> None:
        """A song that is under way is imposed on the session as it is."""
        self._led_bpm = timeline.tempo_bpm
        if transport is Transport.ROLLING:
            self._roll(timeline, now_seconds, now_seconds)

    def move(self, move: Move, timeline: Timeline, now_seconds: float) -> None:
        """Pass on what became of the transport; `timeline` is the one after the move."""
        if move.kind is MoveKind.START:
            self._roll(timeline, move.time_seconds, now_seconds)
        elif move.kind is MoveKind.STOP:
            self.stop(now_seconds)

    def stop(self, now_seconds: float) -> None:
        """The session's beat goes on; we stop, and so do the peers that share start and stop."""
        if self._rolling:
            self._rolling = False
            self._session.play(False, now_seconds)

    def deadline(self, timeline: Timeline) -> float | None:
        """When the session is looked at next, in seconds."""
        return self._due_seconds

    def send_due(self, timeline: Timeline, now_seconds: float) -> None:
        """Look at the session, if it is time to, and put right what differs from our song."""
        if now_seconds < self._due_seconds:
            return
        self._due_seconds = now_seconds + POLL_SECONDS
        state = self._session.state(now_seconds)
        joined = self._peers == 0 < state.peers
        self._peers = state.peers
        if self._rolling and joined:  # our state stays behind with our old session
            self._roll(timeline, now_seconds, now_seconds)
            return
        if not self._rolling:
            self._tell_tempo(timeline, now_seconds)
            return
        grid = state.grid(self._meters)
        tempo_off = _share(timeline.tempo_bpm, grid.tempo_bpm)
        lag = lag_ticks(timeline, grid, self._meters, now_seconds)
        off_seconds = abs(lag) * timeline.seconds_per_tick
        if tempo_off <= SAME_TEMPO and off_seconds <= SAME_SECONDS:
            self._take_back_seconds = None
            if self._tries > TRIES:  # the peers have come round to our tempo and bars
                self._tries = 0
        elif _share(timeline.tempo_bpm, self._led_bpm) > NEAR_TEMPO:
            self._insist(timeline, now_seconds)
        elif tempo_off > NEAR_TEMPO or off_seconds > NEAR_SECONDS:
            self._contest(timeline, now_seconds)
        elif now_seconds - self._led_seconds >= PATIENCE_SECONDS:
            self._lead(timeline, now_seconds)

    def _tell_tempo(self, timeline: Timeline, now_seconds: float) -> None:
        """While the song stands: the tempo, if it has changed, and no bar line."""
        changed = _share(timeline.tempo_bpm, self._led_bpm) > SAME_TEMPO
        if changed and now_seconds - self._led_seconds >= PATIENCE_SECONDS:
            self._session.set_tempo(timeline.tempo_bpm, now_seconds)
            self._led_bpm, self._led_seconds = timeline.tempo_bpm, now_seconds

    def _roll(self, timeline: Timeline, start_seconds: float, now_seconds: float) -> None:
        self._rolling = True
        self._insist(timeline, now_seconds)
        self._session.play(True, start_seconds)

    def _insist(self, timeline: Timeline, now_seconds: float) -> None:
        """Lead the session, because the performer has spoken: earlier contests no longer count."""
        self._tries, self._take_back_seconds = 0, None
        self._lead(timeline, now_seconds)

    def _contest(self, timeline: Timeline, now_seconds: float) -> None:
        """A peer has changed it: it is theirs until our next bar line, for good after `TRIES`."""
        if self._take_back_seconds is None:
            if now_seconds - self._taken_back_seconds > CALM_SECONDS:
                self._tries = 0
            self._tries += 1
            bar_tick = self._meters.next_bar_line_tick(timeline.tick_at(now_seconds))
            self._take_back_seconds = timeline.time_at(bar_tick)
        elif now_seconds >= self._take_back_seconds and self._tries <= TRIES:
            self._take_back_seconds = None
            self._taken_back_seconds = now_seconds
            self._lead(timeline, now_seconds)

    def _lead(self, timeline: Timeline, now_seconds: float) -> None:
        bar_tick = self._meters.bar_line_tick_at(timeline.tick_at(now_seconds))
        self._session.lead(timeline.tempo_bpm, timeline.time_at(bar_tick))
        self._led_bpm, self._led_seconds = timeline.tempo_bpm, now_seconds


def _share(tempo_bpm: float, other_bpm: float) -> float:
    """How far a tempo is from another, as a share of it."""
    return abs(tempo_bpm / other_bpm - 1.0)
