import subprocess
import sys
from importlib.util import find_spec

import pytest

from polyrhythmia_live.calibration.microphone import load_library
from polyrhythmia_live.errors import CalibrationError


def test_without_sounddevice_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(CalibrationError, match="not installed: `pip install -e '"):
        load_library()


@pytest.mark.skipif(find_spec("sounddevice") is None, reason="needs the extra `calibrate`")
def test_without_portaudio_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(CalibrationError, match=r"no PortAudio \(.*\): `.* install .*`"):
        load_library()


@pytest.mark.skipif(find_spec("sounddevice") is None, reason="needs the extra `calibrate`")
def test_an_input_that_is_not_there_lists_what_is() -> None:
    """In a process of its own: PortAudio aborts one that lives longer than the JACK it has seen."""
    code = (
        "from polyrhythmia_live.calibration.microphone import Microphone\n"
        "try: Microphone('no such')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    listening = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert listening.stdout.startswith(
        "CalibrationError expected one audio input 'no such', got 0: choose with --audio-in among "
    )
    assert listening.stderr == ""
