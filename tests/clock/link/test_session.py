"""The real library, with a second peer in another process: parts of Link's own TEST-PLAN.md."""

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from polyrhythmia_live.clock.base import Move, MoveKind
from polyrhythmia_live.clock.link.base import POLL_SECONDS
from polyrhythmia_live.clock.link.clock import LinkClock
from polyrhythmia_live.clock.link.session import AbletonSession
from polyrhythmia_live.errors import LinkUnavailable
from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.link_peer import ELDER_SECONDS, Peer
from tests.clock.link.network import link_network

BAR = Meter().bar_ticks
BAR_BEATS = BAR / PPQN
PATIENCE_SECONDS = 10.0
AUDIO_TOLERANCE_SECONDS = 0.003
"""AUDIOENGINE-1 of the test plan."""


def test_without_the_library_the_performer_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(LinkUnavailable, match=r"pip install 'polyrhythmia-live\[link\]'"):
        AbletonSession(120.0, MeterMap())


class Ours:
    """Our end: a clock on a real session, polled as the dispatcher would."""

    def __init__(self, tempo_bpm: float, start_stop: bool) -> None:
        self.session = AbletonSession(tempo_bpm, MeterMap(), start_stop)
        self.clock = LinkClock(self.session, tempo_bpm, MeterMap())
        self.moves: list[Move] = []

    def wait_for(self, what: str, look: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not look():
            assert time.monotonic() < until, f"waited in vain for {what}"
            self.moves += self.clock.poll(time.monotonic())
            time.sleep(POLL_SECONDS / 2)

    def let_pass(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.wait_for("time to pass", lambda: time.monotonic() >= until)

    def is_with(self, peer: Peer, folds: int = 1) -> bool:
        """Whether we are on the peer's place in the bar, now and in a second."""
        now = time.monotonic()
        moments = [now + tenths / 10 for tenths in range(10)]
        bar_beats = BAR_BEATS * folds
        theirs = peer.phases(moments, bar_beats)
        timeline = self.clock.timeline
        ours = [timeline.tick_at(moment) % BAR / PPQN * folds for moment in moments]
        beat_seconds = 60.0 / (timeline.tempo_bpm * folds)
        apart = [
            ((mine - its + bar_beats / 2) % bar_beats - bar_beats / 2) * beat_seconds
            for mine, its in zip(ours, theirs, strict=True)
        ]
        return max(map(abs, apart)) < AUDIO_TOLERANCE_SECONDS


def off_bar_beats(peer: Peer, seconds: float) -> float:
    """How far a moment is from the peer's nearest bar line."""
    (phase,) = peer.phases([seconds], BAR_BEATS)
    return min(phase, BAR_BEATS - phase)


@pytest.fixture(scope="module")
def peer_process() -> Iterator[Peer]:
    with link_network(), Peer() as peer:
        yield peer


@pytest.fixture
def peer(peer_process: Peer) -> Iterator[Peer]:
    yield peer_process
    peer_process.close()


@pytest.fixture
def ours() -> Iterator[Callable[..., Ours]]:
    opened: list[Ours] = []

    def open_(tempo_bpm: float, start_stop: bool = False) -> Ours:
        opened.append(Ours(tempo_bpm, start_stop))
        return opened[-1]

    yield open_
    for one in opened:
        one.session.close()


def joined(ours: Ours, peer: Peer) -> None:
    ours.wait_for("the peer", lambda: ours.clock.condition.words.startswith("1 peer"))
    ours.wait_for("us", lambda: peer.seen().peers == 1)


@pytest.mark.link
def test_opening_changes_no_tempo_of_a_session_and_then_anybody_may(
    peer: Peer, ours: Callable[..., Ours]
) -> None:
    """TEMPO-2 and TEMPO-1."""
    peer.open(130.0)
    time.sleep(ELDER_SECONDS)
    we = ours(100.0)
    joined(we, peer)
    we.wait_for("their tempo", lambda: we.clock.tempo_bpm == pytest.approx(130.0, abs=0.01))
    assert peer.seen().tempo_bpm == 130.0
    we.moves += we.clock.start(time.monotonic())
    we.clock.set_tempo(121.5, time.monotonic())
    we.wait_for("our tempo", lambda: peer.seen().tempo_bpm == pytest.approx(121.5, abs=0.01))
    we.wait_for("being together", lambda: we.is_with(peer))
    peer.set_tempo(87.0)
    we.wait_for("their tempo", lambda: we.clock.tempo_bpm == pytest.approx(87.0, abs=0.01))
    we.wait_for("being together", lambda: we.is_with(peer))
    assert [move.kind for move in we.moves] == [MoveKind.START]


@pytest.mark.link
def test_tempos_from_20_to_999_bpm_are_followed(peer: Peer, ours: Callable[..., Ours]) -> None:
    """TEMPO-4: beyond what we can play, by a divisor of the session's tempo."""
    peer.open(120.0)
    we = ours(120.0)
    joined(we, peer)
    we.moves += we.clock.start(time.monotonic())
    for session_bpm, folds in ((20.0, 1), (999.0, 4), (320.0, 1)):
        peer.set_tempo(session_bpm)
        tempo_bpm = pytest.approx(session_bpm / folds, rel=1e-4)
        we.wait_for("their tempo", lambda tempo=tempo_bpm: we.clock.tempo_bpm == tempo)  # type: ignore[misc]
        we.wait_for("being together", lambda folds=folds: we.is_with(peer, folds))  # type: ignore[misc]


@pytest.mark.link
def test_a_peer_that_joins_does_not_move_our_beat(peer: Peer, ours: Callable[..., Ours]) -> None:
    """TEMPO-5, BEATTIME-1 and BEATTIME-2: neither opening alone nor company changes our beat."""
    we = ours(111.0)
    now = time.monotonic()
    assert we.clock.start(now) == (Move(MoveKind.START, 0, now),)
    we.let_pass(ELDER_SECONDS)
    assert we.clock.timeline == Timeline(111.0, 0, now)
    peer.open(97.0)
    joined(we, peer)
    we.let_pass(0.3)
    assert we.clock.timeline == Timeline(111.0, 0, now)
    assert we.moves == []
    assert peer.seen().tempo_bpm == pytest.approx(111.0, abs=0.01)
    assert we.is_with(peer)


@pytest.mark.link
def test_start_and_stop_are_shared_by_peers_that_want_it(
    peer: Peer, ours: Callable[..., Ours]
) -> None:
    """STARTSTOPSTATE, and the start is on the session's bar line."""
    peer.open(240.0, start_stop=True)
    we = ours(240.0, start_stop=True)
    joined(we, peer)
    peer.play(True)
    we.wait_for("their start", lambda: we.clock.transport is Transport.ROLLING)
    assert off_bar_beats(peer, we.moves[0].time_seconds) < 0.01
    we.let_pass(0.3)
    peer.play(False)
    we.wait_for("their stop", lambda: we.clock.transport is Transport.STOPPED)
    we.moves += we.clock.start(time.monotonic())
    we.wait_for("our start", lambda: peer.seen().playing)
    we.let_pass(0.3)
    we.moves += we.clock.stop(time.monotonic())
    we.wait_for("our stop", lambda: not peer.seen().playing)
    assert [move.kind.name for move in we.moves] == ["START", "STOP"] * 2


@pytest.mark.link
def test_start_and_stop_are_not_shared_with_a_peer_that_does_not_want_it(
    peer: Peer, ours: Callable[..., Ours]
) -> None:
    peer.open(120.0, start_stop=True)
    we = ours(120.0)
    joined(we, peer)
    peer.play(True)
    we.let_pass(0.3)
    assert we.moves == []
    peer.play(False)
    we.clock.start(time.monotonic())
    we.let_pass(0.3)
    assert not peer.seen().playing


@pytest.mark.link
def test_a_leader_imposes_tempo_and_bar_line_on_the_other_peer(
    peer: Peer, ours: Callable[..., Ours]
) -> None:
    peer.open(100.0)
    we = ours(120.0)
    joined(we, peer)
    bar_seconds = time.monotonic() + 0.25
    we.session.lead(133.0, bar_seconds)
    we.wait_for("our tempo", lambda: peer.seen().tempo_bpm == pytest.approx(133.0, abs=0.01))
    assert off_bar_beats(peer, bar_seconds) * 60.0 / 133.0 < AUDIO_TOLERANCE_SECONDS
