"""A screen's view of a desk that may stop, go and come back."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.desk.watch import LOST, SILENT, Watch
from polyrhythmia_live.errors import NothingPlays
from polyrhythmia_live.testing.daemon import wait_for
from tests.control.test_status_line import SNAPSHOT
from tests.desk.test_process import Supervised, desk

__all__ = ["desk"]

NEWS = replace(SNAPSHOT, trouble="the news")


@pytest.fixture
def watch(desk: Supervised) -> Iterator[Watch]:
    """On a desk that is told how everything stands again and again."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(0.02):
            desk.child.send(NEWS)

    thread = threading.Thread(target=tell)
    thread.start()
    watch = Watch(DeskClient(desk.path))
    yield watch
    done.set()
    thread.join()
    watch.close()


def shows(watch: Watch, trouble: str) -> bool:
    assert watch.hear() == []
    return watch.snapshot().trouble == trouble


def test_a_desk_that_stands_still_is_said_to_be_silent(desk: Supervised, watch: Watch) -> None:
    wait_for("the news", lambda: shows(watch, "the news"))
    process = desk.child._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    wait_for("the silence", lambda: shows(watch, SILENT))
    os.kill(process.pid, signal.SIGCONT)
    wait_for("the news again", lambda: shows(watch, "the news"))


def test_a_desk_that_was_killed_is_looked_for_and_found(desk: Supervised, watch: Watch) -> None:
    process = desk.child._process
    assert process is not None
    process.kill()
    wait_for("the loss", lambda: shows(watch, LOST))
    watch.send(fire="fill")  # in vain, and no harm
    assert watch.fileno() is None
    desk.child.bury()
    desk.child.start()
    wait_for("the next one's news", lambda: shows(watch, "the news"))


def test_when_the_performance_ends_it_says_so(desk: Supervised, watch: Watch) -> None:
    desk.end()
    with pytest.raises(NothingPlays, match="the performance has ended"):
        wait_for("the end", lambda: watch.hear() and None)
