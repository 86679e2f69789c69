import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import rtmidi

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.messages import OPEN
from polyrhythmia_live.midi.listen import MidiInputs
from polyrhythmia_live.midi.system import Backend, MidiSystem, choose_backend
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import JackServer, running_jack_server
from tests.conftest import require_jack

NO_SEQUENCER_AND_NO_SERVER = {
    "JACK_DEFAULT_SERVER": "polyrhythmia-nobody",
    "JACK_NO_START_SERVER": "1",
}


def test_a_mac_has_core_midi() -> None:
    assert choose_backend("auto", platform="darwin") is Backend.CORE


def test_linux_has_alsa_where_its_sequencer_opens_else_jack(tmp_path: Path) -> None:
    sequencer = tmp_path / "seq"
    assert choose_backend("auto", "linux", sequencer) is Backend.JACK
    sequencer.touch()
    assert choose_backend("auto", "linux", sequencer) is Backend.ALSA


def test_alsa_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    if rtmidi.API_LINUX_ALSA not in rtmidi.get_compiled_api():
        pytest.skip("this python-rtmidi has no ALSA")
    with pytest.raises(PortError, match=r"is not there: `sudo modprobe snd-seq`"):
        choose_backend("alsa", "linux", tmp_path / "seq")


def test_a_system_of_another_platform_is_refused() -> None:
    other = "alsa" if sys.platform == "darwin" else "core"
    with pytest.raises(PortError, match="not part of this python-rtmidi"):
        choose_backend(other)


def test_an_unknown_system_is_a_programmers_mistake() -> None:
    with pytest.raises(
        ValueError, match="one of auto, alsa, jack, core, rtmidi-jack, got 'windows'"
    ):
        choose_backend("windows")


@pytest.mark.skipif(sys.platform == "darwin", reason="CoreMIDI is always there")
def test_no_jack_server_is_one_error_and_nothing_on_the_terminal() -> None:
    attempt = subprocess.run(
        [
            sys.executable,
            "-c",
            "from polyrhythmia_live.midi.system import MidiSystem\n"
            "try: MidiSystem('jack')\n"
            "except Exception as error: print(type(error).__name__, error)",
        ],
        env={**os.environ, **NO_SEQUENCER_AND_NO_SERVER},
        capture_output=True,
        text=True,
        check=True,
    )
    assert attempt.stdout.startswith("PortError no JACK server answers: start one")
    assert attempt.stderr == ""


@pytest.mark.jack
def test_listing_again_and_again_uses_the_same_client(jack_server: JackServer) -> None:
    with closing(MidiSystem("rtmidi-jack")) as system:
        first = system.outputs()
        clients = [system._listers[kind] for kind in system._listers]
        assert system.outputs() == first
        assert [system._listers[kind] for kind in system._listers] == clients


class Flickering:
    """An rtmidi client that sees ports leave while it lists them."""

    def __init__(self, times: int) -> None:
        self._times = times

    def get_ports(self) -> list[str]:
        self._times -= 1
        if self._times >= 0:
            raise rtmidi.InvalidPortError("the 'portNumber' argument (1) is invalid")
        return ["TR-8S"]


def test_a_port_that_leaves_while_it_is_listed_is_reason_to_look_again() -> None:
    assert MidiSystem.listed_by(Flickering(3)) == ["TR-8S"]
    with pytest.raises(PortError, match="come and go"):
        MidiSystem.listed_by(Flickering(10**6))


class Moving:
    """An rtmidi client whose list has moved on when a port is opened."""

    def __init__(self) -> None:
        self.open: str | None = None

    def get_ports(self) -> list[str]:
        return ["Volca", "TR-8S"]

    def open_port(self, place: int, _own_port: str) -> None:
        self.open = self.get_ports()[place]

    def close_port(self) -> None:
        self.open = None


def test_a_port_that_has_moved_in_the_list_is_not_mistaken_for_another() -> None:
    client = Moving()
    assert not MidiSystem.opened(client, "TR-8S", ["TR-8S"], "to TR-8S")
    assert client.open is None
    assert MidiSystem.opened(client, "TR-8S", client.get_ports(), "to TR-8S")
    assert client.open == "TR-8S"


DYING = """
import sys, time
from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.listen import MidiInputs
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.wires.midi import MidiWires
system = MidiSystem(sys.argv[1])
wires = MidiWires(system, "Polyrhythmia")
out = wires.virtual("Polyrhythmia Out")
named = wires.named("rx")
inputs = MidiInputs(system)
heard = inputs.named("keys", print)
print("ready", flush=True)
sys.stdin.readline()
deadline = time.monotonic() + 20
while not system.lost and time.monotonic() < deadline:
    time.sleep(0.001)
for port in (out, named):
    for _ in range(5000):
        port.send(b"\\x99\\x24\\x40")
    print(port.dropped, port.watch(), port.condition.words)
print(heard.watch(), heard.condition.words)
try: system.outputs()
except PortError as error: print(error)
for port in (out, named, heard, inputs, wires, system): port.close()
print("left")
"""


@pytest.mark.jack
@pytest.mark.parametrize("setting", ["jack", "rtmidi-jack"])
def test_after_the_servers_death_no_wire_is_touched(setting: str) -> None:
    require_jack()
    with running_jack_server() as server:
        player = subprocess.Popen(
            [sys.executable, "-c", DYING, setting],
            env=server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert player.stdout is not None
        assert player.stdout.readline() == "ready\n"
        server.stop()
        said, chatter = player.communicate("\n", timeout=60)
    assert said.splitlines() == [
        "5000 False MIDI server gone",
        "5000 False MIDI server gone",
        "False MIDI server gone",
        "the JACK server has gone: start it again",
        "left",
    ]
    assert chatter == ""
    assert player.returncode == 0


@pytest.fixture
def numbered(jack_server: JackServer) -> Iterator[rtmidi.MidiOut]:
    """A machine as JACK's ALSA driver shows it: a number, and an alias that says what it is."""
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="driver")
    port.open_virtual_port("midi_capture_3")
    try:
        subprocess.run(
            ["jack_alias", "driver:midi_capture_3", "alsa_pcm:TR-8S/midi_capture_1"],
            env=jack_server.environment,
            check=True,
        )
        yield port
    finally:
        port.close_port()
        port.delete()


@pytest.mark.jack
@pytest.mark.parametrize("wanted", ["tr-8s", "driver:midi_capture_3", "alsa_pcm:*capture*"])
def test_a_machine_behind_a_number_is_listed_and_found_by_its_alias(
    numbered: rtmidi.MidiOut, wanted: str
) -> None:
    heard: list[bytes] = []

    def arrives() -> bool:
        numbered.send_message(b"\xf8")
        return b"\xf8" in heard

    with (
        closing(MidiSystem("jack")) as system,
        closing(MidiInputs(system)) as inputs,
        closing(inputs.named(wanted, lambda message, _: heard.append(message))) as port,
    ):
        assert system.inputs() == ("alsa_pcm:TR-8S/midi_capture_1",)
        assert system.find_input(wanted) == port.name == "alsa_pcm:TR-8S/midi_capture_1"
        assert port.condition == OPEN
        wait_for("a pulse", arrives)
        port.watch()
        assert port.condition == OPEN
