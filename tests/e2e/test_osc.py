"""The real daemon, led by OSC: by a surface, and by whoever means it harm."""

import contextlib
import itertools
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.recorder import Recorder
from tests.e2e.test_desk import DAEMON_FLAGS, client_of, gaps
from tests.e2e.test_performing import BAR_SECONDS, DAEMON_PORT, until_it_plays

pytest.importorskip("pythonosc", reason="needs the extra `osc`")

from pythonosc.osc_message_builder import build_msg

from polyrhythmia_live.desk.osc.packet import read

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


class Surface:
    """A surface, and all that it has been told."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(0.05)
        self._told: dict[str, list[tuple[Any, ...]]] = {}

    def send(self, address: str, *arguments: Any) -> None:
        self.send_bytes(build_msg(f"/polyrhythmia/{address}", arguments).dgram)

    def send_bytes(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, (HOST, self._port))

    def told(self, address: str) -> list[tuple[Any, ...]]:
        with contextlib.suppress(TimeoutError, ConnectionError):
            while True:
                for message in read(self._socket.recv(65536)):
                    name = message.address.removeprefix("/polyrhythmia/")
                    self._told.setdefault(name, []).append(message.arguments)
        return self._told.get(address, [])

    def subscribe(self) -> None:
        def tried() -> bool:
            self.send("subscribe")
            return bool(self.told("subscribed"))

        wait_for("the desk", tried)


def test_a_surface_leads_the_service_and_sees_what_became_of_it(tmp_path: Path) -> None:
    port = free_port()
    with Daemon(tmp_path, *DAEMON_FLAGS, "--osc", str(port), command="serve") as daemon:
        surface = Surface(port)
        surface.subscribe()
        client = client_of(tmp_path)
        wait_for("everything", lambda: surface.told("density"))
        assert f"OSC at 127.0.0.1, port {port}" in daemon.terminal
        wait_for("the beat", lambda: len(surface.told("beat")) > 2)
        bars = [bar for bar, _ in surface.told("beat")]
        assert bars == sorted(bars)
        assert surface.told("transport") == [("rolling",)]
        for address, argument, answer in (
            ("density", 0.75, "density 75% from "),
            ("fill", 1.0, "fill at "),
            ("say", "tempo 120", "tempo 120.0 bpm from "),
            ("genre", "funk", "genre funk from "),  # last: it brings a fill along
        ):
            surface.send(address, argument)
            if address == "fill":
                surface.send(address, 0.0)
            wait_for(answer, lambda: [it for (it,) in surface.told("answer") if answer in it])  # noqa: B023
        assert [it for (it,) in surface.told("answer") if "fill" in it][1:] == []
        assert ("density", 0.75) in client.snapshot().levels
        wait_for("the level", lambda: surface.told("density")[-1] == (0.75,))
        surface.send("stop")
        wait_for("the end", lambda: surface.told("transport")[-1] == ("stopped",))
        assert daemon.end()[0] == 0


def hurt(surface: Surface, seconds: float) -> None:
    """All at once: commands, mistakes, noise and datagrams as long as they can be."""
    datagrams = (
        build_msg("/polyrhythmia/density", 0.5).dgram,
        build_msg("/polyrhythmia/nonsense", 0.5).dgram,
        b"#bundle\0\0\0\0\0\0\0\0\1\xff\xff\xff\xfc",
        b"#bundle\0\0\0\0\0\0\0\0\1" + b"\0\0\0\x08/a\0\0,\0\0\0" * 300,
        os.urandom(64),
        b"/" * 65000,
    )
    until_seconds = time.monotonic() + seconds
    for datagram in itertools.cycle(datagrams):
        if time.monotonic() > until_seconds:
            return
        surface.send_bytes(datagram)


def answers(client: DeskClient) -> str:
    return str(client.ask(fire="crash").get("answer", ""))


def test_a_flood_of_anything_is_not_heard(tmp_path: Path) -> None:
    port = free_port()
    with (
        Daemon(tmp_path, *DAEMON_FLAGS, "--osc", str(port)) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        client, desk = client_of(tmp_path), daemon.desk
        began = time.monotonic()
        hurt(Surface(port), 2 * BAR_SECONDS)
        assert answers(client).startswith("crash at ")
        time.sleep(BAR_SECONDS)
        assert max(gaps(recorder, began)) < BAR_SECONDS
        assert daemon.desk == desk
        surface = Surface(port)
        surface.subscribe()
        wait_for("the count", lambda: any(it > 100 for (it,) in surface.told("refused")))
        status = client.snapshot().status
        assert status is not None
        assert status.dropped == 0
        assert daemon.end()[0] == 0
