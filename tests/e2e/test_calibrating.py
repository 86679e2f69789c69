"""`polyrhythmia calibrate`, with another program's synth as the drum machine, through JACK."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from polyrhythmia_live.calibration.offsets import read_offsets
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.wires.soundfont import find_soundfonts

pytestmark = [
    pytest.mark.jack,
    pytest.mark.skipif(find_spec("sounddevice") is None, reason="needs the extra `calibrate`"),
]

LATE_MS = 50.0
DELAYED = "\n".join(
    f"cc 9 {number} {value}" for number, value in ((99, 120), (98, 33), (38, 79), (6, 90))
)
"""NRPN 33 of the SoundFont specification delays every sound: by 2^(-5186/1200) s = 50 ms."""
PERIOD_MS = 1000 * 64 / 48_000
"""FluidSynth begins a note with the period that it comes in, whatever its frame: up to a period too
early. What it plays goes out with the next one or the one after."""
ATTACK_MS = 1.0
"""What the snare's sample and FluidSynth's blocks take."""


@pytest.fixture
def machine(jack_server: JackServer, tmp_path: Path) -> Iterator[str]:
    """FluidSynth, slow to answer: its name as a MIDI output and as an audio input."""
    if shutil.which("fluidsynth") is None:
        pytest.skip("needs fluidsynth: `sudo apt-get install fluidsynth`")
    commands = tmp_path / "delay.txt"
    commands.write_text(DELAYED)
    flags = ["-a", "jack", "-m", "jack", "-i", "-s", "-q", "-f", str(commands)]
    # General MIDI comes last: FluidSynth by itself plays drums of bank 128 only.
    names = ["-o", "audio.jack.id=Machine", "-o", "midi.jack.id=Machine"]
    process = subprocess.Popen(
        ["fluidsynth", *flags, *names, str(find_soundfonts()[-1])],
        env=jack_server.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("the machine", lambda: "Machine:left" in (jack_server.ports() or []))
        yield "Machine"
    finally:
        process.terminate()
        process.wait(timeout=20)


def calibrate(folder: Path, *flags: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "polyrhythmia_live", "calibrate", *flags],
        env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return result.stdout + result.stderr


def test_a_late_machine_is_measured_and_played_earlier_from_then_on(
    machine: str, tmp_path: Path
) -> None:
    said = calibrate(tmp_path, "--out", machine, "--audio-in", machine, "--midi-system", "jack")
    found = re.search(r"'Machine.*' sounds ([\d.]+) ms late \(spread ([\d.]+) ms", said)
    assert found, said
    assert LATE_MS - PERIOD_MS <= float(found[1]) <= LATE_MS + 2 * PERIOD_MS + ATTACK_MS
    (offset_seconds,) = read_offsets(tmp_path / "polyrhythmia" / "offsets.toml").values()
    assert 1000 * offset_seconds == pytest.approx(-float(found[1]), abs=0.1)
