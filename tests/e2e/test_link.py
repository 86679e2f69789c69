"""The real daemon in a real Ableton Link session, beside a peer that is judge of the beat."""

import os
import signal
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.link_peer import ELDER_SECONDS, Peer
from polyrhythmia_live.testing.recorder import Heard, Recorder
from tests.clock.link.network import link_network
from tests.e2e.conftest import MidiClockSource, Transport

PULSE, START = b"\xf8", b"\xfa"
PORT = "Polyrhythmia Out"
CLOCK_PORT = "jack_midi_clock"
BAR_BEATS = 4.0
FLAGS = ("--no-synth", "--humanise", "0", "--seed", "1", "--clock-out", PORT)

pytestmark = [pytest.mark.jack, pytest.mark.link]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with link_network(), Peer() as peer:
        yield peer


def off_grid_seconds(notes: list[Heard], peer: Peer) -> float:
    """How far a note lies from a sixteenth of the peer's, in the median."""
    step_seconds = 60.0 / peer.seen().tempo_bpm / STEPS_PER_BEAT
    phases = peer.phases([note.seconds for note in notes], BAR_BEATS)
    return statistics.median(
        abs(phase * STEPS_PER_BEAT - round(phase * STEPS_PER_BEAT)) * step_seconds
        for phase in phases
    )


def off_bar_seconds(recorder: Recorder, peer: Peer) -> float:
    """How far the song's first pulse lies from a bar line of the peer's."""
    clock = recorder.heard()
    start = next(it.seconds for it in clock if it.message == START)
    downbeat = next(it.seconds for it in clock if it.message == PULSE and it.seconds > start)
    (phase,) = peer.phases([downbeat], BAR_BEATS)
    return min(phase, BAR_BEATS - phase) * 60.0 / peer.seen().tempo_bpm


def notes_since(recorder: Recorder, seconds: float) -> list[Heard]:
    wait_for("notes", lambda: len(recorder.notes_on(seconds)) >= 8)
    return recorder.notes_on(seconds)


def test_the_drummer_plays_on_a_peers_beat_and_goes_along_with_its_tempo(
    tmp_path: Path, jack_server: JackServer, peer: Peer
) -> None:
    peer.open(150.0)
    time.sleep(ELDER_SECONDS)
    with Daemon(tmp_path, "--link", "follow", "--bpm", "120", *FLAGS) as daemon:
        with Recorder(tmp_path / "heard", PORT) as recorder:
            notes = notes_since(recorder, 0.0)
            wait_for("the session's tempo", lambda: "link 1 peer  150.0 bpm" in daemon.terminal)
            assert off_grid_seconds(notes, peer) < 0.005
            assert off_bar_seconds(recorder, peer) < 0.005
            peer.set_tempo(180.0)
            assert off_grid_seconds(notes_since(recorder, time.monotonic() + 0.1), peer) < 0.005
        victim = daemon.player
        os.kill(victim, signal.SIGKILL)
        daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        with Recorder(tmp_path / "after", PORT) as recorder:
            notes = notes_since(recorder, time.monotonic() + 0.6)
        assert off_grid_seconds(notes, peer) < 0.005
        assert peer.seen().tempo_bpm == pytest.approx(180.0, abs=0.01)
        code, _ = daemon.end()
    assert code == 0
    assert "Traceback" not in daemon.terminal


def test_a_peer_that_is_led_has_our_tempo_and_our_bars(
    tmp_path: Path, jack_server: JackServer, peer: Peer
) -> None:
    peer.open(100.0, start_stop=True)
    with (
        Daemon(tmp_path, "--link", "lead", "--link-start-stop", "--bpm", "163", *FLAGS) as daemon,
        Recorder(tmp_path / "heard", PORT) as recorder,
    ):
        wait_for("our start", lambda: peer.seen().playing)
        notes = notes_since(recorder, 0.0)
        wait_for("the peer", lambda: "internal → link 1 peer  163.0 bpm" in daemon.terminal)
        assert peer.seen().tempo_bpm == pytest.approx(163.0, abs=0.01)
        assert off_grid_seconds(notes, peer) < 0.005
        assert off_bar_seconds(recorder, peer) < 0.005
        daemon.end()
        wait_for("our stop", lambda: not peer.seen().playing)
        wait_for("our leaving", lambda: peer.seen().peers == 0)


def test_a_midi_clock_that_we_follow_is_a_peers_beat_and_another_ports_clock(
    tmp_path: Path, midi_clock_source: MidiClockSource, transport: Transport, peer: Peer
) -> None:
    peer.open(100.0)
    flags = ("--clock-in", CLOCK_PORT, "--link", "lead", *FLAGS)
    with (
        midi_clock_source("-b", "150"),
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", PORT) as recorder,
    ):
        wait_for("the peer", lambda: "link 1 peer" in daemon.terminal)
        transport("play")
        wait_for("a locked clock", lambda: "▶  midi locked → link 1 peer" in daemon.terminal)
        notes = notes_since(recorder, time.monotonic())
        assert peer.seen().tempo_bpm == pytest.approx(150.0, rel=0.02)
        assert off_grid_seconds(notes, peer) < 0.01
        # Seconds ago, on a driver that wanders. The next beat is 0.4 s away.
        assert off_bar_seconds(recorder, peer) < 0.1
