"""A performer before a real terminal."""

import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, wait_for

CTRL_S = b"\x13"


class Performer:
    """`polyrhythmia` on a terminal of its own; what it shows, and keys."""

    def __init__(self, folder: Path, runtime: Path, *arguments: str) -> None:
        self._seen, self.tty = os.openpty()
        termios.tcsetwinsize(self.tty, (24, 80))
        self.before = termios.tcgetattr(self.tty)
        self.shown = ""
        homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(folder))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "polyrhythmia_live", *arguments],
            stdin=self.tty,
            stdout=self.tty,
            stderr=self.tty,
            env={**os.environ, **homes, "XDG_RUNTIME_DIR": str(runtime), "TERM": "xterm"},
            cwd=folder,
            start_new_session=True,
        )

    def press(self, keys: bytes) -> None:
        os.write(self._seen, keys)

    def sees(self, words: str) -> bool:
        """Whether the terminal has been sent these words since it was asked last."""
        while select.select([self._seen], [], [], 0.0)[0]:
            self.shown += os.read(self._seen, 1 << 16).decode()
        before, found, after = self.shown.partition(words)
        self.shown = after if found else before
        return bool(found)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._seen)
        os.close(self.tty)


@pytest.fixture
def performer(tmp_path: Path) -> Iterator[Performer]:
    performer = Performer(tmp_path, tmp_path, "play", "--no-synth", "--seed", "3")
    yield performer
    performer.close()


def test_the_drummer_is_seen_and_a_key_is_answered(performer: Performer) -> None:
    wait_for("the playhead", lambda: performer.sees("▼"))
    performer.press(b"=")
    wait_for("an answer", lambda: performer.sees("intensity 55%"))
    performer.press(b"f")
    wait_for("the fill", lambda: performer.sees("fill"))
    performer.press(b"q")
    assert performer.process.wait(PATIENCE_SECONDS) == 0
    assert termios.tcgetattr(performer.tty) == performer.before


@pytest.mark.parametrize("end", [b"q", signal.SIGTERM])
def test_it_ends_also_while_ctrl_s_holds_the_terminal(
    performer: Performer, end: bytes | signal.Signals
) -> None:
    wait_for("the playhead", lambda: performer.sees("▼"))
    performer.press(CTRL_S)
    time.sleep(0.5)  # something is there to be shown
    if isinstance(end, bytes):
        performer.press(end)
    else:
        performer.process.send_signal(end)
    assert performer.process.wait(PATIENCE_SECONDS) == 0
