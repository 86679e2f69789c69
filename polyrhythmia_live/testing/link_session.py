"""A Link session in virtual time, without a network."""

from __future__ import annotations

from polyrhythmia_live.clock.link.base import FOLDS_MAX, LinkState, session_bar_ticks
from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.rhythm.meter_map import MeterMap


class VirtualSession:
    """A session that all peers share as one object: what one does, the others see at once.

    `peers` is what the one under test sees. Joining another session is a `lead` by somebody else.
    Threads: one.
    """

    def __init__(self, tempo_bpm: float, meters: MeterMap, peers: int = 0) -> None:
        self.peers = peers
        self.closed = False
        self.leads: list[tuple[float, float]] = []
        """(tempo, bar line) of each `lead`."""
        self._bar_beats = session_bar_ticks(meters) / PPQN
        self._tempo_bpm = tempo_bpm
        self._zero_seconds = 0.0
        self._playing = (False, 0.0)

    def state(self, now_seconds: float) -> LinkState:
        beat = (now_seconds - self._zero_seconds) * self._tempo_bpm / 60.0
        beat %= self._bar_beats * FOLDS_MAX
        return LinkState(self._tempo_bpm, beat, now_seconds, self.peers, *self._playing)

    def set_tempo(self, tempo_bpm: float, at_seconds: float) -> None:
        elapsed_seconds = at_seconds - self._zero_seconds
        self._zero_seconds = at_seconds - elapsed_seconds * self._tempo_bpm / tempo_bpm
        self._tempo_bpm = tempo_bpm

    def lead(self, tempo_bpm: float, bar_seconds: float) -> None:
        self.leads.append((tempo_bpm, bar_seconds))
        self._tempo_bpm, self._zero_seconds = tempo_bpm, bar_seconds

    def play(self, playing: bool, at_seconds: float) -> None:
        self._playing = (playing, at_seconds)

    def close(self) -> None:
        self.closed = True
