"""Following a real MIDI clock: `jack_midi_clock` on JACK's transport stands in for a DAW."""

import itertools
import os
import re
import signal
import statistics
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.recorder import Recorder
from polyrhythmia_live.testing.takes import (
    CLOCK,
    CLOCK_PORT,
    DAEMON_PORT,
    PULSES_PER_STEP,
    STOP,
    Take,
)
from tests.e2e.conftest import MidiClockSource, Transport

pytestmark = pytest.mark.jack


FLAGS = ("--no-synth", "--clock-in", CLOCK_PORT, "--humanise", "0", "--seed", "1")


def play_along(
    folder: Path, source: MidiClockSource, transport: Transport, bars: int, *flags: str
) -> tuple[Take, Recorder, str]:
    """Start the DAW under a daemon that is waiting for it, and stop it after some bars."""
    log = folder / "heard.txt"
    with (
        source(),
        Daemon(folder, *FLAGS, *flags) as daemon,
        Recorder(log, CLOCK_PORT, DAEMON_PORT) as recorder,
    ):
        wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
        time.sleep(1.0)
        transport("play")
        time.sleep((bars - 0.1) * 2.0)  # not on a downbeat: the grid would end with it
        transport("stop")
        wait_for("the Stop", lambda: any(it.message == STOP for it in recorder.heard()))
        time.sleep(0.5)
        terminal = daemon.terminal
        return Take(recorder), recorder, terminal


@pytest.mark.parametrize("midi_system", ["jack", "rtmidi-jack"])
def test_from_the_pulse_after_start_to_stop_hits_lie_on_the_sixteenths_of_a_jittery_clock(
    tmp_path: Path, midi_clock_source: MidiClockSource, transport: Transport, midi_system: str
) -> None:
    source = partial(midi_clock_source, "-b", "120", "-J", "10")
    take, recorder, terminal = play_along(
        tmp_path, source, transport, 3, "--midi-system", midi_system
    )
    assert len(take.notes) >= 12
    assert take.notes[0].seconds <= take.pulses[PULSES_PER_STEP * 4]
    assert all(take.start <= note.seconds <= take.stop + 0.02 for note in take.notes)
    off = [abs(take.off_grid_seconds(note)) for note in take.notes]
    step_seconds = statistics.median(
        later - earlier for earlier, later in itertools.pairwise(take.grid)
    )
    assert statistics.median(off) < step_seconds / 16
    assert statistics.quantiles(off, n=20)[-1] < step_seconds / 4
    assert recorder.hanging() == set()
    assert "▶  midi" in terminal
    assert "KICK AND HAT" not in terminal


def test_a_player_that_is_killed_under_a_rolling_clock_comes_back_on_the_grid(
    tmp_path: Path, midi_clock_source: MidiClockSource, transport: Transport
) -> None:
    with midi_clock_source("-b", "120"), Daemon(tmp_path, *FLAGS) as daemon:
        wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
        transport("play")
        wait_for("a locked clock", lambda: "▶  midi locked" in daemon.terminal)
        victim = daemon.player
        os.kill(victim, signal.SIGKILL)
        daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        with Recorder(tmp_path / "heard", CLOCK_PORT, DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
            clock = [it.seconds for it in recorder.heard(CLOCK_PORT) if it.message == CLOCK]
            notes = [it.seconds for it in recorder.notes_on()]
    period_seconds = (clock[-1] - clock[0]) / (len(clock) - 1)
    steps_apart = [(note - notes[0]) / period_seconds / PULSES_PER_STEP for note in notes]
    assert statistics.median(abs(apart - round(apart)) for apart in steps_apart) < 0.1
    to_a_pulse = [min(abs(note - pulse) for pulse in clock) for note in notes]
    assert statistics.median(to_a_pulse) < period_seconds / 4


def send_clock_to_our_control_port(server: JackServer) -> None:
    """What a DAW does when its sync is switched on for our port."""

    def port(name: str) -> str | None:
        return next((port for port in server.ports() or () if name in port), None)

    source = wait_for("the clock's port", lambda: port(CLOCK_PORT))
    ours = wait_for("our port", lambda: port("Polyrhythmia Control"))
    subprocess.run(["jack_connect", source, ours], env=server.environment, check=True)


def test_a_daw_that_syncs_our_control_port_is_followed_when_asked_to(
    tmp_path: Path,
    jack_server: JackServer,
    midi_clock_source: MidiClockSource,
    transport: Transport,
) -> None:
    flags = ("--no-synth", "--clock-in", "control", "--seed", "1")
    with (
        midi_clock_source("-b", "96"),
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
        send_clock_to_our_control_port(jack_server)
        transport("play")
        wait_for("a locked clock", lambda: "midi locked  96.0 bpm" in daemon.terminal)
        wait_for("notes", lambda: len(recorder.notes_on()) > 8)
        transport("stop")
        wait_for("the Stop", lambda: daemon.terminal.rstrip().rpartition("\n")[2].startswith("■"))
        assert daemon.terminal.count("a clock arrives there") == 0


def test_a_clock_at_our_control_port_that_nobody_asked_for_is_said_once(
    tmp_path: Path,
    jack_server: JackServer,
    midi_clock_source: MidiClockSource,
    transport: Transport,
) -> None:
    with midi_clock_source("-b", "96"), Daemon(tmp_path, "--no-synth", "--seed", "1") as daemon:
        send_clock_to_our_control_port(jack_server)
        transport("play")
        wait_for("a word on it", lambda: "--clock-in control to follow it" in daemon.terminal)
        wait_for("some bars", lambda: re.search(r"  [3-6]\.\d  rock", daemon.terminal))
        assert daemon.terminal.count("--clock-in control to follow it") == 1
        assert "internal  105.0 bpm" in daemon.terminal
