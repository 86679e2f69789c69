"""A web process that really runs, beside a desk that only greets and repeats what it is asked."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pipe
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from polyrhythmia_live.config import WebConfig
from polyrhythmia_live.messages import Alive, PageAt
from polyrhythmia_live.wires.base import DEFAULT_SOUND

TOKEN = "a" * 22
PORT = 18420


class Site:
    """Where the page is, and plain requests to it."""

    def __init__(self, page: PageAt, log: Path) -> None:
        self.log = log
        self.lead = page.lead
        self.look = page.look
        self.port = urlsplit(page.lead).port or 0
        self.host = f"127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        token: str | None = TOKEN,
        body: bytes = b"",
        **headers: str,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; `headers` by their names with low lines, Host unless given."""
        sent = {"Host": self.host, "Connection": "close", "Content-Length": str(len(body))}
        if token is not None:
            sent["Cookie"] = f"polyrhythmia_{self.port}={token}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {it}" for name, it in sent.items())]
        with closing(self.connect()) as asked:
            asked.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            return heard(asked)


def heard(answer: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """An answer to its end: status, headers (in small letters) and body; 0 where there is none."""
    said = b""
    try:
        while more := answer.recv(1 << 16):
            said += more
    except ConnectionError:
        pass
    head, _, body = said.partition(b"\r\n\r\n")
    if not head:
        return 0, {}, b""
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in rest)
    return int(first.split()[1]), headers, body


def a_desk(path: Path) -> socket.socket:
    """Greets, and says again what it was told."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)

    def serve(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, client.makefile("rwb") as lines:
            lines.write(json.dumps({"polyrhythmia": 1, "meters": {"changes": []}}).encode() + b"\n")
            lines.flush()
            for line in lines:
                lines.write(json.dumps({"told": json.loads(line)}).encode() + b"\n")
                lines.flush()

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listening


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("web")
    desk = a_desk(folder / "desk.sock")
    config = WebConfig(
        desk=folder / "desk.sock",
        address="127.0.0.1",
        port=PORT,
        token=TOKEN,
        sound=DEFAULT_SOUND,
        cache=folder,
        log=folder / "performances" / "now.jsonl",
        performances=folder / "performances",
        tempos_bpm={"rock": 105.0},
        people={"rock": {"density": [18.0, 22.0, 26.0]}},
    )
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "polyrhythmia_live.web.process", str(theirs.fileno())],
        pass_fds=(theirs.fileno(),),
    )
    theirs.close()
    ours.send(config)
    try:
        while isinstance(said := ours.recv(), Alive):
            pass
        assert isinstance(said, PageAt), said
        yield Site(said, config.log or folder)
    finally:
        ours.close()
        assert process.wait(timeout=20) == 0
        desk.close()
