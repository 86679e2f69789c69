"""How late waits end, alone and under load."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

from polyrhythmia_live.cli.doctor.check import Check, Verdict
from polyrhythmia_live.clock.base import Timebase
from polyrhythmia_live.clock.monotonic import MonotonicTimebase

T = TypeVar("T")

TIMER_SECONDS = 2.0
TIMER_STEP_SECONDS = 0.01
LATE_MS = 5.0
"""A 99th percentile above this is audible as loose playing."""

_REAL_TIME_RIGHTS = (
    "echo '@audio - rtprio 95' | sudo tee /etc/security/limits.d/polyrhythmia.conf "
    "&& sudo usermod -aG audio $USER, and log in again"
)
_LESS_LOAD = "close other programs; allow real-time priority"
_SPIN = "while True: pass"


def check_timer() -> Iterator[Check]:
    """Real-time priority, and how late waits end in a thread that has what was given."""
    priority, late_seconds = in_real_time(lateness_seconds)
    yield real_time_check(priority)
    yield timer_check("timer", late_seconds)


def check_timer_under_load() -> Iterator[Check]:
    """The same beside a process that never rests, as the brain may be, and beside a thread."""
    with _busy_process():
        yield timer_check("timer, busy brain", in_real_time(lateness_seconds)[1])
    with _busy_thread():
        yield timer_check("timer, busy thread", in_real_time(lateness_seconds)[1])


def in_real_time(action: Callable[[], T]) -> tuple[str, T]:
    """What the system gave, and what the action returns in a thread that has it."""
    from polyrhythmia_live.player.realtime import ask_for_real_time

    def act() -> tuple[str, T]:
        return ask_for_real_time(), action()

    # A thread of its own, which takes the priority with it when it ends.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(act).result()


def lateness_seconds(timebase: Timebase | None = None) -> list[float]:
    """How late each of a row of waits on absolute deadlines ended."""
    timebase = timebase or MonotonicTimebase()
    inbox: SimpleQueue[None] = SimpleQueue()
    start = timebase.now()
    late = []
    for step in range(1, round(TIMER_SECONDS / TIMER_STEP_SECONDS) + 1):
        deadline = start + step * TIMER_STEP_SECONDS
        while timebase.now() < deadline:
            timebase.wait(inbox, deadline)
        late.append(timebase.now() - deadline)
    return late


def timer_check(name: str, late_seconds: list[float]) -> Check:
    """The verdict on those waits."""
    centiles = statistics.quantiles(late_seconds, n=100, method="inclusive")
    median_ms, p99_ms = 1000 * centiles[49], 1000 * centiles[98]
    found = f"late by {median_ms:.2f} ms (median), {p99_ms:.2f} ms (99th percentile)"
    if p99_ms <= LATE_MS:
        return Check(name, Verdict.OK, found)
    return Check(name, Verdict.WARNING, found, _LESS_LOAD)


def real_time_check(priority: str) -> Check:
    """The verdict on what the operating system answered."""
    if priority.startswith("refused"):
        return Check("real-time priority", Verdict.WARNING, priority, _REAL_TIME_RIGHTS)
    return Check("real-time priority", Verdict.OK, priority)


@contextmanager
def _busy_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", _SPIN])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _busy_thread() -> Iterator[None]:
    """A thread here that wants the interpreter all the time, with the player's switch interval."""
    from polyrhythmia_live.player.process import SWITCH_INTERVAL_SECONDS

    done = threading.Event()

    def spin() -> None:
        while not done.is_set():
            pass

    before_seconds = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(before_seconds)
