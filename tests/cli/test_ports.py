import json

import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli.ports import ports
from polyrhythmia_live.errors import PortError
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.midi_peer import Peer


@pytest.mark.jack
def test_ports_lists_what_can_be_played_and_heard(jack_server: JackServer) -> None:
    with Peer("TR-8S", "drums"):
        result = CliRunner().invoke(ports, ["--midi-system", "jack"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "jack outputs (--out):",
        "  TR-8S:drums",
        "jack inputs (--in, --clock-in):",
        "  none",
    ]


@pytest.mark.jack
def test_json_says_the_same(jack_server: JackServer) -> None:
    with Peer("TR-8S", "drums"):
        result = CliRunner().invoke(ports, ["--midi-system", "jack", "--json"])
    assert json.loads(result.output) == {
        "midi_system": "jack",
        "outputs": ["TR-8S:drums"],
        "inputs": [],
    }


def test_no_midi_system_is_a_port_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(setting: str) -> None:
        raise PortError("no MIDI system: start one")

    monkeypatch.setattr("polyrhythmia_live.cli.ports.MidiSystem", missing)
    result = CliRunner().invoke(ports)
    assert result.exit_code == 1
    assert isinstance(result.exception, PortError)
