import threading
from queue import SimpleQueue

import pytest

from polyrhythmia_live.clock.base import Timebase
from polyrhythmia_live.clock.monotonic import SPIN_SECONDS, MonotonicTimebase
from polyrhythmia_live.clock.virtual import VirtualTimebase


def test_virtual_time_jumps_to_the_deadline() -> None:
    time: Timebase = VirtualTimebase(10.0)
    assert time.wait(SimpleQueue(), 12.5) is None
    assert time.now() == 12.5


def test_a_message_costs_no_virtual_time() -> None:
    time = VirtualTimebase()
    inbox: SimpleQueue[str] = SimpleQueue()
    inbox.put("stop")
    assert time.wait(inbox, 5.0) == "stop"
    assert time.now() == 0.0
    inbox.put("start")
    assert time.wait(inbox, None) == "start"


def test_virtual_time_never_goes_back() -> None:
    time = VirtualTimebase(3.0)
    assert time.wait(SimpleQueue(), 1.0) is None
    time.advance_to(2.0)
    assert time.now() == 3.0
    time.advance_to(4.0)
    assert time.now() == 4.0


def test_a_wait_that_would_never_end_fails_loudly() -> None:
    with pytest.raises(RuntimeError, match="expected a message or a deadline, got neither"):
        VirtualTimebase().wait(SimpleQueue(), None)


def test_monotonic_time_sleeps_until_just_before_its_deadline() -> None:
    time: Timebase = MonotonicTimebase()
    deadline = time.now() + 0.01
    assert time.wait(SimpleQueue(), deadline) is None
    assert time.now() >= deadline - SPIN_SECONDS


def test_a_message_waits_for_a_deadline_that_is_very_near(monkeypatch: pytest.MonkeyPatch) -> None:
    time: Timebase = MonotonicTimebase()
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    inbox: SimpleQueue[str] = SimpleQueue()
    inbox.put("stop")
    assert time.wait(inbox, 100.0 + SPIN_SECONDS / 2) is None
    assert time.wait(inbox, 100.0) == "stop"


def test_a_deadline_that_has_passed_still_takes_a_message() -> None:
    time = MonotonicTimebase()
    inbox: SimpleQueue[str] = SimpleQueue()
    assert time.wait(inbox, time.now() - 1.0) is None
    inbox.put("stop")
    assert time.wait(inbox, time.now() - 1.0) == "stop"


@pytest.mark.parametrize("deadline_seconds", [None, 60.0])
def test_a_message_wakes_the_waiter(deadline_seconds: float | None) -> None:
    time = MonotonicTimebase()
    inbox: SimpleQueue[str] = SimpleQueue()
    sender = threading.Timer(0.01, inbox.put, ["stop"])
    sender.start()
    until = None if deadline_seconds is None else time.now() + deadline_seconds
    assert time.wait(inbox, until) == "stop"
    sender.join()
