"""What the page costs, and whether the notes know of it: pages that are open, deaf, and hostile.

Sixteenths at 120 bpm on a private JACK server; before them nobody; the page served and not open;
open and listening; led by one that asks for something a hundred times a second; fifty that do not
read what they are sent; connections by the hundred that bring no request. CPU: of one core, the web
process. Late: how far hits are from their places at rtmidi's send call, as in `timing`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import _stamps
import click
import numpy as np
from _grid import BPM
from _load import cores_taken, cpu_seconds, memory_folder, private_jack
from timing import CALM_SECONDS, FLAGS, SHARES, _first_of_each_step, _lateness_ms, _sleep_until
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from polyrhythmia_live.testing.daemon import Daemon, wait_for

OPTIONS = [
    click.Option(["--seconds"], type=click.FloatRange(2.0), default=30.0, help="Of each [30]."),
    click.Option(["--loaded"], is_flag=True, help="With every core taken by other processes."),
]

SETTLE_SECONDS = 2.0
DEAF, HALF_OPEN = 50, 200
WEB = "polyrhythmia_live.web.process"

Ended = threading.Event


def _page(link: str, **options: Any) -> ClientConnection:
    there = urlsplit(link)
    return connect(f"ws://{there.netloc}/ws?{there.query}", open_timeout=2, **options)


def _listens(link: str, ended: Ended) -> None:
    with _page(link) as page:
        for wanted in ({"subscribe": True}, {"hear": True}):
            page.send(json.dumps(wanted))
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                page.recv(timeout=0.2)


def _leads(link: str, ended: Ended) -> None:
    with _page(link) as page:
        threading.Thread(target=lambda: [None for _ in page], daemon=True).start()
        while not ended.wait(0.01):
            page.send(json.dumps({"set": "density", "value": 0.4 + 0.2 * (time.monotonic() % 1)}))


def _deaf(link: str, ended: Ended) -> None:
    while not ended.is_set():
        with contextlib.suppress(OSError, WebSocketException, TimeoutError):
            page = _page(link, max_queue=1).__enter__()
            page.send('{"subscribe": true}')
            ended.wait(8)
            page.socket.close()
        ended.wait(0.5)


def _half_open(link: str, ended: Ended) -> None:
    there = urlsplit(link)
    while not ended.is_set():
        with contextlib.ExitStack() as opened, contextlib.suppress(OSError):
            for _ in range(HALF_OPEN):
                way = socket.create_connection((there.hostname, there.port), timeout=1)
                opened.enter_context(contextlib.closing(way)).sendall(b"GET / HTTP/1.1\r\nX: ")
            ended.wait(3)
        ended.wait(0.1)


CASES: dict[str, tuple[tuple[str, ...], Callable[[str, Ended], None] | None, int]] = {
    "nobody": ((), None, 0),
    "served": (("--web",), None, 0),
    "a page that listens": (("--web",), _listens, 1),
    "a page that floods": (("--web",), _leads, 1),
    f"{DEAF} that do not read": (("--web",), _deaf, DEAF),
    f"{HALF_OPEN} half-open": (("--web",), _half_open, 1),
}
"""Name -> flags, what each of so many does."""


@contextlib.contextmanager
def _before(act: Callable[[str, Ended], None], link: str, many: int) -> Iterator[None]:
    ended = Ended()
    threads = [threading.Thread(target=act, args=(link, ended), daemon=True) for _ in range(many)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)


def measure(seconds: float = 30.0, loaded: bool = False) -> tuple[dict[str, Any], str]:
    """The figures (shares of a core, milliseconds) and a table of them."""
    figures: dict[str, Any] = {}
    taken = (os.cpu_count() or 1) if loaded else 0
    for name in CASES:
        click.echo(f"{name} ...", file=sys.stderr)
        with private_jack(), memory_folder() as folder:
            figures[name] = _one(name, folder, seconds, taken)
    return figures, _table(figures, seconds, loaded)


def _one(name: str, folder: Path, seconds: float, taken: int) -> dict[str, float]:
    flags, act, many = CASES[name]
    file = folder / "stamps"
    environment = _stamps.environment(file)
    with Daemon(
        folder, *FLAGS, *flags, environment=environment, module=_stamps.DAEMON, command="serve"
    ) as daemon:
        first = wait_for("the daemon to play", lambda: _stamps.read(file)[:1])[0]
        web = None
        with contextlib.ExitStack() as stack:
            if flags:
                said = wait_for("a link", lambda: re.search(r"page: (\S+)", daemon.terminal))
                web = daemon.child(WEB)
                if act is not None:
                    stack.enter_context(_before(act, said[1], many))
            _sleep_until(first + CALM_SECONDS)
            began = time.monotonic() + SETTLE_SECONDS
            stack.enter_context(cores_taken(taken))
            _sleep_until(began)
            computed = 0.0 if web is None else -cpu_seconds(web)
            _sleep_until(began + seconds)
            computed += 0.0 if web is None else cpu_seconds(web)
        stamps = np.array(_stamps.read(file))
        daemon.end()
    late = _lateness_ms(*_first_of_each_step(stamps), began)
    percentiles = {column: float(np.percentile(late, share)) for column, share in SHARES.items()}
    return {**percentiles, "cpu": computed / seconds}


def _table(figures: dict[str, Any], seconds: float, loaded: bool) -> str:
    lines = [
        f"{seconds:g} s of sixteenths at {BPM} bpm each{', every core taken' if loaded else ''}",
        f"{'':24}{'CPU':>7}" + "".join(f"{f'late {column}':>12}" for column in SHARES) + "  (ms)",
    ]
    for name, row in figures.items():
        late = "".join(f"{row[column]:12.3f}" for column in SHARES)
        lines.append(f"{name:24}{row['cpu']:7.1%}{late}")
    return "\n".join(lines)
