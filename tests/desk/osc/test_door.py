"""The desk as it runs, with OSC: real datagrams, python-osc's own client, and hostile bytes."""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import build_msg
from pythonosc.udp_client import SimpleUDPClient

from polyrhythmia_live.config import DeskConfig, OscConfig
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.desk.osc import door
from polyrhythmia_live.desk.osc.door import (
    AHEAD_MAX,
    LEASE_MAX_SECONDS,
    MESSAGES_PER_SECOND,
    REPLIES_PER_SECOND,
    SUBSCRIBERS_MAX,
    OscDoor,
)
from polyrhythmia_live.desk.osc.packet import read
from polyrhythmia_live.messages import Alive, AtWork, Fire, Press, SetLevel, Snapshot
from polyrhythmia_live.testing.daemon import wait_for
from tests.control.test_status_line import CONTROLS, SNAPSHOT
from tests.desk.doubles import config_in
from tests.desk.test_process import PATIENCE_SECONDS, Caller, Supervised, pid_of, rss_kb

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def bundle_in(seconds: float) -> OscBundleBuilder:
    return OscBundleBuilder(time.time() + seconds)  # type: ignore[arg-type]


class OscDesk(Supervised):
    """A desk that hears OSC, and what its supervisor says and hears."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        super().__init__(folder)

    def config_in(self, folder: Path) -> DeskConfig:
        return replace(config_in(folder), osc=OscConfig(HOST, self.port))

    def heard(self, patience_seconds: float = 0.1) -> list[object]:
        """What it has passed on until now, and goes on to without so long a pause."""
        found = []
        assert self.child.connection is not None
        while self.child.connection.poll(patience_seconds):
            found.append(self.child.receive())
        return [message for message in found if not isinstance(message, Alive)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OscDesk]:
    supervised = OscDesk(tmp_path, free_port())
    assert supervised.status == AtWork()
    yield supervised
    supervised.end()


class Surface:
    """A surface that sends and hears at one port."""

    def __init__(self, desk: OscDesk) -> None:
        self._desk = desk
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(PATIENCE_SECONDS)
        self.port = self.socket.getsockname()[1]

    def send(self, address: str, *arguments: Any) -> None:
        self.send_bytes(build_msg(address, arguments).dgram)

    def send_bytes(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, (HOST, self._desk.port))

    def told(self) -> dict[str, tuple[Any, ...]]:
        """What the next datagram says, by address without the root."""
        return {it.address.removeprefix("/polyrhythmia/"): it.arguments
                for it in read(self.socket.recv(65536))}  # fmt: skip

    def hears(self, name: str) -> Any:
        """The first argument of what is told there, whatever else is told before it."""
        while name not in (told := self.told()):
            pass
        return told[name][0]

    def everything(self) -> list[bytes]:
        """All the datagrams that are there or come before the answer to a ping."""
        found = []
        self.socket.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            while True:
                found.append(self.socket.recv(65536))
        self.socket.settimeout(PATIENCE_SECONDS)
        return found


def subscribed(desk: OscDesk, *arguments: int) -> Surface:
    surface = Surface(desk)
    surface.send("/polyrhythmia/subscribe", *arguments)
    assert surface.hears("subscribed") == (arguments[1] if len(arguments) > 1 else 60)
    return surface


def test_a_fader_is_obeyed_and_stamped_where_it_arrived(desk: OscDesk) -> None:
    before = time.monotonic()
    SimpleUDPClient(HOST, desk.port).send_message("/polyrhythmia/density", 0.7)
    (command,) = desk.obey(6720)
    assert isinstance(command, SetLevel)
    assert (command.name, command.value) == ("density", 0.7)
    assert before <= command.at_seconds <= time.monotonic()


def test_a_subscriber_is_told_everything_at_once_and_then_what_changed(desk: OscDesk) -> None:
    surface = subscribed(desk)
    desk.tell(SNAPSHOT)
    told = surface.told()
    assert told["density"] == (0.25,)
    assert told["genre"] == ("jazz", 1)
    assert told["beat"] == (2, 2)
    louder = replace(CONTROLS, intensity=0.75)
    desk.tell(SNAPSHOT, Snapshot(SNAPSHOT.status, louder.levels, seconds=SNAPSHOT.seconds))
    assert surface.told() == {"intensity": (0.75,), "intensity/knob": (0.75,)}


def test_it_may_hear_at_another_port_of_its_host(desk: OscDesk) -> None:
    ear, hand = Surface(desk), Surface(desk)
    hand.send("/polyrhythmia/subscribe", ear.port, 60)
    assert ear.hears("subscribed") == 60
    hand.send("/polyrhythmia/fill", 1.0)
    hand.send("/polyrhythmia/fill", 0.0)
    (command,) = desk.obey(6720)
    assert isinstance(command, Fire)
    assert ear.hears("answer") == "fill at 1.2"
    hand.send("/polyrhythmia/density", 7.0)
    assert ear.hears("error") == "expected density 0 to 1; got 7.0"
    assert not desk.heard()


def test_a_press_and_its_letting_go_are_one_fill_and_one_pull(desk: OscDesk) -> None:
    surface = Surface(desk)
    for name in ("fill", "pull"):
        for value in (1.0, 0.0):
            surface.send(f"/polyrhythmia/{name}", value)
    presses = [(it.name, it.press) for it in desk.heard() if isinstance(it, Fire)]
    assert presses == [("fill", Press.TAP), ("pull", Press.DOWN), ("pull", Press.UP)]


def test_a_fader_in_motion_is_not_pulled_from_under_the_finger(desk: OscDesk) -> None:
    surface = subscribed(desk)
    desk.tell(SNAPSHOT)
    surface.told()
    surface.send("/polyrhythmia/density", 0.9)
    desk.obey(6720)
    moved = replace(CONTROLS, density=0.5)
    desk.tell(Snapshot(SNAPSHOT.status, moved.levels, seconds=SNAPSHOT.seconds))
    told = surface.told()
    assert told == {"answer": ("density 90% from 1.2",)}

    def told_later() -> bool:
        desk.tell(Snapshot(SNAPSHOT.status, moved.levels, seconds=SNAPSHOT.seconds))
        surface.socket.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            return surface.told().get("density") == (0.5,)
        return False

    wait_for("where it came to rest", told_later)


def test_of_a_fader_that_moves_too_fast_the_last_value_holds(desk: OscDesk) -> None:
    surface = Surface(desk)
    most = 2 * MESSAGES_PER_SECOND
    for number in range(most + 1):
        surface.send("/polyrhythmia/density", number / most)
        time.sleep(0.002)  # the system's own buffer holds some 200, and the desk is nice
    heard: list[SetLevel] = []

    def at_rest() -> bool:
        heard.extend(it for it in desk.heard() if isinstance(it, SetLevel))
        return bool(heard) and heard[-1].value == 1.0

    wait_for("the last value", at_rest)
    assert len(heard) < most


def test_many_commands_between_two_pictures_have_one_answer(desk: OscDesk) -> None:
    surface = subscribed(desk)
    for value in (0.1, 0.2, 0.3):
        surface.send("/polyrhythmia/density", value)
    desk.obey(6720, 6720, 6720)
    assert surface.hears("answer") == "density 30% from 1.2"
    assert not any(b"answer" in it for it in surface.everything())


def test_a_lease_ends_by_itself_and_is_renewed_by_asking_again(desk: OscDesk) -> None:
    surface = subscribed(desk, 0, 1)
    desk.tell(SNAPSHOT)
    assert "density" in surface.told()
    surface.send("/polyrhythmia/subscribe", 0, 1)
    assert surface.hears("subscribed") == 1
    desk.tell(SNAPSHOT)
    assert "density" in surface.told()
    renewed = time.monotonic()

    def silent() -> bool:
        desk.tell(Snapshot(None, ControlState((("rock", 1.0),)).levels, trouble=str(renewed)))
        desk.tell(SNAPSHOT)
        return not surface.everything()

    wait_for("the end of the lease", silent)
    assert time.monotonic() - renewed >= 1.0


def test_who_has_had_enough_is_told_no_more(desk: OscDesk) -> None:
    surface = subscribed(desk)
    surface.send("/polyrhythmia/subscribe", 0, 0)
    assert surface.hears("subscribed") == 0
    desk.tell(SNAPSHOT)
    assert not surface.everything()


def test_a_ping_is_answered_where_it_came_from(desk: OscDesk) -> None:
    surface = Surface(desk)
    surface.send("/polyrhythmia/ping")
    assert surface.told().keys() == {"pong"}


def test_one_mistake_has_one_clear_line_and_the_rest_of_the_bundle_is_obeyed(
    desk: OscDesk,
) -> None:
    surface = Surface(desk)
    builder = OscBundleBuilder(0)
    for address, value in (("densty", 0.5), ("density", 0.5)):
        builder.add_content(build_msg(f"/polyrhythmia/{address}", value))
    surface.send_bytes(builder.build().dgram)
    (command,) = desk.obey(6720)
    assert command.name == "density"
    assert surface.told()["error"][0].endswith("densty': did you mean /polyrhythmia/density?")


def test_a_bundle_ahead_of_time_waits_for_it(desk: OscDesk) -> None:
    surface = Surface(desk)
    began = time.monotonic()
    for after_seconds, address in ((0.4, "fill"), (-5.0, "crash")):
        builder = bundle_in(after_seconds)
        builder.add_content(build_msg(f"/polyrhythmia/{address}", 1.0))
        surface.send_bytes(builder.build().dgram)
    crash, fill = desk.obey(6720, 6720)
    assert (crash.name, fill.name) == ("crash", "fill")
    assert crash.at_seconds - began < 0.39
    assert fill.at_seconds - began > 0.39


def test_a_bundle_of_another_clock_is_refused_and_so_are_too_many(desk: OscDesk) -> None:
    surface = Surface(desk)
    builder = bundle_in(3600)
    builder.add_content(build_msg("/polyrhythmia/fill", 1.0))
    surface.send_bytes(builder.build().dgram)
    assert "do the clocks of both machines agree?" in surface.hears("error")
    builder = bundle_in(9)
    for _ in range(AHEAD_MAX + 1):
        builder.add_content(build_msg("/polyrhythmia/fill", 1.0))
    surface.send_bytes(builder.build().dgram)
    assert f"{AHEAD_MAX} messages ahead" in surface.hears("error")
    assert not desk.heard()


HOSTILE = {
    "nothing": b"",
    "noise": os.urandom(300),
    "a long one": b"/" * 65000,
    "a cut one": b"/polyrhythmia/density\0\0\0,f\0\0",
    "no text": b"/polyrhythmia/\xff\xfe\0\0\0,f\0\0\0\0\0\0",
    "round for ever": b"#bundle\0" + struct.pack(">Qi", 1, -4),
    "deep": b"".join(b"#bundle\0" + struct.pack(">Qi", 1, 4076 - 20 * n) for n in range(200)),
    "not a number": build_msg("/polyrhythmia/density", float("nan")).dgram,
    "without end": build_msg("/polyrhythmia/tempo", float("inf")).dgram,
    "a blob": build_msg("/polyrhythmia/density", b"1234").dgram,
    "a nest": b"/polyrhythmia/density\0\0\0," + b"[" * 2000 + b"]" * 2000 + bytes(4),
    "nobody": build_msg("/elsewhere", 1.0).dgram,
}


def test_hostile_bytes_are_counted_and_refused_in_one_line(desk: OscDesk) -> None:
    surface = subscribed(desk)
    for number, what in enumerate(HOSTILE, 1):
        surface.send_bytes(HOSTILE[what])
        if number < REPLIES_PER_SECOND:
            assert surface.hears("error").startswith("expected"), what
    surface.send("/polyrhythmia/fill")
    assert [command.name for command in desk.obey(6720)] == ["fill"]
    assert surface.hears("refused") == len(HOSTILE)


def test_a_flood_is_passed_over_and_the_others_are_heard(desk: OscDesk) -> None:
    flood, other = Surface(desk), Surface(desk)
    before = rss_kb(pid_of(desk))
    datagram = build_msg("/polyrhythmia/density", 0.5).dgram
    began, commands = time.monotonic(), []
    for _ in range(200):
        for _ in range(100):
            flood.send_bytes(datagram)
        commands += desk.heard(0.0)
    commands += desk.heard()
    seconds = time.monotonic() - began
    assert MESSAGES_PER_SECOND <= len(commands) <= MESSAGES_PER_SECOND * (seconds + 1) + 1
    other.send("/polyrhythmia/fill")
    assert [getattr(it, "name", "") for it in desk.heard()][-1:] == ["fill"]
    assert rss_kb(pid_of(desk)) - before < 4096


def test_mistakes_without_end_are_answered_so_often_and_no_more(desk: OscDesk) -> None:
    surface, began_seconds = Surface(desk), time.monotonic()
    for _ in range(MESSAGES_PER_SECOND):
        surface.send("/polyrhythmia/nonsense" + "x" * 80)
    answers = surface.everything()
    seconds = time.monotonic() - began_seconds
    assert REPLIES_PER_SECOND <= len(answers) <= (1 + seconds) * REPLIES_PER_SECOND + 1
    assert max(map(len, answers)) <= 200


def test_there_is_room_for_so_many_subscribers(desk: OscDesk) -> None:
    surfaces = [subscribed(desk) for _ in range(SUBSCRIBERS_MAX)]
    one_more = Surface(desk)
    wait_for("an answer", lambda: one_more.send("/polyrhythmia/subscribe") or one_more.told())  # type: ignore[func-returns-value]
    assert not any(b"subscribed" in it for it in one_more.everything())
    desk.tell(SNAPSHOT)
    assert all(surface.hears("density") == 0.25 for surface in surfaces)


def test_nobody_is_told_for_long_or_where_he_cannot_have_asked(desk: OscDesk) -> None:
    surface = Surface(desk)
    wrong = ((0, LEASE_MAX_SECONDS + 1), (22, 60), (70000, 60), ("9001",), (0, -1), (1.0,))
    for arguments in wrong:
        surface.send("/polyrhythmia/subscribe", *arguments)
        assert surface.hears("error").startswith("expected")


def test_what_is_told_is_never_obeyed_nor_answered(desk: OscDesk) -> None:
    surface = Surface(desk)
    surface.send("/polyrhythmia/error", "expected")
    surface.send("/polyrhythmia/pong", "1")
    surface.send("/polyrhythmia/subscribe", desk.port, 60)
    assert "not ours" in surface.hears("error")
    assert not surface.everything()
    assert not desk.heard()


def test_the_sockets_clients_are_served_beside_it(desk: OscDesk) -> None:
    caller, surface = Caller(desk), subscribed(desk)
    surface.send("/polyrhythmia/fill")
    caller.say(id=1, set="density", value=0.5)
    desk.obey(6720, 6720)
    assert caller.line()["answer"] == "density 50% from 1.2"
    assert surface.hears("answer") == "fill at 1.2"


def test_a_port_that_is_taken_is_said_and_the_desk_does_the_rest(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, 0))
        desk = OscDesk(tmp_path, taken.getsockname()[1])
    assert isinstance(desk.status, AtWork)
    assert "in use; --osc takes another port" in desk.status.trouble
    Caller(desk).say(fire="fill")
    assert [command.name for command in desk.obey(6720)] == ["fill"]
    desk.end()


def test_what_is_held_for_too_long_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = OscDoor(OscConfig(HOST, 9100), "0.1", lambda *_: ())
    opened.held["pull", ""] = Fire("pull", time.monotonic(), Press.DOWN)
    assert opened.too_long_held() == ()
    monkeypatch.setattr(door, "HELD_SECONDS", -1.0)
    assert [it.name for it in opened.too_long_held()] == ["pull"]
