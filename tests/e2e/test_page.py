"""The page of the real daemon, in a real browser."""

import re
from pathlib import Path

import pytest

from polyrhythmia_live.testing.browser import CHROMIUM, a_browser, a_page
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from tests.e2e.test_performing import a_daemon

pytestmark = [
    pytest.mark.jack,
    pytest.mark.usefixtures("jack_server"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def link_of(daemon: Daemon, which: str = "page") -> str:
    """What the terminal says."""
    said = wait_for("a link", lambda: re.search(rf"^{which}: (\S+)$", daemon.terminal, re.M))
    return said[1]


def test_the_page_is_connected_to_what_plays(tmp_path: Path) -> None:
    with a_daemon(tmp_path, "--web-bind", "127.0.0.1") as daemon, a_browser() as browser:
        with a_page(browser, link_of(daemon)) as page:
            page.wait_for_selector("body:not(.lost)[data-role=lead]", state="attached")
            assert "token" not in page.url
        with a_page(browser, link_of(daemon, "to look on only")) as page:
            page.wait_for_selector("body:not(.lost)[data-role=look]", state="attached")
        assert daemon.end()[0] == 0
