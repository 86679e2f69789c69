"""Hydrogen without a screen: a drum machine that leads.

Debian's 1.2 sends no MIDI clock (hydrogen-music/hydrogen pull request 2187 is for the next one),
but as JACK's timebase master it rules tempo and transport, and `jack_midi_clock` passes them on.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import Self

import pytest

SETTINGS = """<?xml version="1.0"?>
<hydrogen_preferences>
  <version>1.2.0-beta</version>
  <restoreLastSong>false</restoreLastSong>
  <showDevelWarning>false</showDevelWarning>
  <audio_engine>
    <audio_driver>JACK</audio_driver>
    <jack_driver>
      <jack_transport_mode>USE_JACK_TRANSPORT</jack_transport_mode>
      <jack_timebase_enabled>true</jack_timebase_enabled>
      <jack_transport_mode_master>USE_JACK_TIME_MASTER</jack_transport_mode_master>
      <jack_connect_defaults>false</jack_connect_defaults>
    </jack_driver>
    <osc_configuration>
      <oscEnabled>true</oscEnabled>
      <oscFeedbackEnabled>false</oscFeedbackEnabled>
      <oscServerPort>{port}</oscServerPort>
    </osc_configuration>
  </audio_engine>
</hydrogen_preferences>
"""


def require_hydrogen() -> None:
    """Skip, clearly, where it is not installed."""
    if shutil.which("hydrogen") is None:
        pytest.skip("needs Hydrogen: `sudo apt-get install --no-install-recommends hydrogen`")


class Hydrogen:
    """The program with its default song, on its own settings; told what to do by OSC."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._wire.connect(("127.0.0.1", port))
        settings = folder / ".hydrogen" / "hydrogen.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS.format(port=port))
        self._process = subprocess.Popen(
            ["hydrogen", "--nosplash", "--driver", "jack"],
            env={**os.environ, **environment, "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def play(self) -> None:
        self._send("/Hydrogen/PLAY", 1.0)

    def stop(self) -> None:
        self._send("/Hydrogen/STOP", 1.0)

    def set_tempo(self, bpm: float) -> None:
        self._send("/Hydrogen/BPM", bpm)

    def _send(self, address: str, value: float) -> None:
        """One OSC message: words are padded with zeros to whole fours of bytes, at least one."""
        words = (address, ",f")
        padded = b"".join(word.encode().ljust(len(word) // 4 * 4 + 4, b"\0") for word in words)
        self._wire.send(padded + struct.pack(">f", value))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()
        self._process.terminate()
        self._process.wait(timeout=20)
