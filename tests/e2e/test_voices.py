"""A voice beside the drums of the real daemon, led from a shell, on a real JACK port."""

import json
import os
import signal
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_desk import ctl
from tests.e2e.test_performing import DAEMON_PORT, a_daemon, until_it_plays

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

CRASH = 49


def test_a_bell_comes_in_plays_on_without_its_player_and_leaves(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon:
        with Recorder(tmp_path / "before", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            wait_for("the desk", lambda: ctl(tmp_path, "ctl", "status")[0] == 0)
            code, said = ctl(tmp_path, "ctl", "voice", "bell", "7:4", "crash")
            assert (code, said.split(" at ")[0]) == (0, "voice bell 7:4 crash")

            def bells() -> list[float]:
                return [note.seconds for note in recorder.notes_on() if note.message[1] == CRASH]

            wait_for("bells", lambda: len(bells()) > 12)
            status = json.loads(ctl(tmp_path, "ctl", "status", "--json")[1])["status"]
            assert [part["name"] for part in status["parts"]] == ["bell"]
            victim = daemon.player
            os.kill(victim, signal.SIGKILL)
            daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        with Recorder(tmp_path / "after", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            wait_for("bells again", lambda: len(bells()) > 6)
            code, said = ctl(tmp_path, "ctl", "voice", "bell", "off")
            assert (code, said.split(" at ")[0]) == (0, "voice bell off")
            code, said = ctl(tmp_path, "ctl", "voice", "bell", "7:4", "ukulele")
            assert code != 0
            assert "ukulele" in said
            assert daemon.end()[0] == 0
            assert recorder.hanging() == set()
