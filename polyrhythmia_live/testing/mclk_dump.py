"""`jack_mclk_dump`, a follower that others wrote: what it makes of a clock."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Self

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND, JackServer

OWN_PORT = "jack_mclk_dump:mclk_in"


class MclkDump:
    """The program on the output whose name contains `source`; it prints into a file."""

    def __init__(self, file: Path, source: str, server: JackServer) -> None:
        self._file = file
        with file.open("wb") as output:
            self._process = subprocess.Popen(
                ["jack_mclk_dump", "--newline"], env=server.environment, stdout=output
            )
        wait_for("jack_mclk_dump", lambda: OWN_PORT in (server.ports() or ()))
        port = next(name for name in server.ports() or () if source in name)
        subprocess.run(["jack_connect", port, OWN_PORT], env=server.environment, check=True)

    @property
    def events(self) -> list[str]:
        """`start`, `continue` and `stop`, as they came."""
        return re.findall(r"EVENT \(0x\w\w\) (\w+)", self._text)

    @property
    def pulses_seconds(self) -> list[float]:
        """When the pulses came since the last event, by JACK's count of frames."""
        since = self._text.rpartition("EVENT")[2]
        frames = re.findall(r"CLK cur:.*@ *(\d+)", since)
        return [int(frame) / FRAMES_PER_SECOND for frame in frames]

    @property
    def tempo_bpm(self) -> float:
        """The mean over those (its own loop takes many seconds to settle)."""
        pulses = self.pulses_seconds
        return 60 * (len(pulses) - 1) / (pulses[-1] - pulses[0]) / 24

    @property
    def _text(self) -> str:
        return self._file.read_text(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
