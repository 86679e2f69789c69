"""Lanes of the real daemon, muted and locked from a shell, on a real JACK port."""

import os
import signal
import time
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_desk import ctl
from tests.e2e.test_performing import BAR_SECONDS, DAEMON_PORT, a_daemon, until_it_plays

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

KICK, HATS = 36, (42, 44, 46)


def struck(recorder: Recorder, since_seconds: float = 0.0) -> set[int]:
    return {note.message[1] for note in recorder.notes_on(since_seconds)}


def test_a_muted_kick_is_silent_until_it_is_heard_again_whoever_crashes(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as daemon:
        with Recorder(tmp_path / "before", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            assert ctl(tmp_path, "ctl", "mute", "kick")[1].startswith("kick muted at ")
            muted = time.monotonic()
            wait_for("some hats", lambda: struck(recorder, muted + BAR_SECONDS) & set(HATS))
            assert KICK not in struck(recorder, muted)
            victim = daemon.player
            os.kill(victim, signal.SIGKILL)
            daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        with Recorder(tmp_path / "after", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            assert KICK not in struck(recorder)
            assert ctl(tmp_path, "ctl", "unmute")[1].startswith("drums unmuted at ")
            wait_for("the kick", lambda: KICK in struck(recorder))
            for words, answer in (
                ("lock hats", "closed hat, open hat locked at "),
                ("level kick 80%", "kick level 80% from "),
                ("solo toms", "solo low tom, mid tom, high tom at "),
            ):
                code, said = ctl(tmp_path, "ctl", "say", words)
                assert (code, said[: len(answer)]) == (0, answer)
            assert daemon.end()[0] == 0
            time.sleep(0.1)
            assert recorder.hanging() == set()
