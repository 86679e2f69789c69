"""What the daemon hears over JACK: clocks by their frames, and controllers that come and go."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.jack_listener import JackListener
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer, running_jack_server
from polyrhythmia_live.testing.recorder import Recorder
from polyrhythmia_live.testing.takes import CLOCK, CLOCK_PORT, DAEMON_PORT
from tests.conftest import require_jack

CONTROL_PORT = "Polyrhythmia Control:Polyrhythmia Control"
PERIOD_FRAMES = 1024
TEMPO_CC, SLOWEST_BPM = 27, 60

KEYS = """
import sys, rtmidi
port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keys")
port.open_virtual_port("out")
print("ready", flush=True)
for line in sys.stdin:
    port.send_message(bytes.fromhex(line))
"""

pytestmark = pytest.mark.jack


class Keys:
    """A controller in a process of its own: it can be unplugged, and outlives no server of ours."""

    def __init__(self, server: JackServer) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", KEYS],
            env=server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def turn_tempo_to(self, bpm: int, daemon: Daemon) -> None:
        """Turn the knob until the daemon says so: JACK loses what a busy client misses."""

        def turned() -> bool:
            assert self._process.stdin is not None
            for value in (0, 127, bpm - SLOWEST_BPM):  # it takes hold on its way
                self._process.stdin.write(f"b0{TEMPO_CC:02x}{value:02x}\n")
            self._process.stdin.flush()
            time.sleep(0.3)
            return f"{bpm}.0 bpm" in daemon.terminal.rstrip().rpartition("\n")[2]

        wait_for(f"{bpm} bpm", turned)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A server of the test's own: nobody else's may die."""
    require_jack()
    with running_jack_server(REAL_TIME) as server:
        use(server, monkeypatch)
        yield server


def use(server: JackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its children use it."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")


@contextmanager
def rolling_clock(server: JackServer, bpm: int) -> Iterator[None]:
    """Another program that sends clock, from when we listen to it on."""
    clock = subprocess.Popen(["jack_midi_clock", "-b", str(bpm)], stdout=subprocess.DEVNULL)
    try:
        ours = f"Polyrhythmia Control:from {CLOCK_PORT}"
        wait_for("us to listen", lambda: ours in (server.ports() or ()))
        transport = subprocess.Popen(
            ["jack_transport"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        with transport:
            assert transport.stdin is not None
            print("play", file=transport.stdin, flush=True)
            yield
            transport.kill()
    finally:
        clock.kill()
        clock.wait()


def test_hits_lie_where_the_pulses_do_that_are_followed_however_long_the_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_jack()
    flags = ("--no-synth", "--clock-in", CLOCK_PORT, "--humanise", "0", "--density", "100")
    with running_jack_server(REAL_TIME, PERIOD_FRAMES) as server:
        use(server, monkeypatch)
        with Daemon(tmp_path, *flags, "--seed", "1") as daemon:
            wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
            with (
                rolling_clock(server, 113),
                JackListener(tmp_path / "stream", CLOCK_PORT, DAEMON_PORT) as listener,
            ):
                wait_for("a locked clock", lambda: "▶  midi locked" in daemon.terminal)
                time.sleep(4.0)
                stream = listener.stream()
    pulses = stream.frames_of(CLOCK)
    hits = np.unique([it.frame for it in stream.notes_on(source=1) if it.frame > pulses[24]])
    off = np.abs(hits[:, None] - pulses[None, :]).min(axis=1)
    assert len(hits) > 16
    # Through rtmidi it is half a period. A busy machine's server loses time.
    assert np.median(off) < PERIOD_FRAMES / 10


def test_a_controller_that_was_unplugged_is_heard_again_when_it_returns(
    tmp_path: Path, server: JackServer
) -> None:
    flags = ("--no-synth", "--seed", "1", "--in", "keys")
    with Daemon(tmp_path, *flags) as daemon:
        wait_for("it to be waited for", lambda: "keys: waiting" in daemon.terminal)
        with Keys(server) as keys:
            keys.turn_tempo_to(93, daemon)
        wait_for("the loss", lambda: "keys:out: waiting" in daemon.terminal)
        with Keys(server) as keys:
            keys.turn_tempo_to(137, daemon)


def test_when_the_server_dies_clock_and_controllers_are_heard_again_on_the_next_one(
    tmp_path: Path, server: JackServer
) -> None:
    flags = ("--no-synth", "--seed", "1", "--clock-in", CLOCK_PORT)
    with Daemon(tmp_path, *flags) as daemon:
        with rolling_clock(server, 97):
            wait_for("a locked clock", lambda: "▶  midi locked  97.0 bpm" in daemon.terminal)
            server.stop()
            wait_for("the loss", lambda: "MIDI server gone" in daemon.terminal)
        server.start()
        wait_for("our port", lambda: CONTROL_PORT in (server.ports() or ()))
        with rolling_clock(server, 131), Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
            wait_for("a locked clock", lambda: "▶  midi locked  131.0 bpm" in daemon.terminal)
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
    assert "Traceback" not in daemon.terminal


def test_a_knob_on_our_control_port_is_heard_before_and_after_the_servers_death(
    tmp_path: Path, server: JackServer
) -> None:
    def plug_in() -> None:
        wait_for("our port", lambda: CONTROL_PORT in (server.ports() or ()))
        connect = ["jack_connect", "keys:out", CONTROL_PORT]
        subprocess.run(connect, env=server.environment, check=True)

    with Daemon(tmp_path, "--no-synth", "--seed", "1") as daemon:
        with Keys(server) as keys:
            plug_in()
            keys.turn_tempo_to(93, daemon)
            server.stop()
            wait_for("the loss", lambda: "MIDI server gone" in daemon.terminal)
        server.start()
        with Keys(server) as keys:
            plug_in()
            keys.turn_tempo_to(137, daemon)
