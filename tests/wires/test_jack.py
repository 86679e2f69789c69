"""Our outputs on a real JACK server, and the process that they are in."""

import itertools
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from polyrhythmia_live.messages import PortState
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_OUT
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.testing.daemon import PATIENCE_SECONDS, lives, wait_for
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer, running_jack_server
from polyrhythmia_live.testing.midi_peer import Peer
from polyrhythmia_live.wires import jack
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.midi import MidiWires
from tests.conftest import our_jack_server

KICK, KICK_OFF = b"\x99\x24\x40", b"\x89\x24\x00"
PERIOD_FRAMES = 64
GRID_FRAMES = 1213
"""No multiple of a period, nor of its half."""

GRID_SECONDS = GRID_FRAMES / 48_000

pytestmark = pytest.mark.jack


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
def wires(system: MidiSystem) -> Iterator[MidiWires]:
    with closing(MidiWires(system, OWN_CLIENT)) as opened:
        assert opened.notice == ""
        yield opened


@contextmanager
def dumped(file: Path, source: str, server: JackServer) -> Iterator[None]:
    """`jack_midi_dump` writes down at which frame it hears what."""
    with file.open("wb") as output:
        dump = subprocess.Popen(
            ["stdbuf", "-oL", "jack_midi_dump", "-a", "dump"],
            stdout=output,
            stderr=subprocess.DEVNULL,
            env=server.environment,
        )
        try:
            wait_for("its port", lambda: "dump:input" in (server.ports() or ()))
            connect = ["jack_connect", source, "dump:input"]
            subprocess.run(connect, check=True, env=server.environment)
            yield
        finally:
            dump.terminate()
            dump.wait()


def process_of(wires: MidiWires, client: str) -> int:
    return wires._outputs[client]._host._process.pid


def send_when_wanted(wire: Wire, message: bytes, due_seconds: float) -> None:
    time.sleep(max(0.0, due_seconds - wire.lookahead_seconds - time.monotonic()))
    wire.send_at(message, due_seconds)


def test_hits_lie_on_their_frames_at_the_listener(
    wires: MidiWires, jack_server: JackServer, tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    hits = 60
    with (
        closing(wires.virtual(VIRTUAL_OUT)) as wire,
        dumped(heard, f"{VIRTUAL_OUT}:{VIRTUAL_OUT}", jack_server),
    ):
        begin = time.monotonic() + 0.1
        for number in range(hits):
            send_when_wanted(wire, KICK, begin + number * GRID_SECONDS)
        wait_for("the hits", lambda: heard.read_text().count("99 24 40") > hits / 2)
    frames = [int(line.split(":")[0]) for line in heard.read_text().splitlines() if "99 24" in line]
    # A busy machine's server loses time, and its own clock is askew for a while: half of the hits
    # tell, and they tell of each other.
    steps = [after - one for one, after in itertools.pairwise(frames)]
    step = statistics.median(steps)
    assert step == pytest.approx(GRID_FRAMES, rel=0.1)
    assert statistics.median(abs(it - step) for it in steps) < 8
    assert len({frame % PERIOD_FRAMES for frame in frames}) > 10


def test_what_is_taken_back_is_not_heard_and_what_was_sent_at_once_is(wires: MidiWires) -> None:
    with Peer("rx") as peer, closing(wires.named("rx")) as wire:

        def heard() -> set[bytes]:
            wire.send(KICK_OFF)
            wire.send_at(KICK, time.monotonic() + 0.05)
            wire.send_at(b"\xf8", time.monotonic() + 0.05)
            wire.take_back()
            return {message for _, message in peer.heard}

        wait_for("what was not taken back", lambda: {KICK_OFF, b"\xf8"} <= heard())
        time.sleep(0.1)
        assert KICK not in heard()


def test_what_is_withdrawn_is_not_heard_and_its_end_is(wires: MidiWires) -> None:
    with Peer("rx") as peer, closing(wires.named("rx")) as wire:

        def heard() -> set[bytes]:
            now = time.monotonic()
            due = now + 0.1
            assert now < wire.firm_until(now) < due
            wire.send_at(KICK, due)
            wire.send_at(KICK_OFF, due)
            wire.withdraw(KICK, due)
            return {message for _, message in peer.heard}

        wait_for("the end", lambda: KICK_OFF in heard())
        time.sleep(0.2)
        assert KICK not in heard()


def test_closing_a_wire_lets_out_what_was_handed_over(wires: MidiWires) -> None:
    with Peer("rx") as peer:
        with closing(wires.named("rx")) as wire:
            for number in range(20):
                wire.send_at(bytes((0x89, number, 0)), time.monotonic() + 0.05)
        wait_for("most of them", lambda: len(peer.heard) > 10)


def test_it_wants_a_message_a_period_before_it_is_due(wires: MidiWires) -> None:
    with closing(wires.virtual(VIRTUAL_OUT)) as wire:
        period_seconds = PERIOD_FRAMES / 48_000
        assert period_seconds < wire.lookahead_seconds < 5 * period_seconds


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_is_stuck_is_replaced_and_connected_as_it_was(
    wires: MidiWires, jack_server: JackServer, number: signal.Signals
) -> None:
    with (
        Peer("by hand") as hand,
        Peer("rx") as peer,
        closing(wires.virtual(VIRTUAL_OUT)) as virtual,
        closing(wires.named("rx")) as named,
    ):
        connect = ["jack_connect", f"{VIRTUAL_OUT}:{VIRTUAL_OUT}", hand.name]
        subprocess.run(connect, check=True, env=jack_server.environment)
        assert not virtual.watch()
        assert not named.watch()
        clients = (VIRTUAL_OUT, OWN_CLIENT)
        before = [process_of(wires, client) for client in clients]
        for process in before:
            os.kill(process, number)
        back: set[str] = set()

        def all_back() -> bool:
            back.update(wire.name for wire in (virtual, named) if wire.watch())
            return len(back) == 2

        wait_for("both to be back", all_back)
        assert not {process_of(wires, client) for client in clients} & set(before)
        assert virtual.condition.state is named.condition.state is PortState.OPEN
        for wire, listener in ((virtual, hand), (named, peer)):

            def heard(wire: Wire = wire, listener: Peer = listener) -> bool:
                wire.send(KICK)
                return any(message == KICK for _, message in listener.heard)

            wait_for("a note", heard)


def test_a_process_that_asks_a_server_which_stands_still_ends_with_its_player(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such a call never returns: not even a SIGTERM would end it."""
    with running_jack_server() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        with (
            closing(MidiSystem("jack")) as system,
            closing(jack.JackOutputs(system, "alone")) as ours,
        ):
            process = ours._host._process
            server.stand_still()
            try:
                ours._host._pipe.send((0, "one more"))
                time.sleep(0.2)
                ours._host._pipe.close()  # as when the player is killed
                ended = process.wait(timeout=PATIENCE_SECONDS)
                assert ended in (0, -signal.SIGALRM), "by itself, or by the kernel's timer"
            finally:
                server.go_on()


PLAYER = """
import sys, time
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.wires.midi import MidiWires
wires = MidiWires(MidiSystem("jack"), "Polyrhythmia")
wire = wires.named("rx")
print(wires._outputs["Polyrhythmia"]._host._process.pid, flush=True)
while True:
    time.sleep(0.01)
    wire.send(b"\\x99\\x24\\x40")
    wire.send_at(b"\\x99\\x30\\x40", time.monotonic() + 100.0)
"""


def test_when_the_player_is_killed_its_notes_end_and_its_ports_go(jack_server: JackServer) -> None:
    with Peer("rx") as peer:
        player = subprocess.Popen(
            [sys.executable, "-c", PLAYER],
            env=jack_server.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert player.stdout is not None
        try:
            process = int(player.stdout.readline())
            wait_for("the note", peer.notes_on)
        finally:
            player.kill()
            player.communicate()
        wait_for("its end", lambda: [it for it in peer.heard if it[1] == KICK_OFF])
        wait_for("the process to end", lambda: not lives(process))
        assert peer.heard[-1][1] == KICK_OFF
        assert {message for _, message in peer.heard} == {KICK, KICK_OFF}
        assert not any("to rx" in name for name in jack_server.ports() or ())


def test_where_the_process_does_not_come_up_rtmidi_plays_and_it_is_said(
    system: MidiSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jack, "_MODULE", "polyrhythmia_live.nothing")
    with (
        Peer("rx") as peer,
        closing(MidiWires(system, OWN_CLIENT)) as wires,
        closing(wires.named("rx")) as wire,
    ):
        assert wires.notice.startswith("notes fall on the beginnings of JACK's periods")
        assert wire.lookahead_seconds == 0.0

        def heard() -> bool:
            wire.send(KICK)
            return bool(peer.notes_on())

        wait_for("a note", heard)
