"""Our inputs on JACK: what arrives is stamped by its frame, in a process of their own."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest
import rtmidi
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.messages import OPEN
from polyrhythmia_live.midi import jack_inputs
from polyrhythmia_live.midi.jack_intake import Intake
from polyrhythmia_live.midi.listen import MidiInputs
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_CONTROL, VIRTUAL_OUT
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.system.jack_ring import RECORDS, RING_BYTES, RingReader, RingWriter
from polyrhythmia_live.testing.daemon import lives, wait_for
from polyrhythmia_live.testing.jackd import FRAMES_PER_SECOND, REAL_TIME, JackServer
from polyrhythmia_live.wires.midi import MidiWires
from tests.conftest import our_jack_server

PULSE, KNOB = b"\xf8", b"\xb0\x15\x7f"
OURS = f"{VIRTUAL_CONTROL}:{VIRTUAL_CONTROL}"
FRAMES, PERIOD_US = 480, 10_000


class Heard:
    """What arrived, and when."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.arrivals: list[float] = []

    def receive(self, message: bytes, arrival_seconds: float) -> None:
        self.messages.append(message)
        self.arrivals.append(arrival_seconds)


class Period:
    """What came to each port in a period."""

    def __init__(self, came: dict[int, list[tuple[int, bytes]]]) -> None:
        self._came = came

    @property
    def numbers(self) -> Iterable[int]:
        return self._came

    def read(self, number: int) -> Iterator[tuple[int, bytes]]:
        return iter(self._came[number])


def taken_in(ring: RingWriter, period: Period) -> int:
    """How often the other end was woken."""
    wakings: list[bool] = []
    Intake(ring, lambda: wakings.append(True)).take_in(period, FRAMES, 0, PERIOD_US)
    return len(wakings)


@given(st.lists(st.integers(0, FRAMES - 1)).map(sorted))
def test_what_arrives_is_stamped_by_its_frame(frames: list[int]) -> None:
    memory = bytearray(RING_BYTES)
    wakings = taken_in(RingWriter(memory), Period({7: [(frame, PULSE) for frame in frames]}))
    crossed = [(us, number, message) for us, _, number, message in RingReader(memory).records()]
    frame_us = PERIOD_US / FRAMES
    assert crossed == [(round(frame * frame_us), 7, PULSE) for frame in frames]
    assert wakings == bool(frames)


def test_what_has_no_room_is_counted_for_its_port() -> None:
    ring = RingWriter(bytearray(RING_BYTES))
    taken_in(ring, Period({0: [(0, PULSE)] * RECORDS, 1: [(0, PULSE)] * 3}))
    assert 0 < ring.lost(0) < RECORDS
    assert ring.lost(1) == 3


@pytest.fixture(scope="module")
def jack_server() -> Iterator[JackServer]:
    """A server that loses as little as can be: these tests look at single messages."""
    with our_jack_server(REAL_TIME) as server:
        yield server


@pytest.fixture
def system(jack_server: JackServer) -> Iterator[MidiSystem]:
    with closing(MidiSystem("jack")) as opened:
        yield opened


@pytest.fixture
def inputs(system: MidiSystem) -> Iterator[MidiInputs]:
    with closing(MidiInputs(system)) as opened:
        assert opened.notice == ""
        yield opened


@pytest.fixture
def keys(jack_server: JackServer) -> Iterator[rtmidi.MidiOut]:
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keys")
    port.open_virtual_port("out")
    yield port
    port.close_port()
    port.delete()


def process_of(inputs: MidiInputs) -> int:
    assert inputs._jack is not None
    return inputs._jack._host._process.pid


def connect(server: JackServer, source: str, sink: str) -> None:
    subprocess.run(["jack_connect", source, sink], check=True, env=server.environment)


@pytest.mark.jack
@pytest.mark.flaky(reruns=2)  # where the server loses time, both ends need a while to know it
def test_what_we_play_arrives_when_it_was_due(
    system: MidiSystem, inputs: MidiInputs, jack_server: JackServer
) -> None:
    heard = Heard()
    hits = 60
    with (
        closing(MidiWires(system, OWN_CLIENT)) as wires,
        closing(wires.virtual(VIRTUAL_OUT)) as wire,
        closing(inputs.virtual(heard.receive)),
    ):
        connect(jack_server, f"{VIRTUAL_OUT}:{VIRTUAL_OUT}", OURS)
        begin = time.monotonic() + 1.0  # by then both know when the periods begin
        dues = [begin + number * 0.0253 for number in range(hits)]
        for number, due_seconds in enumerate(dues):
            time.sleep(max(0.0, due_seconds - wire.lookahead_seconds - time.monotonic()))
            wire.send_at(bytes((0xB0, number, 0)), due_seconds)
        wait_for("most of them", lambda: len(heard.messages) > hits / 2)
        time.sleep(0.1)
    both = zip(heard.messages, heard.arrivals, strict=True)
    late = [arrival - dues[message[1]] for message, arrival in both]
    # A busy machine's server loses time: half of them tell.
    assert statistics.median(map(abs, late)) < 5 / FRAMES_PER_SECOND


@pytest.mark.jack
def test_what_is_no_message_is_counted_and_the_next_one_comes(
    inputs: MidiInputs, keys: rtmidi.MidiOut
) -> None:
    heard = Heard()
    with closing(inputs.named("keys", heard.receive)) as port:

        def arrives() -> bool:
            keys.send_message(PULSE)
            return PULSE in heard.messages

        def counted() -> bool:
            return port.refused == 1

        for rubbish in (b"\xf0\x7e\x7f\x09\x01\xf7", b"\xf0" + bytes(300) + b"\xf7"):
            wait_for("a pulse", arrives)
            heard.messages.clear()
            keys.send_message(rubbish)
            wait_for("it to be counted", counted)
            port.refused = 0
        wait_for("a pulse", arrives)
        assert set(heard.messages) == {PULSE}


@pytest.mark.jack
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_is_stuck_is_replaced_and_connected_as_it_was(
    inputs: MidiInputs, keys: rtmidi.MidiOut, jack_server: JackServer, number: signal.Signals
) -> None:
    by_hand, by_name = Heard(), Heard()
    with (
        closing(inputs.virtual(by_hand.receive)) as virtual,
        closing(inputs.named("keys", by_name.receive)) as named,
    ):
        connect(jack_server, "keys:out", OURS)
        assert not virtual.watch()
        assert not named.watch()
        before = process_of(inputs)
        os.kill(before, number)
        back: set[str] = set()

        def both_back() -> bool:
            back.update(port.name for port in (virtual, named) if port.watch())
            return len(back) == 2

        wait_for("both to be back", both_back)
        assert process_of(inputs) != before
        assert virtual.condition == named.condition == OPEN

        def heard() -> bool:
            keys.send_message(KNOB)
            return KNOB in by_hand.messages and KNOB in by_name.messages

        wait_for("a knob", heard)
        assert "Polyrhythmia Control-01" not in str(jack_server.ports())


@pytest.mark.jack
def test_where_the_process_does_not_come_up_rtmidi_listens_and_it_is_said(
    system: MidiSystem, keys: rtmidi.MidiOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jack_inputs, "_MODULE", "polyrhythmia_live.nothing")
    heard = Heard()
    with (
        closing(MidiInputs(system)) as inputs,
        closing(inputs.named("keys", heard.receive)),
    ):
        assert inputs.notice.startswith("what arrives is heard by JACK's periods only")

        def arrives() -> bool:
            keys.send_message(KNOB)
            return KNOB in heard.messages

        wait_for("a knob", arrives)


@pytest.mark.jack
def test_closing_leaves_neither_ports_nor_a_process_behind(
    system: MidiSystem, keys: rtmidi.MidiOut, jack_server: JackServer
) -> None:
    inputs = MidiInputs(system)
    process = process_of(inputs)
    with closing(inputs), closing(inputs.named("keys", Heard().receive)):
        assert any(f"{VIRTUAL_CONTROL}:from keys" in it for it in jack_server.ports() or ())
    assert not any(VIRTUAL_CONTROL in it for it in jack_server.ports() or ())
    assert not lives(process)


PLAYER = """
import sys, time
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.midi.listen import MidiInputs
inputs = MidiInputs(MidiSystem("jack"))
port = inputs.virtual(print)
print(inputs._jack._host._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.jack
def test_when_the_player_is_killed_its_inputs_go(jack_server: JackServer) -> None:
    player = subprocess.Popen(
        [sys.executable, "-c", PLAYER],
        env=jack_server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert player.stdout is not None
    try:
        process = int(player.stdout.readline())
        assert OURS in (jack_server.ports() or ())
    finally:
        player.kill()
        player.communicate()
    wait_for("the process to end", lambda: not lives(process))
    assert OURS not in (jack_server.ports() or ())
