"""What we send never comes back as an order, however the machines are wired."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.config import PortOutput
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.errors import PortError
from polyrhythmia_live.messages import Fire, PortState
from polyrhythmia_live.midi import inputs
from polyrhythmia_live.midi.base import Receive
from polyrhythmia_live.midi.names import find_foreign, match
from polyrhythmia_live.midi.pulse import Pulse, RingGuard
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.player.process import ports
from polyrhythmia_live.player.process.ports import Ports
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL
from polyrhythmia_live.testing.stage import KICK, Stage
from tests.player.test_process import CONFIG

CLOCK, NOTE = b"\xf8", b"\x99\x24\x40"
TR_8S = "TR-8S:TR-8S MIDI 1 28:0"


class Desk:
    """A MIDI system as ALSA's is: a machine has one name for both directions."""

    lost = False
    trouble = None
    jack_library = None

    def __init__(self) -> None:
        self.plugged: list[str] = []
        self.sent: list[tuple[str, bytes]] = []

    def ring_guard(self) -> RingGuard:
        return RingGuard(Pulse(lambda: len(self.sent)))

    def find_output(self, wanted: str) -> str:
        return match(wanted, self.plugged)

    def connected(self, port: str, _own_port: str, listed: list[str]) -> bool:
        return port in listed

    def unplug_input(self, _own_port: str) -> None:
        pass

    def out_client(self, _name: str | None) -> "Cable":
        return Cable(self)

    def in_client(self, _name: str, _arrived: Receive) -> "Cable":
        return Cable(self)

    listed_by, opened = staticmethod(MidiSystem.listed_by), staticmethod(MidiSystem.opened)
    find_foreign, stable = staticmethod(find_foreign), staticmethod(MidiSystem.stable)
    absent = staticmethod(MidiSystem.absent)


class Cable:
    """An rtmidi client on that desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._port = ""

    def get_ports(self) -> list[str]:
        return list(self._desk.plugged)

    def open_port(self, index: int, _own_port: str) -> None:
        self._port = self._desk.plugged[index]

    def send_message(self, message: bytes) -> None:
        self._desk.sent.append((self._port, message))

    def __getattr__(self, _other: str) -> Any:
        return lambda *_: None


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(ports, "MidiSystem", lambda _setting: desk)
    return desk


def wires(clock_in: str, *outputs: PortOutput) -> Ports:
    """Ports as a player opens them that waits for what is not plugged in yet."""
    opened = Ports(replace(CONFIG, ports=outputs, clock_in=clock_in, patient=True))
    opened.listen(lambda _: None, lambda _: None)
    return opened


@pytest.mark.parametrize("wildcard", ["TR*", "8s", "*MIDI 1"])
def test_the_clock_never_goes_to_where_it_comes_from_whenever_that_is_plugged_in(
    desk: Desk, wildcard: str
) -> None:
    opened = wires("TR-8S", PortOutput(wildcard, GENERAL_MIDI, clock=True))
    for plugged in ([], [TR_8S], [], [TR_8S, "Volca 29:0"]):
        desk.plugged = plugged
        for _ in range(3):
            opened.watch(lambda _: None)
            opened.clock_wires[0].send(CLOCK)
    assert desk.sent == []
    assert opened.clock_wires[0].condition.state is PortState.SHUNNED


def test_a_clock_that_comes_over_a_bridge_never_goes_back_over_it(desk: Desk) -> None:
    opened = wires("*TR-8S*capture*", PortOutput("*TR-8S*playback*", GENERAL_MIDI, clock=True))
    for client in (24, 28):
        desk.plugged = [f"a2j:TR-8S [{client}] ({way}): MIDI 1" for way in ("capture", "playback")]
        for _ in range(3):
            opened.watch(lambda _: None)
            opened.clock_wires[0].send(CLOCK)
    assert desk.sent == []
    assert opened.clock_wires[0].condition.state is PortState.SHUNNED


def test_a_machine_behind_a_bridge_is_found_again_in_every_role(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "QUIET_SECONDS", 0.0)
    opened = wires(
        "*Keys*capture*",
        PortOutput("TR-8S", GENERAL_MIDI),
        PortOutput("Volca", GENERAL_MIDI, clock=True),
    )
    names = ("a2j:TR-8S [{}] (playback): M", "Midi-Bridge:Keys {}:(capture_0) M",
             "Midi-Bridge:[{}:0] Volca M (playback)")  # fmt: skip
    for client in (24, 28, 31):
        desk.plugged = []
        opened.watch(lambda _: None)
        desk.plugged = [name.format(client) for name in names]
        opened.watch(lambda _: None)
        opened.routes[0].wire.send(NOTE)
        opened.clock_wires[0].send(CLOCK)
        assert opened.inputs[-1].condition.state is PortState.OPEN
        assert desk.sent[-2:] == [(desk.plugged[0], NOTE), (desk.plugged[2], CLOCK)]


def test_a_machine_that_leads_may_be_played(desk: Desk) -> None:
    opened = wires("TR-8S", PortOutput("TR-8S", GENERAL_MIDI))
    desk.plugged = [TR_8S]
    opened.watch(lambda _: None)
    opened.routes[0].wire.send(NOTE)
    assert desk.sent == [(TR_8S, NOTE)]


def test_the_clock_goes_to_others_than_the_one_that_leads(desk: Desk) -> None:
    opened = wires("TR-8S", PortOutput("Volca", GENERAL_MIDI, clock=True))
    desk.plugged = [TR_8S, "Volca 29:0"]
    opened.watch(lambda _: None)
    opened.clock_wires[0].send(CLOCK)
    assert desk.sent == [("Volca 29:0", CLOCK)]


def test_two_names_of_one_port_are_an_error(desk: Desk) -> None:
    desk.plugged = [TR_8S]
    two = (PortOutput("TR", GENERAL_MIDI), PortOutput("TR-8S", GENERAL_MIDI))
    with pytest.raises(PortError, match="for 'TR' and for 'TR-8S': leave one of them away"):
        Ports(replace(CONFIG, ports=two))


def test_no_name_finds_a_port_of_ours(desk: Desk) -> None:
    opened = wires("Poly*", PortOutput("*", GENERAL_MIDI, clock=True))
    desk.plugged = ["Polyrhythmia Out:Polyrhythmia Out 128:0", "Polyrhythmia Control 129:0"]
    opened.watch(lambda _: None)
    opened.routes[0].wire.send(NOTE)
    assert desk.sent == []
    assert all(port.condition.state is PortState.ABSENT for port in opened.inputs[1:])


@given(st.sampled_from([0x80, 0x90]), st.integers(0, 15), st.binary(min_size=2, max_size=2))
def test_an_echo_of_our_notes_is_no_order(kind: int, channel: int, rest: bytes) -> None:
    message = bytes((kind | channel, rest[0] & 0x7F, rest[1] & 0x7F))
    played_there = channel == NOTE_CHANNEL
    assert Decoder({"genre": 2}, pads=not played_there).command(message, 0.0) is None


def test_an_echo_of_a_panic_does_not_go_round_for_ever() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(16), KICK))
    stage.start()
    stage.tell(Fire("panic"))
    echoed = 0
    while (sent := [message for _, message in stage.wires[0].messages])[echoed:]:
        fresh, echoed = sent[echoed:], len(sent)
        stage.touch(*fresh)
        assert echoed < 20
    stage.run_until(stage.timebase.now() + 1.5)
    before = len(stage.wires[0].messages)
    stage.touch(b"\xb9\x78\x00")
    assert [message for _, message in stage.wires[0].messages[before:]][-2:] == [
        b"\xb9\x7b\x00",
        b"\xb9\x78\x00",
    ]


def test_a_panic_that_is_hammered_is_obeyed_every_second() -> None:
    knobs = Decoder({"genre": 2})
    pressed = [0.2 * press for press in range(20)]
    obeyed = [now for now in pressed if knobs.command(b"\xb0\x78\x00", now) is not None]
    assert obeyed == pytest.approx([0.0, 1.0, 2.0, 3.0])


def test_what_is_not_plugged_in_is_waited_for_and_a_name_that_means_two_is_an_error(
    desk: Desk,
) -> None:
    config = replace(CONFIG, ports=(PortOutput("TR-8S", GENERAL_MIDI),))
    opened = Ports(config)
    assert opened.wires[0].condition.state is PortState.ABSENT
    desk.plugged = [TR_8S]
    opened.watch(lambda _: None)
    assert opened.wires[0].condition.words == "open"
    desk.plugged = [TR_8S, "TR-8S:TR-8S CTRL 28:1"]
    with pytest.raises(PortError, match="2 MIDI ports match 'TR-8S'"):
        Ports(config)
