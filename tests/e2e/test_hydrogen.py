"""Following Hydrogen, a drum machine with a mind of its own about tempo and transport."""

import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.hydrogen import Hydrogen, is_installed
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.recorder import Recorder
from polyrhythmia_live.testing.takes import CLOCK_PORT, DAEMON_PORT, STOP, Take
from tests.e2e.conftest import MidiClockSource

pytestmark = [pytest.mark.jack, pytest.mark.hydrogen]

BPM, FASTER_BPM = 97.0, 133.0


@pytest.fixture
def hydrogen(tmp_path: Path, jack_server: JackServer) -> Iterator[Hydrogen]:
    if not is_installed():
        pytest.skip("needs Hydrogen: `sudo apt-get install --no-install-recommends hydrogen`")
    home = tmp_path / "home"
    home.mkdir()
    with Hydrogen(home, jack_server.environment) as program:
        wait_for("Hydrogen", lambda: any("Hydrogen" in name for name in jack_server.ports() or ()))
        yield program


def tempo_shown(terminal: str) -> float:
    return float(re.findall(r"([0-9.]+) bpm", terminal)[-1])


def test_hydrogen_leads_tempo_and_transport(
    tmp_path: Path, hydrogen: Hydrogen, midi_clock_source: MidiClockSource
) -> None:
    flags = ("--no-synth", "--clock-in", CLOCK_PORT, "--humanise", "0", "--seed", "1")
    with (
        midi_clock_source(),
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", CLOCK_PORT, DAEMON_PORT) as recorder,
    ):
        wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
        hydrogen.set_tempo(BPM)
        hydrogen.play()
        wait_for("a locked clock", lambda: "▶  midi locked" in daemon.terminal)
        time.sleep(2 * 60 / BPM)
        steady = tempo_shown(daemon.terminal)
        hydrogen.set_tempo(FASTER_BPM)
        time.sleep(1.5)
        faster = tempo_shown(daemon.terminal)
        hydrogen.stop()
        wait_for("the Stop", lambda: any(it.message == STOP for it in recorder.heard()))
        time.sleep(0.5)
        take = Take(recorder)
        assert recorder.hanging() == set()
    # JACK's dummy driver keeps time no better on a busy machine; the hits are held to the pulses.
    assert steady == pytest.approx(BPM, rel=0.04)
    assert faster == pytest.approx(FASTER_BPM, rel=0.04)
    assert len(take.notes) >= 12
    assert all(take.start <= note.seconds <= take.stop + 0.1 for note in take.notes)
    off = [abs(take.off_grid_seconds(note)) for note in take.notes]
    assert statistics.median(off) < 60 / BPM / 4 / 16
