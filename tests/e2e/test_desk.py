"""The desk of the real daemon: what a shell asks for, and who may crash without being heard."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido
import pytest

from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.performance import Performance, read_performance
from polyrhythmia_live.errors import NothingPlays
from polyrhythmia_live.messages import SetLevel
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.supervisor.process import BRAIN_MODULE, DESK_MODULE
from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, Daemon, lives, wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_performing import BAR_SECONDS, BPM, DAEMON_PORT, a_daemon, until_it_plays
from tests.e2e.test_terminal import Performer

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

DAEMON_FLAGS = ("--no-synth", "--bpm", str(BPM), "--seed", "3")


def ctl(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and all that `polyrhythmia` printed, beside a daemon of this folder."""
    homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(folder))
    found = subprocess.run(
        [sys.executable, "-m", "polyrhythmia_live", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=folder,
        timeout=PATIENCE_SECONDS,
        env={**os.environ, **homes, "XDG_RUNTIME_DIR": str(folder / "runtime")},
    )
    return found.returncode, found.stdout


def client_of(folder: Path) -> DeskClient:
    def connect() -> DeskClient | None:
        with contextlib.suppress(NothingPlays):
            return DeskClient(folder / "runtime" / "polyrhythmia.sock")
        return None

    return wait_for("the desk", connect)


def log_of(folder: Path) -> Path:
    (log,) = (folder / "polyrhythmia" / "performances").glob("*.jsonl")
    return log


def test_a_shell_plays_along_and_is_told_what_became_of_it(tmp_path: Path) -> None:
    code, said = ctl(tmp_path, "ctl", "fill")
    assert code == 1
    assert said.startswith("polyrhythmia: nothing plays")
    with a_daemon(tmp_path) as daemon:
        client = client_of(tmp_path)
        for arguments, words in (
            (["set", "density", "70%"], "density 70% from "),
            (["set", "density", "70"], "unchanged: density 70%"),
            (["set", "genre", "funk"], "genre funk from "),
            (["fill"], "fill at "),
            (["half-time"], "half time at "),
            (["say", "tempo 120 -> 140 over 8 bars"], "tempo 140.0 bpm over 8 bars from "),
            (["stop"], "stop at "),
        ):
            code, said = ctl(tmp_path, "ctl", *arguments)
            assert (code, said.count("\n")) == (0, 1), said
            assert words in said
        code, said = ctl(tmp_path, "ctl", "status")
        assert code == 0
        assert "■ stopped" in said
        assert "funk" in said
        assert json.loads(ctl(tmp_path, "ctl", "status", "--json")[1])["status"]["clock"]
        code, said = ctl(tmp_path, "ctl", "set", "densty", "3")
        assert code == 1
        assert "did you mean density" in said
        assert client.snapshot().status is not None
        assert daemon.end()[0] == 0


def test_what_plays_is_saved_and_played_again_as_it_was(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon:
        client = client_of(tmp_path)
        wait_for("a bar", lambda: client.snapshot().tick > 20 * TICKS_PER_STEP)
        for words in ("density 62%", "swing8 66", "tempo 131"):
            assert ctl(tmp_path, "ctl", "say", words)[0] == 0
        code, said = ctl(tmp_path, "ctl", "save", "My", "Verse")
        assert code == 0, said
        assert "rock at 131 bpm" in said
        assert "play --preset my-verse\n" in said
        levels = dict(client.snapshot().levels)
        code, said = ctl(tmp_path, "ctl", "save", "my verse")
        assert (code, said.count("\n")) == (1, 1), said
        assert "there is a preset my-verse" in said
        assert daemon.end()[0] == 0
    preset = json.loads(ctl(tmp_path, "presets", "--json")[1])["my-verse"]
    assert preset["bpm"] == 131
    assert preset["levels"] == {name: levels[name] for name in DRUMMER_LEVELS}
    assert (preset["levels"]["density"], preset["levels"]["swing8"]) == (0.62, 0.66)
    code, said = ctl(tmp_path, "render", "--preset", "my verse", "again.jsonl", "--bars", "2")
    assert code == 0, said
    about = json.loads((tmp_path / "again.jsonl").read_text().splitlines()[0])
    assert about["bpm"] == 131
    with Daemon(tmp_path, "--no-synth", "--preset", "my-verse") as daemon:
        client = client_of(tmp_path)
        wait_for("the song", lambda: client.snapshot().tick > 0)
        assert dict(client.snapshot().levels) == levels
        assert daemon.end()[0] == 0


def test_a_service_says_its_line_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with Daemon(tmp_path, *DAEMON_FLAGS, command="serve") as daemon:
        client = client_of(tmp_path)
        wait_for("the song", lambda: client.snapshot().tick > 0)
        assert daemon.terminal.startswith("rock on the internal clock, seed 3")
        assert "▶" not in daemon.terminal
        code, seconds = daemon.end(signal.SIGTERM)
        assert code == 0
        assert seconds < 1.5
        assert not (tmp_path / "runtime" / "polyrhythmia.sock").exists()


def test_a_service_manager_hears_when_it_plays_that_it_lives_and_when_it_ends(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        address = tmp_path / "notify"
        manager.bind(str(address))
        manager.settimeout(PATIENCE_SECONDS)
        asked = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1000000"}
        with Daemon(tmp_path, *DAEMON_FLAGS, environment=asked, command="serve") as daemon:
            while (word := manager.recv(100)) != b"READY=1":
                assert word == b"WATCHDOG=1"
            client = client_of(tmp_path)
            assert client.snapshot().status is not None
            assert [manager.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            daemon.end()
            while (word := manager.recv(100)) != b"STOPPING=1":
                assert word == b"WATCHDOG=1"


def gaps(recorder: Recorder, since_seconds: float) -> list[float]:
    times = [since_seconds, *(note.seconds for note in recorder.notes_on(since_seconds))]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def test_a_desk_that_is_killed_comes_back_and_nobody_hears_it(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client_of(tmp_path).close()
        player, brain = daemon.player, daemon.brain
        for _ in range(2):
            victim = daemon.desk
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            daemon.wait_for_another(DESK_MODULE, victim)
            client = client_of(tmp_path)
            assert client.ask(say="crash")["answer"].startswith("crash at ")
            time.sleep(2 * BAR_SECONDS)
            assert max(gaps(recorder, killed)) < BAR_SECONDS
        assert (daemon.player, daemon.brain) == (player, brain)
        assert daemon.end()[0] == 0
    sounded = read_performance(log_of(tmp_path)).sounded
    indices = [it.step.index for it in sounded]
    assert indices == sorted(set(indices))
    assert len(indices) > 0.8 * indices[-1]


def test_a_desk_that_stands_still_holds_nobody_up(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client_of(tmp_path).close()
        os.kill(daemon.desk, signal.SIGSTOP)
        stopped = time.monotonic()
        time.sleep(3 * BAR_SECONDS)
        assert max(gaps(recorder, stopped)) < BAR_SECONDS
        code, seconds = daemon.end()
        assert code == 0
        assert seconds <= 1.5


def test_a_desk_and_a_brain_that_hang_are_replaced_and_nobody_hears_it(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client_of(tmp_path).close()
        player, brain, desk = daemon.player, daemon.brain, daemon.desk
        hung = time.monotonic()
        for victim in (brain, desk):
            os.kill(victim, signal.SIGSTOP)
        for module, victim in ((BRAIN_MODULE, brain), (DESK_MODULE, desk)):
            daemon.wait_for_another(module, victim)
        wait_for("a line about the brain", lambda: "brain hung" in daemon.terminal)
        wait_for("a line about the desk", lambda: "desk hung" in daemon.terminal)
        assert "61%" in client_of(tmp_path).ask(say="density 61%")["answer"]
        assert max(gaps(recorder, hung)) < BAR_SECONDS
        assert daemon.player == player
        assert daemon.end()[0] == 0


def test_when_the_whole_machine_was_asleep_nobody_has_hung(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client_of(tmp_path).close()
        family = (daemon.pid, daemon.player, daemon.brain, daemon.desk)
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(1.5)
        for pid in family:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)
        went_on = time.monotonic()
        wait_for("notes again", lambda: recorder.notes_on(went_on + 0.5))
        assert (daemon.pid, daemon.player, daemon.brain, daemon.desk) == family
        assert daemon.end()[0] == 0


def test_a_client_that_sends_a_gigabyte_is_shown_the_door(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        client = client_of(tmp_path)
        began = time.monotonic()
        sent = 0
        with socket.socket(socket.AF_UNIX) as hostile, contextlib.suppress(OSError):
            hostile.connect(str(tmp_path / "runtime" / "polyrhythmia.sock"))
            while sent < 1 << 30:
                sent += hostile.send(b"x" * (1 << 20))
        assert sent < 16 << 20
        assert client.ask(fire="fill")["answer"].startswith("fill at ")
        time.sleep(BAR_SECONDS)
        assert max(gaps(recorder, began)) < BAR_SECONDS
        assert daemon.end()[0] == 0


def an_attached(folder: Path) -> Performer:
    command = (sys.executable, "-m", "polyrhythmia_live", "attach")
    return Performer(folder, command, XDG_RUNTIME_DIR=str(folder / "runtime"))


def until_seen(terminal: Performer, words: str) -> None:
    wait_for(words, lambda: terminal.sees(words))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with a_daemon(tmp_path) as daemon:
        client_of(tmp_path).close()
        yield daemon


def test_two_terminals_come_and_go_and_one_that_stands_still_holds_up_nobody(
    daemon: Daemon, tmp_path: Path
) -> None:
    one, two = (an_attached(tmp_path) for _ in range(2))
    try:
        for terminal in (one, two):
            until_seen(terminal, "▼")
        one.press(b"=")
        for terminal in (one, two):
            until_seen(terminal, "intensity 55%")
        os.kill(two.process.pid, signal.SIGSTOP)
        one.press(b"-")
        until_seen(one, "intensity 50%")
        os.kill(daemon.desk, signal.SIGKILL)
        until_seen(one, "desk lost")
        wait_for("the desk again", lambda: not one.sees("desk lost") and one.sees("▼"))
        os.kill(two.process.pid, signal.SIGCONT)
        one.press(b"x")
        for terminal in (one, two):
            until_seen(terminal, "crash")
        for terminal in (one, two):
            terminal.press(b"q")
            until_seen(terminal, "left: the drummer plays on")
            assert terminal.process.wait(PATIENCE_SECONDS) == 0
        assert lives(daemon.player)
        assert lives(daemon.pid)
    finally:
        one.close()
        two.close()


def test_when_the_performance_ends_a_terminal_on_it_says_so(daemon: Daemon, tmp_path: Path) -> None:
    terminal = an_attached(tmp_path)
    try:
        until_seen(terminal, "▼")
        daemon.end()
        until_seen(terminal, "the performance has ended")
        assert terminal.process.wait(PATIENCE_SECONDS) == 1
    finally:
        terminal.close()


def heard_hits(performance: Performance) -> dict[int, int]:
    return {it.step.index: len(it.step.hits) for it in performance.sounded}


def test_what_was_played_is_there_afterwards_with_nothing_armed_before(
    daemon: Daemon, tmp_path: Path
) -> None:
    client = client_of(tmp_path)
    client.ask(set="density", value=0.9)
    wait_for("five bars", lambda: client.snapshot().tick > 5 * 4 * 6720)
    code, said = ctl(tmp_path, "ctl", "capture", "2", "last.mid")
    assert code == 0, said
    file: Any = mido.MidiFile(tmp_path / "last.mid")
    notes = [message for message in file if message.type == "note_on"]
    assert len(notes) > 20
    assert file.length == pytest.approx(2 * BAR_SECONDS, abs=0.2)
    assert daemon.end()[0] == 0
    performance = read_performance(log_of(tmp_path))
    assert performance.passed_over == 0
    steps = list(heard_hits(performance))
    assert steps == list(range(len(steps)))
    (density,) = (it for it in performance.applied if it.command.name == "density")
    assert isinstance(density.command, SetLevel)
    for target in ("one.mid", "two.mid"):
        assert ctl(tmp_path, "replay", str(log_of(tmp_path)), target)[0] == 0
    assert (tmp_path / "one.mid").read_bytes() == (tmp_path / "two.mid").read_bytes()
    assert ctl(tmp_path, "capture", "1", "end.jsonl")[0] == 0
    assert ctl(tmp_path, "replay", "--from-bar", "2", "--to-bar", "3", str(log_of(tmp_path)),
               "part.jsonl")[0] == 0  # fmt: skip
    lines = (tmp_path / "part.jsonl").read_text().splitlines()[1:]
    assert len(lines) == sum(heard_hits(performance)[step] for step in range(16, 48))
