"""A network on which two Link peers of this machine find each other, and nobody else is there."""

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

JOIN_SECONDS = 5.0
ALONE_SECONDS = 0.7
"""Peers on loopback have found each other by then."""


@contextmanager
def link_network() -> Iterator[None]:
    """Ours alone for as long as it lasts: test runs side by side would play together."""
    library = pytest.importorskip(
        "link", reason="needs LinkPython-extern: pip install 'polyrhythmia-live[link]'"
    )
    with Path(tempfile.gettempdir(), "polyrhythmia-test-link.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        one, other = library.Link(120.0), library.Link(120.0)
        one.enabled = True
        time.sleep(ALONE_SECONDS)
        if one.numPeers() > 0:
            pytest.skip("somebody on this network plays with Ableton Link already")
        other.enabled = True
        until = time.monotonic() + JOIN_SECONDS
        while not (one.numPeers() and other.numPeers()):
            if time.monotonic() > until:
                pytest.skip("no network interface here carries multicast from peer to peer")
            time.sleep(0.01)
        one.enabled = other.enabled = False
        del one, other
        yield
