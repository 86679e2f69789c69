import queue
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import rtmidi
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.messages import CLOSED, OPEN, PortState, absent
from polyrhythmia_live.midi.base import is_message
from polyrhythmia_live.midi.listen import MidiInputs
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_OUT
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND, PERIOD_FRAMES, JackServer
from polyrhythmia_live.testing.midi_peer import Peer
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.midi import MidiWires

KICK = b"\x99\x24\x40"
KICK_OFF = b"\x89\x24\x00"
ANSWER_SECONDS = 20.0
PERIOD_SECONDS = PERIOD_FRAMES / FRAMES_PER_SECOND


@given(st.binary(max_size=4))
def test_only_whole_messages_are_messages(message: bytes) -> None:
    if is_message(message):
        assert message[0] >= 0x80
        assert all(byte < 0x80 for byte in message[1:])
        assert not any(is_message(message[:end]) for end in range(len(message)))


def test_clock_notes_and_controls_are_messages() -> None:
    for message in (b"\xf8", b"\xfa", b"\xf2\x10\x00", KICK, b"\xb0\x7b\x00", b"\xc9\x00"):
        assert is_message(message)
    for broken in (b"", b"\x24\x40", b"\x99\x24", b"\x99\x24\x80", b"\xf0\x7e\xf7", b"\xf4"):
        assert not is_message(broken)


@pytest.fixture(params=["jack", "rtmidi-jack"])
def system(request: pytest.FixtureRequest, jack_server: JackServer) -> Iterator[MidiSystem]:
    """JACK, each way that there is."""
    with closing(MidiSystem(request.param)) as opened:
        yield opened


@pytest.fixture
def wires(system: MidiSystem) -> Iterator[MidiWires]:
    with closing(MidiWires(system, OWN_CLIENT)) as wires:
        assert wires.notice == ""
        yield wires


@pytest.fixture
def inputs(system: MidiSystem) -> Iterator[MidiInputs]:
    with closing(MidiInputs(system)) as inputs:
        assert inputs.notice == ""
        yield inputs


class Keys:
    """Somebody else's output, which can be unplugged."""

    def __init__(self, client: str = "keys") -> None:
        self._wire = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=client)
        self._wire.open_virtual_port("out")
        self.play = self._wire.send_message

    def close(self) -> None:
        self._wire.close_port()
        self._wire.delete()


def arrives(message: bytes, play: Callable[[bytes], object], hear: Callable[..., bytes]) -> bool:
    """Whether a message gets through as it is.

    JACK drops what a client misses on a busy machine, so it is played until it is heard.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        play(message)
        with suppress(queue.Empty):
            if hear(timeout=0.25) == message:
                return True
    return False


def watched_until(port: Any, words: str) -> None:
    """Look at the port, as the player does, until it says this."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while not port.condition.words.startswith(words):
        assert time.monotonic() < deadline, f"expected {words!r}, it is {port.condition!r}"
        time.sleep(0.01)
        port.watch()


pytestmark = pytest.mark.jack


def test_a_named_port_gets_every_message_intact(wires: MidiWires) -> None:
    messages = [bytes((0x90 | number, 8 * number, 127 - number)) for number in range(16)]
    messages += [b"\xb9\x7b\x00", b"\xf8", b"\xf2\x7f\x7f", b"\x89\x24\x00"]
    with Peer("rx") as peer, closing(wires.named("RX")) as port:
        out: Wire = port
        assert (out.name, out.condition) == ("rx:in", OPEN)
        assert all(arrives(message, out.send, peer.message) for message in messages)


def test_rubbish_is_counted_and_not_sent(wires: MidiWires) -> None:
    with Peer("rx") as peer, closing(wires.named("rx")) as port:
        for rubbish in (b"", b"\x05", b"\xff\x00", b"\x99\x24", b"\xf0"):
            port.send(rubbish)
        assert arrives(KICK, port.send, peer.message)
        assert port.refused == 5


def test_a_killed_destination_is_waited_for_and_reopened_by_name(wires: MidiWires) -> None:
    first = Peer("rx")
    with (
        closing(wires.named("rx")) as port,
        Peer("other") as other,
        closing(wires.named("other")) as elsewhere,
    ):
        first.kill()
        watched_until(port, "waiting for this port")
        port.send(KICK)
        assert port.dropped == 1
        assert arrives(KICK, elsewhere.send, other.message)
        with Peer("rx 2"), Peer("rx") as back:
            watched_until(port, "open")
            assert arrives(KICK, port.send, back.message)


class Bridged:
    """A machine as a2jmidid shows it in JACK, with the number that it has this time."""

    def __init__(self, client: int) -> None:
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="a2j")
        self._port.open_virtual_port(f"TR-8S [{client}] (playback): TR-8S MIDI 1")

    def message(self, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while (event := self._port.get_message()) is None:
            if time.monotonic() > deadline:
                raise queue.Empty
            time.sleep(0.005)
        return bytes(event[0])

    def close(self) -> None:
        self._port.close_port()
        self._port.delete()


@pytest.mark.parametrize("wanted", ["TR-8S", "a2j:TR-8S [24] (playback): TR-8S MIDI 1"])
def test_a_machine_behind_a_bridge_is_played_again_under_its_next_number(
    wires: MidiWires, wanted: str
) -> None:
    with closing(Bridged(24)), closing(wires.named(wanted)) as port:
        watched_until(port, "open")
        assert port.name == "a2j:TR-8S (playback): TR-8S MIDI 1"
    with closing(wires.named(wanted)) as port:
        for client in (24, 28, 20):
            with closing(Bridged(client)) as machine:
                watched_until(port, "open")
                assert arrives(KICK, port.send, machine.message)
            watched_until(port, "waiting for this port")


def test_a_destination_that_returns_between_two_looks_is_connected_again(
    wires: MidiWires,
) -> None:
    first = Peer("rx")
    with closing(wires.named("rx")) as port:
        first.kill()
        with Peer("rx") as back:
            assert port.condition == OPEN
            assert port.watch()
            assert arrives(KICK, port.send, back.message)
            assert not port.watch()


def test_replugging_ten_times_leaves_no_clients_behind(
    inputs: MidiInputs, wires: MidiWires, jack_server: JackServer
) -> None:
    with closing(wires.named("keys")) as out:
        heard: queue.Queue[bytes] = queue.Queue()
        port = inputs.named("keys", lambda message, _: heard.put(message))
        ports_before = len(jack_server.ports() or [])
        for _ in range(10):
            with closing(Keys()) as keys:
                watched_until(port, "open")
                assert arrives(KICK, keys.play, heard.get)
            watched_until(port, "waiting for this port")
        port.close()
        assert wait_for("its end", lambda: 0 < len(jack_server.ports() or []) <= ports_before)
        assert out.condition == absent([])


def test_a_wrong_name_is_an_error_where_one_asks_and_waited_for_where_one_does_not(
    system: MidiSystem,
    wires: MidiWires,
) -> None:
    with Peer("rx"):
        with pytest.raises(PortError, match="no MIDI port matches 'TR-8S': found 'rx:in'; "):
            system.find_output("TR-8S")
        with pytest.raises(PortError, match="no MIDI port matches 'TR-8S'"):
            system.find_input("TR-8S")
        with closing(wires.named("TR-8S")) as port:
            assert port.condition == absent(["rx:in"])
            assert port.condition.words.endswith("there are 'rx:in'")
            with Peer("TR-8S"):
                watched_until(port, "open")
                assert port.name == "TR-8S:in"


def test_a_server_that_stands_still_stops_nobody_and_is_played_to_again_when_it_goes_on(
    wires: MidiWires, jack_server: JackServer
) -> None:
    with (
        Peer("rx") as peer,
        closing(wires.named("rx")) as port,
        closing(wires.virtual(VIRTUAL_OUT)) as virtual,
    ):
        jack_server.stand_still()
        try:
            watched_until(port, "MIDI server stands still")
            assert port.condition.state is virtual.condition.state is PortState.STILL
            for out in (port, virtual):
                for _ in range(5000):
                    out.send(KICK)
                dropped = out.dropped
                assert dropped > 4000
                out.send(KICK_OFF)
                assert out.dropped == dropped
                assert not out.watch()
            with pytest.raises(PortError, match="does not answer"):
                MidiSystem("jack")
        finally:
            jack_server.go_on()
        for out in (port, virtual):
            assert wait_for("it to go on", out.watch)
            assert (out.condition, out.watch()) == (OPEN, False)
        assert arrives(KICK, port.send, peer.message)


def test_others_can_connect_to_the_virtual_pair(
    inputs: MidiInputs, wires: MidiWires, jack_server: JackServer
) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    arrivals = []

    def receive(message: bytes, arrival_seconds: float) -> None:
        arrivals.append(arrival_seconds)
        heard.put(message)

    with (
        closing(wires.virtual(VIRTUAL_OUT)) as out,
        closing(inputs.virtual(receive)) as control,
        Peer("rx") as peer,
        closing(Keys()) as keys,
    ):
        assert (out.condition, control.condition) == (OPEN, OPEN)
        for ends in (
            ("Polyrhythmia Out:Polyrhythmia Out", peer.name),
            ("keys:out", "Polyrhythmia Control:Polyrhythmia Control"),
        ):
            subprocess.run(["jack_connect", *ends], check=True, env=jack_server.environment)
        assert arrives(KICK, out.send, peer.message)
        before_seconds = time.monotonic()
        assert arrives(b"\xb0\x15\x7f", keys.play, heard.get)
        # A busy machine's server loses time, and a frame is then thought to be earlier than it is.
        assert before_seconds - 0.1 <= arrivals[0] <= time.monotonic() + PERIOD_SECONDS


def test_our_own_ports_are_not_offered(
    system: MidiSystem, wires: MidiWires, inputs: MidiInputs
) -> None:
    with (
        closing(wires.virtual(VIRTUAL_OUT)),
        closing(inputs.virtual(lambda message, arrival_seconds: None)),
        closing(Keys()),
        Peer("rx"),
    ):
        assert system.outputs() == ("rx:in",)
        assert system.inputs() == ("keys:out",)


def test_a_receiver_that_fails_does_not_stop_the_next_message(inputs: MidiInputs) -> None:
    heard: queue.Queue[bytes] = queue.Queue()

    def receive(message: bytes, arrival_seconds: float) -> None:
        heard.put(message)
        raise RuntimeError

    with closing(Keys()) as keys, closing(inputs.named("keys", receive)) as port:
        assert all(arrives(message, keys.play, heard.get) for message in (b"\xf8", KICK, b"\xfc"))
        assert port.refused >= 3


@pytest.mark.parametrize("message", [b"\xf8", b"\xfe", b"\xf2\x10\x00"])
def test_clock_and_active_sensing_come_through(inputs: MidiInputs, message: bytes) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with (
        closing(Keys()) as keys,
        closing(inputs.named("keys", lambda message, _: heard.put(message))),
    ):
        assert arrives(message, keys.play, heard.get)


def test_a_device_unplugged_within_a_sysex_is_heard_when_it_returns(inputs: MidiInputs) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with closing(Keys()) as keys:
        port = inputs.named("keys", lambda message, _: heard.put(message))
        assert arrives(b"\xf8", keys.play, heard.get)
        keys.play(b"\xf0\x7e\x7f")
    with closing(port):
        watched_until(port, "waiting for this port")
        with closing(Keys()) as keys:
            watched_until(port, "open")
            assert arrives(b"\xfa", keys.play, heard.get)


def test_after_close_a_port_only_counts(wires: MidiWires) -> None:
    with Peer("rx"):
        port = wires.named("rx")
        port.close()
        port.close()
        port.send(KICK)
        assert (port.dropped, port.condition, port.watch()) == (1, CLOSED, False)
