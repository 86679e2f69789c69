"""A second peer, in a process of its own: it knows nothing of our code but how to be asked.

Run as `python -m polyrhythmia_live.testing.link_peer`: a line of JSON is a command with its
arguments, and so is the answer. Moments are seconds of `time.monotonic`, which all processes of a
machine share.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Self

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Seen:
    """What the peer sees of the session."""

    tempo_bpm: float
    peers: int
    playing: bool


ELDER_SECONDS = 1.2
"""Of two sessions that meet the elder one stays; if they are nearly of an age, either may."""


class Peer:
    """The peer, as a test asks it. Opened, it is in the session at once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "polyrhythmia_live.testing.link_peer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def open(self, tempo_bpm: float, start_stop: bool = False) -> None:
        self._ask("open", tempo_bpm, start_stop)

    def close(self) -> None:
        self._ask("close")

    def seen(self) -> Seen:
        return Seen(*self._ask("seen"))

    def set_tempo(self, tempo_bpm: float) -> None:
        self._ask("set_tempo", tempo_bpm)

    def play(self, playing: bool) -> None:
        self._ask("play", playing)

    def phases(self, moments: list[float], quantum: float) -> list[float]:
        """Where its bar of `quantum` beats is at each moment, by the session as it is now."""
        answer: list[float] = self._ask("phases", moments, quantum)
        return answer

    def _ask(self, *command: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE_SECONDS)


class Answers:
    """The peer itself."""

    def __init__(self) -> None:
        self._link: Any = None

    def open(self, tempo_bpm: float, start_stop: bool) -> None:
        from link import Link

        self._link = Link(tempo_bpm)
        self._link.startStopSyncEnabled = start_stop
        self._link.enabled = True

    def close(self) -> None:
        self._link.enabled = False
        self._link = None

    def seen(self) -> list[object]:
        session = self._link.captureAppSessionState()
        return [session.tempo(), self._link.numPeers(), session.isPlaying()]

    def set_tempo(self, tempo_bpm: float) -> None:
        session = self._link.captureAppSessionState()
        session.setTempo(tempo_bpm, self._link.clock().micros())
        self._link.commitAppSessionState(session)

    def play(self, playing: bool) -> None:
        session = self._link.captureAppSessionState()
        session.setIsPlaying(playing, self._link.clock().micros())
        self._link.commitAppSessionState(session)

    def phases(self, moments: list[float], quantum: float) -> list[float]:
        session = self._link.captureAppSessionState()
        zero_seconds = max(
            (time.monotonic() - self._link.clock().micros() / 1e6 for _ in range(9)),
        )
        return [
            session.phaseAtTime(round((moment - zero_seconds) * 1e6), quantum) for moment in moments
        ]


def main() -> None:
    answers = Answers()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(getattr(answers, name)(*arguments)), flush=True)


if __name__ == "__main__":
    main()
