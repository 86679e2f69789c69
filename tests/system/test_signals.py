"""Signals, as a terminal, a shell and a service manager send them."""

import os
import signal
import time

import pytest

from polyrhythmia_live.system import signals
from polyrhythmia_live.system.signals import Signals, leave_to_the_supervisor


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_a_process_is_heeded_and_what_was_there_before_returns(
    number: signal.Signals,
) -> None:
    def ours(*_: object) -> None: ...

    before = signal.signal(number, ours)  # who runs the tests may ignore it, as `nohup` does
    try:
        asked = Signals()
        with asked.heeded():
            os.kill(os.getpid(), number)
            assert asked.ending
        assert signal.getsignal(number) is ours
    finally:
        signal.signal(number, before)


def test_a_second_one_is_in_a_hurry_and_an_echo_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = []
    asked = Signals(lambda: hurried.append(True))
    with asked.heeded():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
        assert hurried == []
        monkeypatch.setattr(signals, "ECHO_SECONDS", 0.0)
        time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGTERM)
    assert hurried == [True]


def test_what_our_parent_ignores_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        asked = Signals()
        with asked.heeded():
            os.kill(os.getpid(), signal.SIGHUP)
        assert not asked.ending
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_the_supervisors_to_handle_does_nothing_to_a_process() -> None:
    before = {it: signal.getsignal(it) for it in (signal.SIGINT, signal.SIGHUP)}
    try:
        leave_to_the_supervisor()
        for number in before:
            os.kill(os.getpid(), number)
            assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_ctrl_z_asks_for_a_pause() -> None:
    asked = Signals()
    before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    with asked.heeded():
        os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, before)
    assert (asked.suspending, asked.ending) == (True, False)
