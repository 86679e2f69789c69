"""Clients that do not read, and clients that never stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polyrhythmia_live.desk import door
from polyrhythmia_live.desk.door import Client, Door

PICTURE = b"x" * 50_000 + b"\n"


def with_door(
    path: Path, meet: Callable[[Door, list[bytes]], Awaitable[None]], greeting: bytes = b"{}\n"
) -> None:
    """Open a door, let somebody come, and close it."""

    async def run() -> None:
        heard: list[bytes] = []
        opened = Door(path, greeting, lambda _, text: heard.append(text), lambda _: None)
        await opened.open()
        try:
            await asyncio.wait_for(meet(opened, heard), 60)
        finally:
            await opened.close(b"{}\n")

    asyncio.run(run())


async def until(look: Callable[[], bool]) -> None:
    while not look():
        await asyncio.sleep(0.005)


def test_a_client_that_does_not_read_is_dropped_and_the_others_see_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SLOW_SECONDS", 0.2)

    async def meet(opened: Door, _: list[bytes]) -> None:
        _reader, deaf = await asyncio.open_unix_connection(str(tmp_path / "s"), limit=1)
        deaf.transport.pause_reading()  # type: ignore[attr-defined]
        reader, _writer = await asyncio.open_unix_connection(str(tmp_path / "s"), limit=1 << 20)
        await until(lambda: len(opened.clients) == 2)
        await reader.readline()
        seen = 0
        while len(opened.clients) == 2:
            for client in opened.clients:
                client.show(PICTURE)
            assert await reader.readline() == PICTURE
            seen += 1
            await asyncio.sleep(0.01)
        assert seen > 3

    with_door(tmp_path / "s", meet)


def test_a_client_that_asks_and_does_not_read_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SLOW_SECONDS", 0.2)
    answered: list[Client] = []

    def answer(client: Client, _: bytes) -> None:
        answered.append(client)
        client.tell(PICTURE)

    async def run() -> None:
        opened = Door(tmp_path / "s", b"{}\n", answer, lambda _: None)
        await opened.open()
        _, deaf = await asyncio.open_unix_connection(str(tmp_path / "s"), limit=1)
        deaf.transport.pause_reading()  # type: ignore[attr-defined]
        deaf.write(b"{}\n" * 1000)
        await until(lambda: bool(answered))
        await until(lambda: not opened.clients)
        assert len(answered) < 100
        await opened.close(b"{}\n")

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_client_that_never_stops_is_read_no_faster(tmp_path: Path) -> None:
    async def meet(_: Door, heard: list[bytes]) -> None:
        _reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        began = time.monotonic()
        writer.write(b"{}\n" * 3 * door.LINES_PER_SECOND)
        await until(lambda: len(heard) == 3 * door.LINES_PER_SECOND)
        assert time.monotonic() - began > 1.5
        writer.close()

    with_door(tmp_path / "s", meet)
