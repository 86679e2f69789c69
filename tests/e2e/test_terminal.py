"""A performer before a real terminal."""

import contextlib
import fcntl
import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, wait_for

CTRL_S, CTRL_Z = b"\x13", b"\x1a"
PLAY = (sys.executable, "-m", "polyrhythmia_live", "play", "--no-synth", "--seed", "3")


def environment(folder: Path, **others: str) -> dict[str, str]:
    homes = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return {**os.environ, **dict.fromkeys(homes, str(folder)), "TERM": "xterm", **others}


class Performer:
    """`polyrhythmia` on a terminal of its own; what it shows, and keys."""

    def __init__(
        self,
        folder: Path,
        command: tuple[str, ...] = PLAY,
        rows: int = 24,
        columns: int = 80,
        **others: str,
    ) -> None:
        self._seen, self.tty = os.openpty()
        termios.tcsetwinsize(self.tty, (rows, columns))
        self.before = termios.tcgetattr(self.tty)
        self.shown = ""
        self.process = subprocess.Popen(
            command,
            stdin=self.tty,
            stdout=self.tty,
            stderr=self.tty,
            env=environment(folder, **others),
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # as a terminal's shell has it
        )

    def press(self, keys: bytes) -> None:
        os.write(self._seen, keys)

    def sees(self, words: str) -> bool:
        """Whether the terminal has been sent these words since it was asked last."""
        while select.select([self._seen], [], [], 0.0)[0]:
            self.shown += os.read(self._seen, 1 << 16).decode(errors="replace")
        before, found, after = self.shown.partition(words)
        self.shown = after if found else before
        return bool(found)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGHUP)
        self.process.kill()
        self.process.wait()
        os.close(self._seen)
        os.close(self.tty)


@pytest.fixture
def performer(tmp_path: Path) -> Iterator[Performer]:
    performer = Performer(tmp_path)
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


def test_each_key_is_answered_also_those_that_do_nothing(performer: Performer) -> None:
    wait_for("the playhead", lambda: performer.sees("▼"))
    for key, answer in (
        (b"m", "m does nothing"),
        ("é".encode(), "é does nothing"),
        (b"\x1b[15~", "that key does nothing"),
        (b"n", "now: no genre or section waits"),
        (b"c", "continue: it plays already"),
        (b"s", "stopped"),
        (b"f", "fill: nothing plays"),
        (b"s", "stop: nothing plays"),  # not right after the first: a key that is held down
        (b"b", "break: nothing plays"),
        (b"x", "crash: nothing plays"),
        (b"e", "end on one: nothing plays"),
        (b"{", "pull: nothing plays"),
        (b">", "over 8 bars, from the start on"),
        (b" ", "from the top"),
    ):
        performer.press(key)
        wait_for(f"an answer to {key!r}", partial(performer.sees, answer))


def test_the_help_can_be_read_to_its_end_on_a_low_terminal(tmp_path: Path) -> None:
    performer = Performer(tmp_path, rows=12)
    wait_for("the song", lambda: performer.sees("▶"))
    performer.press(b"?")
    wait_for("its first page", lambda: performer.sees("? for more (1 of "))

    def turns_the_page() -> bool:
        performer.press(b"?")
        time.sleep(0.3)  # or it would be a key that is held down
        return performer.sees("what was lost")

    wait_for("its last line", turns_the_page)
    performer.close()


def test_what_is_typed_in_any_letters_is_shown_and_does_no_harm(performer: Performer) -> None:
    wait_for("the playhead", lambda: performer.sees("▼"))
    performer.press(":genre bosé日".encode())
    wait_for("what was typed", lambda: performer.sees(":genre bosé日"))
    performer.press(b"\r")
    wait_for("an answer", lambda: performer.sees("got 'bosé日'"))
    performer.press(b":tempo 140 over 8\r")
    wait_for("the ramp", lambda: performer.sees("to 140.0 bpm over 8 bars"))


def test_a_second_one_is_refused_before_it_says_anything_else(
    performer: Performer, tmp_path: Path
) -> None:
    wait_for("the song", lambda: performer.sees("▶"))
    second = subprocess.run(PLAY, env=environment(tmp_path), capture_output=True, text=True)
    assert second.returncode == 1
    assert second.stdout == ""
    assert "polyrhythmia is already playing" in second.stderr


def test_the_shell_has_the_terminal_back_at_ctrl_z_and_the_keys_work_again_at_fg(
    tmp_path: Path,
) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash, for its jobs")
    shell = Performer(tmp_path, ("bash", "--norc", "--noprofile", "-i"), PS1="prompt> ")
    wait_for("the shell", lambda: shell.sees("prompt> "))
    shell.press(shlex.join(PLAY).encode() + b"\n")
    wait_for("the playhead", lambda: shell.sees("▼"))
    shell.press(CTRL_Z)
    wait_for("the shell", lambda: shell.sees("Stopped"))
    wait_for("its prompt", lambda: shell.sees("prompt> "))
    shell.press(b"echo $((6 * 7))\n")
    wait_for("an echo", lambda: shell.sees("42"))
    shell.press(b"bg\n")
    wait_for("its prompt", lambda: shell.sees("prompt> "))
    shell.press(b"sleep 1; echo $((7 * 7))\n")  # so long it plays on unseen
    wait_for("an echo", lambda: shell.sees("49"))
    assert not shell.sees("▼")
    shell.press(b"fg\n")
    wait_for("the playhead", lambda: shell.sees("▼"))
    shell.press(b"=")
    wait_for("an answer", lambda: shell.sees("intensity 55%"))
    shell.press(b"q")
    wait_for("the shell", lambda: shell.sees("prompt> "))
    shell.close()


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "koi8-r"])
def test_it_plays_on_a_terminal_of_any_character_set(charset: str, tmp_path: Path) -> None:
    performer = Performer(tmp_path, PYTHONIOENCODING=charset)
    wait_for("the grid", lambda: performer.sees("closed hat"))
    performer.press(b"=")
    wait_for("an answer", lambda: performer.sees("intensity 55%"))
    performer.press(b"q")
    assert performer.process.wait(PATIENCE_SECONDS) == 0
    performer.close()


@pytest.mark.parametrize("ending", [">&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_it_plays_where_nothing_can_be_shown(ending: str, tmp_path: Path) -> None:
    state = tmp_path / "polyrhythmia" / "default.state"
    process = subprocess.Popen(
        ["sh", "-c", f"exec {shlex.join(PLAY[:-2])} {ending}"], env=environment(tmp_path)
    )
    wait_for("a bar that was played", lambda: state.exists())
    assert process.poll() is None
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
