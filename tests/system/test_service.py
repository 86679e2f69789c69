"""What a service manager hears, at a real socket of its kind."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyrhythmia_live.system.service import Service


class Manager:
    """The end of the socket that systemd has."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0"))
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": address}

    def heard(self) -> list[str]:
        words = []
        while True:
            try:
                words.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return words


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    manager = Manager(path if request.param == "path" else f"@polyrhythmia-test-{os.getpid()}")
    yield manager
    manager.socket.close()


def test_the_manager_is_told_once_that_we_are_ready_and_that_we_stop(manager: Manager) -> None:
    service = Service(manager.environment)
    assert manager.heard() == []
    for _ in range(3):
        service.ready()
        service.alive()
    service.stopping()
    assert manager.heard() == ["READY=1", "STOPPING=1"], "nobody asked for signs of life"


def test_a_sign_of_life_comes_twice_in_each_of_the_managers_patience(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_seconds = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_seconds)
    patience = {"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}
    service = Service({**manager.environment, **patience})
    for _ in range(200):
        service.alive()
        now_seconds += 0.1
    assert manager.heard() == ["WATCHDOG=1"] * 4


@pytest.mark.parametrize(
    "patience",
    [{"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}],
)
def test_signs_of_life_that_are_asked_of_another_are_not_ours(
    manager: Manager, patience: dict[str, str]
) -> None:
    service = Service({**manager.environment, **patience})
    service.alive()
    assert manager.heard() == []


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/to/be/found"])
def test_where_no_manager_listens_nothing_happens(address: str) -> None:
    service = Service({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    service.ready()
    service.alive()
    service.stopping()


def test_a_manager_that_does_not_read_holds_nobody_up(manager: Manager) -> None:
    service = Service(manager.environment)
    for _ in range(10_000):
        service.stopping()
    assert "STOPPING=1" in manager.heard()
