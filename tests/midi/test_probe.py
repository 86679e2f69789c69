import subprocess
import sys

import pytest

from polyrhythmia_live.midi.probe import MidiProbe
from tests.e2e.daemon import wait_for


def test_a_probe_never_waits_and_finds_nothing_where_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-no-such-server")
    command = [sys.executable, "-m", "polyrhythmia_live.midi.probe", "jack"]
    assert subprocess.run(command, check=False).returncode == 1
    assert not MidiProbe("jack").found()


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_a_probe_finds_a_server_that_runs() -> None:
    probe = MidiProbe("jack")
    wait_for("the answer", probe.found)
