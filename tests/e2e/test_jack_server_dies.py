"""The JACK server goes away under the daemon, or stands still, and comes back."""

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import Daemon, lives, wait_for
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer, running_jack_server
from polyrhythmia_live.testing.recorder import Recorder
from tests.conftest import require_jack
from tests.wires.onsets import read_mono

DAEMON_PORT = "Polyrhythmia Out"
SYNTH_PORT = "Polyrhythmia Synth:left"
AUDIBLE = 300
STANDS_STILL = "MIDI server stands still"

pytestmark = pytest.mark.jack


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A server of the test's own: nobody else's may die."""
    require_jack()
    with running_jack_server(REAL_TIME) as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        monkeypatch.setenv("JACK_NO_START_SERVER", "1")
        yield server


def a_daemon(folder: Path, *flags: str) -> Daemon:
    return Daemon(folder, "--bpm", "160", "--seed", "3", *flags)


def test_when_the_midi_server_dies_the_song_goes_on_and_the_ports_return_with_it(
    tmp_path: Path, server: JackServer
) -> None:
    with a_daemon(tmp_path, "--no-synth") as daemon:
        # Not just any plan: on a very busy machine JACK lets nobody in for a while, and a port that
        # was never opened is not lost either.
        with Recorder(tmp_path / "before", DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
        player = daemon.player
        server.stop()
        wait_for("the loss to be shown", lambda: "MIDI server gone" in daemon.terminal)
        assert daemon.player == player
        server.start()
        with Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
            assert daemon.end()[0] == 0
            time.sleep(0.1)
            assert recorder.hanging() == set()
    assert "a fault of ours" not in daemon.terminal
    assert "Traceback" not in daemon.terminal


def test_when_the_sound_server_dies_the_synth_says_so_and_sounds_again_with_it(
    tmp_path: Path, server: JackServer
) -> None:
    with a_daemon(tmp_path, "--synth", "--audio-driver", "jack") as daemon:
        wait_for("the synth", lambda: SYNTH_PORT in (server.ports() or ()))
        wait_for("the song to roll", lambda: "▶" in daemon.terminal)
        server.stop()
        wait_for("the loss to be shown", lambda: "synth: sound server" in daemon.terminal)
        server.start()
        wait_for("its return", lambda: SYNTH_PORT in (server.ports() or ()))
        wait_for("its sound", lambda: max(recorded(tmp_path / "take.wav", server)) > AUDIBLE)
    assert "a fault of ours" not in daemon.terminal


def recorded(path: Path, server: JackServer) -> Sequence[int]:
    """A second of the synth, as level; silence where it has just gone once more."""
    flags = ("-f", str(path), "-d", "1", "-b", "16")
    ports = (SYNTH_PORT, SYNTH_PORT.replace("left", "right"))
    recording = subprocess.run(
        ["jack_rec", *flags, *ports], env=server.environment, capture_output=True, check=False
    )
    return (0,) if recording.returncode else read_mono(path)[0]


def test_while_the_midi_server_stands_still_the_synth_plays_on_and_nothing_spins(
    tmp_path: Path, server: JackServer
) -> None:
    flags = ("--density", "0.9", "--clock-out", DAEMON_PORT, "--synth", "--audio-driver", "file")
    with (
        a_daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        wait_for("notes", lambda: len(recorder.notes_on()) > 8)
        player = daemon.player
        sound = tmp_path / "fluidsynth.wav"
        server.stand_still()
        try:
            wait_for("it to be shown", lambda: STANDS_STILL in daemon.terminal)
            worked, played, began = daemon.seconds_at_work(), sound.stat().st_size, time.monotonic()
            time.sleep(1.0)
            busy = (daemon.seconds_at_work() - worked) / (time.monotonic() - began)
            with sound.open("rb") as file:
                file.seek(played)
                loudest = max(file.read(), default=0)
        finally:
            server.go_on()
        went_on = time.monotonic()
        wait_for("notes again", lambda: recorder.notes_on(went_on + 0.5))
        assert daemon.player == player
        assert busy < 0.9
        assert loudest > 0
        wait_for("the end of every note", lambda: not recorder.hanging())


def test_while_the_server_stands_still_the_daemon_ends_as_ever(
    tmp_path: Path, server: JackServer
) -> None:
    with a_daemon(tmp_path, "--no-synth") as daemon:
        with Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
        player = daemon.player
        server.stand_still()
        try:
            code, seconds = daemon.end()
            assert (code, lives(player)) == (0, False)
            assert seconds < 3.0
            wait_for("the end of what played to JACK", lambda: not playing_to_jack(tmp_path))
        finally:
            server.go_on()


@pytest.mark.parametrize("system", ["jack", "rtmidi-jack"])
def test_while_the_server_stands_still_nobody_outlives_a_supervisor_that_is_killed(
    system: str, tmp_path: Path, server: JackServer
) -> None:
    with a_daemon(tmp_path, "--no-synth", "--midi-system", system) as daemon:
        with Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
        family = (daemon.player, daemon.brain)
        server.stand_still()
        try:
            daemon.end(signal.SIGKILL)
            wait_for("their end", lambda: not any(map(lives, family)))
            wait_for("the end of what played to JACK", lambda: not playing_to_jack(tmp_path))
        finally:
            server.go_on()


def playing_to_jack(folder: Path) -> list[str]:
    """The processes of a daemon of this folder that fill JACK's periods."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
            environment = (process / "environ").read_text(errors="replace")
        except OSError:
            continue
        if "jack_process" in command and str(folder) in environment and lives(int(process.name)):
            found.append(process.name)
    return found


def test_started_before_a_server_that_stands_still_it_plays_there_when_the_server_goes_on(
    tmp_path: Path, server: JackServer
) -> None:
    server.stand_still()
    with a_daemon(tmp_path) as daemon:
        try:
            wait_for("the song to roll", lambda: "▶" in daemon.terminal)
        finally:
            server.go_on()
        with Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
            wait_for("notes", lambda: len(recorder.notes_on()) > 8)
    assert "Traceback" not in daemon.terminal
