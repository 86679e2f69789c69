"""A private JACK server without a sound card, on which real MIDI ports can be opened."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

START_SECONDS = 10.0
FRAMES_PER_SECOND = 48_000
PERIOD_FRAMES = 64
"""Messages move once per period, so the period is short. The price: a client that misses a period
loses its messages."""

# libjack knows eight servers per machine, and one that is killed leaves its place taken for good.
# So names are reused, and a lock gives test runs side by side a name each. One place is left for
# the machine's own server. A worker of pytest holds up to three (its session's, its module's, its
# test's own), so two workers never wait; where more run side by side, one waits for another's end.
SERVER_NAMES = tuple(f"polyrhythmia-test-{number}" for number in range(7))
NAME_SECONDS = 60.0


ORDINARY = ("-r",)
REAL_TIME = ("-R", "-P", "60", "-S")
"""For peers in processes of their own, which lose less with it, and less again where the server
waits for a client that is late (`-S`; following a jittery clock for 6 s beside two busy loops: 2 of
6 takes whole without, 9 of 12 with it). Not for rtmidi inputs that a test
closes itself while messages arrive: JACK's thread, which then runs more often, crashes when it just
waits to call what `close_port` frees. Ours wait until it is quiet (`midi.inputs`)."""


class JackServer:
    """`jackd` on its dummy driver; `environment` makes other processes use it."""

    def __init__(
        self, name: str, lock: IO[bytes], priority: tuple[str, ...], period_frames: int
    ) -> None:
        self.name = name
        self.environment = {
            **os.environ,
            "JACK_DEFAULT_SERVER": name,
            "JACK_NO_START_SERVER": "1",
        }
        self._lock = lock
        self._priority = priority
        self._period_frames = period_frames
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self.start()

    def start(self) -> None:
        """Start it, again after `stop`: the name stays ours in between."""
        # Real-time priority, where the system grants it, leaves the loss of messages to very busy
        # machines (following a clock for 8 s: 2 of 6 runs lost something without, 0 of 6 with it).
        # The server inherits the lock: if it outlives us, its name stays taken.
        driver = ["dummy", "-r", str(FRAMES_PER_SECOND), "-p", str(self._period_frames)]
        self._process = subprocess.Popen(
            ["jackd", "-n", self.name, *self._priority, "-d", *driver],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=self.environment,
            pass_fds=(self._lock.fileno(),),
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.ports() is not None:
                return
            time.sleep(0.05)
        self.stop()
        self._log.seek(0)
        raise RuntimeError(f"jackd did not start: {self._log.read().decode(errors='replace')}")

    def ports(self) -> list[str] | None:
        """All JACK ports, or None when the server does not answer."""
        listing = subprocess.run(
            ["jack_lsp"], env=self.environment, capture_output=True, text=True, check=False
        )
        return listing.stdout.splitlines() if listing.returncode == 0 else None

    def stop(self) -> None:
        """End it as an operator would: SIGKILL would take the name for good."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)

    def stand_still(self) -> None:
        """As in a debugger: it neither plays nor answers, until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)


def is_installed() -> bool:
    """Whether the server and the program that lists its ports are there."""
    return shutil.which("jackd") is not None and shutil.which("jack_lsp") is not None


@contextmanager
def running_jack_server(
    priority: tuple[str, ...] = ORDINARY, period_frames: int = PERIOD_FRAMES
) -> Iterator[JackServer]:
    """A server of one's own."""
    with _locked_name() as (name, lock):
        server = JackServer(name, lock, priority, period_frames)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _locked_name() -> Iterator[tuple[str, IO[bytes]]]:
    deadline = time.monotonic() + NAME_SECONDS
    while time.monotonic() < deadline:
        for name in SERVER_NAMES:
            with Path(tempfile.gettempdir(), f"{name}.lock").open("wb") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield name, lock
                return
        time.sleep(0.1)
    raise RuntimeError(f"{len(SERVER_NAMES)} test servers have been running for {NAME_SECONDS} s")
