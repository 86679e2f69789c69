"""The desk as it runs, with the test for a supervisor: whoever comes in, nobody waits for them."""

import contextlib
import json
import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.config import DeskConfig
from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.door import CLIENTS_MAX, LINE_BYTES
from polyrhythmia_live.desk.performance import read_performance
from polyrhythmia_live.errors import NothingPlays, PolyrhythmiaError
from polyrhythmia_live.messages import (
    DRUMS,
    Alive,
    Applied,
    AtWork,
    Choose,
    Command,
    Fire,
    Press,
    Resume,
    SetLevel,
    Snapshot,
    Suspend,
    Unchanged,
)
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.supervisor.child import Child
from polyrhythmia_live.supervisor.process import DESK_MODULE
from polyrhythmia_live.testing.daemon import wait_for
from tests.control.test_status_line import CONTROLS, PLAYING, SNAPSHOT
from tests.desk.doubles import GENRES, config_in, moved, sounded

PATIENCE_SECONDS = 20.0


class Supervised:
    """A desk process, and what its supervisor says and hears."""

    def __init__(self, folder: Path) -> None:
        self.config = self.config_in(folder)
        self.child = Child(DESK_MODULE, lambda: self.config, None)
        self.child.start()
        self.status = self.hear()

    def config_in(self, folder: Path) -> DeskConfig:
        return config_in(folder)

    @property
    def path(self) -> Path:
        return self.config.socket

    def hear(self) -> object:
        """The next word that is more than a sign of life."""
        while True:
            assert self.child.connection is not None
            assert self.child.connection.poll(PATIENCE_SECONDS)
            message = self.child.receive()
            if not isinstance(message, Alive):
                return message

    def tell(self, *messages: object) -> None:
        for message in messages:
            assert self.child.send(message)

    def obey(self, *tick_of_each: int) -> list[Command]:
        """Hear so many commands, and say where each holds from; then how everything stands."""
        commands: list[Command] = []
        for tick in tick_of_each:
            command = self.hear()
            assert isinstance(command, Command)
            commands.append(command)
            self.tell(Applied(command, DRUMS, tick // 1680, tick))
        self.tell(SNAPSHOT)
        return commands

    def end(self) -> None:
        self.child.hang_up()
        self.child.stop(time.monotonic() + PATIENCE_SECONDS)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(tmp_path)
    yield supervised
    supervised.end()


class Caller:
    """A client that speaks plain JSON lines, as a script does."""

    def __init__(self, desk: Supervised) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(str(desk.path))
        self._file = self.socket.makefile("rb")
        self.greeting = self.line()

    def say(self, **request: Any) -> None:
        self.socket.sendall(json.dumps(request).encode() + b"\n")

    def line(self) -> dict[str, Any]:
        text = self._file.readline()
        answer: dict[str, Any] = json.loads(text) if text else {}
        return answer

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def test_a_client_is_told_what_there_is_to_play_with(desk: Supervised) -> None:
    assert desk.status == AtWork()
    greeting = Caller(desk).greeting
    assert greeting["polyrhythmia"] == 1
    assert tuple(greeting["genres"]) == GENRES
    assert greeting["lanes"][0]["name"] == "kick"
    assert {"name", "low", "high", "unit"} <= set(greeting["levels"][1])
    client = DeskClient(desk.path)
    assert client.levels == tuple(LEVELS.values())
    assert client.triggers == tuple(TRIGGERS.values())
    client.close()


def test_a_command_is_stamped_passed_on_and_answered_with_where_it_holds(desk: Supervised) -> None:
    caller = Caller(desk)
    before = time.monotonic()
    caller.say(id="a", set="density", value="70%")
    (command,) = desk.obey(4 * 6720)
    assert isinstance(command, SetLevel)
    assert (command.name, command.value) == ("density", 0.7)
    assert before <= command.at_seconds <= time.monotonic()
    answer = caller.line()
    assert (answer["id"], answer["answer"]) == ("a", "density 70% from 2.1")
    assert answer["news"][0]["applied"]["set"] == "density"


def test_words_that_are_two_commands_have_one_answer(desk: Supervised) -> None:
    caller = Caller(desk)
    caller.say(say="jazz now")
    choose, now = desk.obey(8 * 6720, 6720)
    assert isinstance(choose, Choose)
    assert isinstance(now, Fire)
    assert caller.line()["answer"] == "genre jazz from 3.1; now at 1.2"


def test_what_changed_nothing_says_why(desk: Supervised) -> None:
    caller = Caller(desk)
    caller.say(set="density", value=0.25)
    command = desk.hear()
    assert isinstance(command, Command)
    desk.tell(Unchanged(command), SNAPSHOT)
    assert caller.line()["answer"] == "unchanged: density 25%"


def test_two_who_ask_for_the_same_are_each_answered_once(desk: Supervised) -> None:
    callers = [Caller(desk), Caller(desk)]
    for number, caller in enumerate(callers):
        caller.say(id=number, fire="fill")
    one, two = desk.obey(6720, 6720)
    assert one != two
    assert [caller.line()["id"] for caller in callers] == [0, 1]


def test_a_command_that_nobody_obeys_is_given_up(desk: Supervised) -> None:
    caller = Caller(desk)
    caller.say(id=1, fire="fill")
    assert "no answer" in caller.line()["error"]


def test_while_ctrl_z_holds_it_whoever_asks_is_told_so(desk: Supervised) -> None:
    desk.tell(Suspend())
    caller = Caller(desk)
    caller.say(id=1, ask="snapshot")
    assert caller.line()["error"].startswith("paused by Ctrl-Z")
    desk.tell(Resume(), SNAPSHOT)
    caller.say(id=2, fire="fill")
    desk.obey(6720)
    assert "answer" in caller.line()


def test_snapshots_come_to_those_who_subscribed_and_to_who_asks_once(desk: Supervised) -> None:
    client = DeskClient(desk.path)
    client.send(subscribe=True)
    other = Caller(desk)
    other.say(id=1, ask="snapshot")
    wait_for("the request", lambda: desk.tell(SNAPSHOT) or client.heard())  # type: ignore[func-returns-value]
    assert other.line()["snapshot"]["levels"]
    desk.tell(Snapshot(None, CONTROLS.levels))
    found = wait_for("no player", lambda: [it for it in client.heard() if it != SNAPSHOT])
    assert found == [Snapshot(None, CONTROLS.levels)]


@pytest.mark.parametrize("text", [b"fill\n", b"{}\n", b'{"fire":"x"}\n', b"\xff\xff\n", b"\n"])
def test_nonsense_is_answered_in_one_line_and_the_connection_goes_on(
    text: bytes, desk: Supervised
) -> None:
    caller = Caller(desk)
    caller.socket.sendall(text)
    assert "expected" in caller.line()["error"]
    caller.say(id=2, ask="log")
    assert caller.line() == {"id": 2, "log": str(desk.config.log)}


def rss_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def sent_bytes(caller: Caller, wanted: int) -> int:
    """How much of what is wanted a client can send before it is shown the door."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < wanted:
            sent += caller.socket.send(b"x" * (1 << 20))
    return sent


def test_a_client_that_sends_a_gigabyte_costs_nothing(desk: Supervised) -> None:
    caller = Caller(desk)
    pid = pid_of(desk)
    before = rss_kb(pid)
    assert sent_bytes(caller, 1 << 30) < 16 << 20
    assert f"lines of {LINE_BYTES} bytes" in caller.line()["error"]
    assert rss_kb(pid) - before < 4096
    other = Caller(desk)
    other.say(fire="fill")
    desk.obey(6720)
    assert other.line()["answer"] == "fill at 1.2"


def pid_of(desk: Supervised) -> int:
    return desk.child._process.pid  # type: ignore[union-attr]


def test_there_is_room_for_so_many_and_the_next_one_is_told(desk: Supervised) -> None:
    callers = [Caller(desk) for _ in range(CLIENTS_MAX)]
    assert all("genres" in caller.greeting for caller in callers)
    with pytest.raises(PolyrhythmiaError, match=f"{CLIENTS_MAX} clients"):
        DeskClient(desk.path)
    callers[0].close()
    wait_for("room", lambda: "genres" in Caller(desk).greeting)


def test_what_a_client_held_is_let_go_when_it_is_gone(desk: Supervised) -> None:
    caller = Caller(desk)
    caller.say(fire="pull", press="down")
    held = desk.hear()
    assert isinstance(held, Fire)
    assert held.press is Press.DOWN
    caller.close()
    released = desk.hear()
    assert isinstance(released, Fire)
    assert (released.name, released.press) == ("pull", Press.UP)


def test_the_socket_is_this_users_alone_and_goes_with_the_desk(desk: Supervised) -> None:
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    client = DeskClient(desk.path)
    client.send(subscribe=True)
    desk.end()
    assert not desk.path.exists()
    with pytest.raises(NothingPlays, match="has ended"):
        wait_for("the end", client.heard)
    assert client.ended
    with pytest.raises(NothingPlays, match="nothing plays"):
        DeskClient(desk.path)


def test_after_a_kill_the_next_desk_takes_the_place_of_the_last_and_goes_on_with_the_log(
    tmp_path: Path,
) -> None:
    first = Supervised(tmp_path)
    first.tell(moved(0), *map(sounded, range(14)))  # in the middle of a bar
    wait_for("the log", lambda: first.config.log.exists() and first.config.log.read_bytes())
    wait_for("its steps", lambda: len(read_performance(first.config.log).sounded) == 14)
    os.kill(pid_of(first), signal.SIGKILL)
    first.end()
    assert first.path.exists()
    second = Supervised(tmp_path)
    assert second.status == AtWork()
    second.tell(*map(sounded, range(14, 20)))
    second.end()
    assert [it.step.index for it in read_performance(second.config.log).sounded] == list(range(20))


def test_a_link_in_the_sockets_place_is_left_alone_and_said(tmp_path: Path) -> None:
    mine = tmp_path / "songs.txt"
    mine.write_text("all my songs")
    config_in(tmp_path).socket.symlink_to(mine)
    desk = Supervised(tmp_path)
    assert isinstance(desk.status, AtWork)
    assert "something else is there" in desk.status.trouble
    desk.tell(moved(0), sounded(0))
    desk.end()
    assert mine.read_text() == "all my songs"
    assert len(read_performance(desk.config.log).sounded) == 1


def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    desk = Supervised(tmp_path)
    assert isinstance(desk.status, AtWork)
    assert "another user's, or open to all" in desk.status.trouble
    desk.end()


def test_a_log_that_ends_is_said(tmp_path: Path) -> None:
    (tmp_path / "performances").touch()
    desk = Supervised(tmp_path)
    desk.tell(*map(sounded, range(16)))
    status = desk.hear()
    assert isinstance(status, AtWork)
    assert "no more performance log" in status.trouble
    caller = Caller(desk)
    caller.say(ask="log")
    assert "no more performance log" in caller.line()["error"]
    desk.end()


def test_the_last_word_is_in_the_log_though_a_service_ends_all_at_once(desk: Supervised) -> None:
    desk.tell(moved(0), sounded(0), SNAPSHOT)
    os.kill(pid_of(desk), signal.SIGTERM)
    desk.tell(sounded(1))
    desk.end()
    assert len(read_performance(desk.config.log).sounded) == 2
    assert PLAYING.song in read_performance(desk.config.log).events


def test_a_song_that_stands_writes_nothing(desk: Supervised) -> None:
    stopped = replace(PLAYING, transport=Transport.STOPPED)
    for seconds in range(5):
        moving = replace(stopped, song=Timeline(120.0, 0, float(seconds)))
        desk.tell(replace(SNAPSHOT, status=moving))
    desk.end()
    assert not desk.config.log.exists()
