import subprocess
import sys
from contextlib import closing

import pytest

from polyrhythmia_live.midi.probe import MidiProbe
from polyrhythmia_live.testing.daemon import wait_for


def test_a_probe_never_waits_and_finds_nothing_where_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-no-such-server")
    with closing(MidiProbe("jack")) as probe:
        assert not probe.found()
        assert not probe.found()


def test_a_probe_that_is_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-no-such-server")
    with closing(MidiProbe("jack")) as probe:
        assert not probe.found()
        first = probe._process
        assert first is not None
        first.kill()
        first.wait()
        assert not probe.found()
        assert not probe.found()
        assert probe._process not in (None, first)


def test_a_probe_looks_no_longer_than_there_is_somebody_to_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-no-such-server")
    command = [sys.executable, "-m", "polyrhythmia_live.midi.probe", "jack"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 1


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_a_probe_finds_a_server_that_runs() -> None:
    with closing(MidiProbe("jack")) as probe:
        wait_for("the answer", probe.found)
