"""The memory of the real daemon: a groove that is there after everything was killed."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.performance import read_performance
from polyrhythmia_live.messages import Rung
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.supervisor.process import BRAIN_MODULE
from polyrhythmia_live.testing.daemon import Daemon, lives, wait_for
from polyrhythmia_live.testing.recorder import Recorder
from polyrhythmia_live.testing.takes import DAEMON_PORT
from tests.e2e.test_desk import client_of, ctl

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

BPM = 180
STEP_SECONDS = 60 / BPM / 4
BAR = 16
FLAGS = ("--no-synth", "--bpm", str(BPM), "--humanise", "0")


def obeyed(client: DeskClient, **request: Any) -> int:
    """Ask the desk; the step from which it holds."""
    (news,) = client.ask(**request)["news"]
    assert "applied" in news, news
    step: int = news["step"]
    return step


def newest_log(folder: Path) -> Path:
    return max((folder / "polyrhythmia" / "performances").glob("*.jsonl"))


def bar_at_the_receiver(folder: Path, recorder: Recorder, line: int) -> list[tuple[int, bytes]]:
    """The note-ons that a drum machine hears in a bar, each with its step in it.

    It is looked for until the log has the bar's end.
    """

    def timeline() -> Timeline | None:
        performance = read_performance(newest_log(folder))
        if not any(it.step.index == line + BAR for it in performance.sounded):
            return None
        return [it for it in performance.events if isinstance(it, Timeline)][-1]

    found = wait_for("the bar's end in the log", timeline)
    first_seconds = found.time_at(line * TICKS_PER_STEP)
    heard = []
    for note in recorder.notes_on():
        step = int((note.seconds - first_seconds) / STEP_SECONDS + 0.25)
        if 0 <= step < BAR and note.seconds > first_seconds - STEP_SECONDS / 4:
            heard.append((step, note.message))
    return heard


def kill_everything(daemon: Daemon) -> None:
    family = (daemon.pid, daemon.player, daemon.brain, daemon.desk)
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    daemon.wait()
    wait_for("their end", lambda: not any(map(lives, family)))


def test_the_verse_that_was_remembered_is_there_after_everything_was_killed(tmp_path: Path) -> None:
    with (
        Daemon(tmp_path, *FLAGS, "--seed", "3") as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        client = client_of(tmp_path)
        wait_for("some bars", lambda: client.snapshot().tick > 20 * TICKS_PER_STEP)
        step = obeyed(client, fire="remember", word="verse")
        remembered = bar_at_the_receiver(tmp_path, recorder, (step - 1) // BAR * BAR)
        kill_everything(daemon)
    assert remembered
    time.sleep(1.1)  # a log is named by the second
    with (
        Daemon(tmp_path, *FLAGS, "--seed", "4", "--genre", "jazz") as daemon,
        Recorder(tmp_path / "heard again", DAEMON_PORT) as recorder,
    ):
        client = client_of(tmp_path)
        wait_for("a beat", lambda: client.snapshot().tick > 4 * TICKS_PER_STEP)
        assert ctl(tmp_path, "ctl", "remembered") == (0, "verse\n")
        line = obeyed(client, fire="recall", word="verse")
        assert bar_at_the_receiver(tmp_path, recorder, line) == remembered
        assert dict(client.snapshot().levels)["genre"] == (("rock", 1.0),)
        assert daemon.end()[0] == 0


def test_a_brain_that_is_killed_while_it_keeps_a_bar_goes_on_keeping_it(tmp_path: Path) -> None:
    with (
        Daemon(tmp_path, *FLAGS, "--seed", "3") as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        client = client_of(tmp_path)
        wait_for("some bars", lambda: client.snapshot().tick > 20 * TICKS_PER_STEP)
        line = obeyed(client, fire="keep")
        kept = bar_at_the_receiver(tmp_path, recorder, line)
        victim = daemon.brain
        os.kill(victim, signal.SIGKILL)
        daemon.wait_for_another(BRAIN_MODULE, victim)

        def is_planned() -> bool:
            status = client.snapshot().status
            return status is not None and status.rung is Rung.PLAN

        wait_for("the cue", lambda: "keep" in [it.name for it in client.snapshot().cues])
        wait_for("its plan", is_planned)
        later = client.snapshot().tick // TICKS_PER_STEP // BAR * BAR + BAR
        assert bar_at_the_receiver(tmp_path, recorder, later + BAR) == kept
        assert daemon.end()[0] == 0
