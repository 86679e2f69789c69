"""A private PulseAudio without a sound card: a null sink, which takes time as a card does."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 10.0


class PulseServer:
    """`pulseaudio` with its files in a folder; `address` is for $PULSE_SERVER."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "native"
        self.address = f"unix:{self._socket}"
        places = ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH")
        self._environment = {**os.environ, **dict.fromkeys(places, str(folder))}
        self.start()

    def start(self) -> None:
        """Start it, again after `stop`."""
        self._socket.unlink(missing_ok=True)
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"
        flags = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1")
        self._process = subprocess.Popen(
            ["pulseaudio", *flags, "-L", "module-null-sink", "-L", protocol],
            env=self._environment,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("pulseaudio did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)


def is_installed() -> bool:
    """Whether the server is there."""
    return shutil.which("pulseaudio") is not None


@contextmanager
def running_pulse_server(folder: Path) -> Iterator[PulseServer]:
    """A server of one's own."""
    server = PulseServer(folder)
    try:
        yield server
    finally:
        server.stop()
