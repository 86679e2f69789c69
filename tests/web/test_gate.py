"""Who may come in, and with how much; against a web process that really runs."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from polyrhythmia_live.web.bridge import CLIENTS_MAX
from polyrhythmia_live.web.gate import BODY_BYTES, look_token
from polyrhythmia_live.web.serving import CONNECTIONS_MAX, HEAD_SECONDS
from tests.web.conftest import TOKEN, Site, heard


@contextmanager
def a_page(
    site: Site, token: str = TOKEN, origin: str = "", max_queue: int = 16
) -> Iterator[ClientConnection]:
    with connect(
        f"ws://{site.host}/ws",
        additional_headers={"Cookie": f"polyrhythmia_{site.port}={token}"},
        origin=Origin(origin or f"http://{site.host}"),
        max_queue=max_queue,
    ) as page:
        yield page


def test_the_link_lets_in_once_and_leaves_the_address_bar(site: Site) -> None:
    status, headers, _ = site.ask(f"/?token={TOKEN}", token=None)
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert TOKEN in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert site.ask("/")[0] == 200


@pytest.mark.parametrize("token", [None, "", "b" * 22, TOKEN + "a", "é"])
def test_without_the_token_nothing_is_shown_also_on_this_machine(
    site: Site, token: str | None
) -> None:
    for path in ("/", "/static/app.js", "/history", "/about", "/nothing"):
        status, headers, body = site.ask(path, token=token)
        assert status == 403
        assert b"token=" in body
        assert headers["connection"] == "close"  # or it could bring half a request for ever
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "host", ["evil.com", "127.0.0.1", "127.0.0.1:1", "localhost.evil.com:18420"]
)
def test_a_name_that_only_points_here_is_refused(site: Site, host: str) -> None:
    assert site.ask("/", Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.com", "null", "https://127.0.0.1:18420", ""])
def test_a_page_from_elsewhere_may_not_ask(site: Site, origin: str) -> None:
    assert site.ask("/", Origin=origin)[0] == 403
    with pytest.raises(InvalidStatus), a_page(site, origin=origin or "http://evil.com"):
        pass


def test_what_changes_something_needs_the_origin_and_json(site: Site) -> None:
    body = json.dumps({"bar": 1, "words": "here"}).encode()
    ours = f"http://{site.host}"
    json_type = {"Content_Type": "application/json"}
    assert site.ask("/marks", "POST", body=body, **json_type)[0] == 403
    assert site.ask("/marks", "POST", body=body, Origin=ours)[0] == 415
    assert site.ask("/marks", "PUT", body=body, Origin=ours, **json_type)[0] == 405
    long = b"x" * (BODY_BYTES + 1)
    assert site.ask("/marks", "POST", body=long, Origin=ours, **json_type)[0] == 413
    for wrong in (b"{", b"[]", b"7", b"[" * 10_000, b'{"bar": "one"}', b'{"bar": -1, "words": ""}'):
        status, _, said = site.ask("/marks", "POST", body=wrong, Origin=ours, **json_type)
        assert (status, said.count(b"\n")) == (400, 0), wrong


def send_without_end(page: ClientConnection, frame: str) -> None:
    while True:
        page.send(frame)


def code_of_the_end(page: ClientConnection, frame: str) -> int | None:
    """With what code a page is closed that sends this."""
    try:
        page.send(frame)
        while True:
            page.recv()
    except ConnectionClosed as closed:
        return None if closed.rcvd is None else closed.rcvd.code


@pytest.mark.parametrize(
    "path",
    ["/static/..%2f..%2fgate.py", "/static/%2e%2e/gate.py", "/static/%00", "/static/",
     "/etc/passwd", "/static/....//gate.py", "/samples/..%2f..%2fx", "/jobs/..%2f1/file",
     "//evil.com/"],
)  # fmt: skip
def test_no_path_meets_the_disk(site: Site, path: str) -> None:
    status, _, body = site.ask(path)
    assert status in (404, 503)
    assert b"def " not in body


@pytest.mark.parametrize(
    "query", ["from=x", "from=-1", "from=" + "9" * 400, "log=..%2fx", "log=%00"]
)
def test_a_history_that_there_is_none_of_is_said_in_a_line(site: Site, query: str) -> None:
    status, _, body = site.ask(f"/history?{query}")
    assert status == 404
    assert json.loads(body)["error"]


def test_a_page_is_a_client_of_the_desk_and_knows_its_clock(site: Site) -> None:
    with a_page(site) as page:
        assert json.loads(page.recv())["polyrhythmia"] == 1
        assert json.loads(page.recv()) == {"role": "lead"}
        page.send('{"set": "density",\n "value": 0.7}')
        assert json.loads(page.recv()) == {"told": {"set": "density", "value": 0.7}}
        before = time.monotonic()
        page.send('{"ping": 12.5}')
        pong = json.loads(page.recv())
        assert pong["pong"] == 12.5
        assert before <= pong["seconds"] <= time.monotonic()
        page.send("nonsense")
        assert json.loads(page.recv()) == {"error": "expected a JSON object"}


def test_who_only_looks_cannot_lead(site: Site) -> None:
    token = look_token(TOKEN)
    with a_page(site, token) as page:
        page.recv()
        assert json.loads(page.recv()) == {"role": "look"}
        for wanted in (
            {"fire": "panic"},
            {"say": "stop"},
            {"ask": "log"},
            {"subscribe": True, "fire": "x"},
        ):
            page.send(json.dumps(wanted))
            assert "looking" in json.loads(page.recv())["error"]
        page.send('{"subscribe": true}')
        assert json.loads(page.recv()) == {"told": {"subscribe": True}}
    headers = {"Origin": f"http://{site.host}", "Content_Type": "application/json"}
    body = b'{"loop": {"genre": "rock"}}'
    assert site.ask("/jobs", "POST", token=token, body=body, **headers)[0] == 403
    assert site.ask("/history", token=token)[0] == 200


def test_a_frame_of_ten_megabytes_closes_its_own_page_only(site: Site) -> None:
    with a_page(site) as other:
        other.recv()
        with a_page(site) as page:
            assert code_of_the_end(page, "x" * (1 << 15)) == 1009
        with a_page(site) as page:
            assert code_of_the_end(page, "x" * (10 << 20)) in (1009, None)  # None: mid-frame
        assert json.loads(other.recv()) == {"role": "lead"}


def test_one_page_too_many_is_told_so(site: Site) -> None:
    with ExitStack() as pages:
        for _ in range(CLIENTS_MAX):
            pages.enter_context(a_page(site)).recv()
        with pytest.raises(InvalidStatus), a_page(site):
            pass
    time.sleep(0.2)
    with a_page(site) as page:
        assert page.recv()


def test_a_page_that_floods_is_read_slowly_and_answered(site: Site) -> None:
    with a_page(site) as page, a_page(site) as other:
        for _ in range(300):
            page.send('{"ping": 0}')
        other.recv(), other.recv()
        before = time.monotonic()
        other.send('{"ping": 1}')
        assert json.loads(other.recv())["pong"] == 1
        assert time.monotonic() - before < 1.0


def test_half_open_connections_take_nobodys_place_for_long(site: Site) -> None:
    with ExitStack() as opened:
        idle = [opened.enter_context(closing(site.connect())) for _ in range(CONNECTIONS_MAX)]
        for slow in idle[::2]:
            slow.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\nX: ".encode())
        deadline = time.monotonic() + 3 * HEAD_SECONDS
        while site.ask("/about")[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        idle[0].settimeout(2 * HEAD_SECONDS)
        assert heard(idle[0])[0] in (0, 400)


def test_five_hundred_connections_at_once_leave_the_page_there(site: Site) -> None:
    with ExitStack() as opened:
        for _ in range(500):
            try:
                opened.enter_context(closing(site.connect()))
            except OSError:
                break
    deadline = time.monotonic() + 3 * HEAD_SECONDS
    while site.ask("/about")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_page_that_does_not_read_is_dropped(site: Site) -> None:
    with a_page(site, max_queue=1) as page, a_page(site) as other:
        with pytest.raises(ConnectionClosed):
            send_without_end(page, json.dumps({"say": "x" * 8000}))
        assert other.recv()
