import sys
from queue import SimpleQueue
from typing import TypeVar

import pytest

from polyrhythmia_live.cli.doctor import timer
from polyrhythmia_live.cli.doctor.check import Check, Verdict
from polyrhythmia_live.cli.doctor.timer import (
    check_timer_under_load,
    lateness_seconds,
    real_time_check,
    timer_check,
)

T = TypeVar("T")


class LateTimebase:
    """Every wait ends this much late."""

    def __init__(self, late_seconds: float) -> None:
        self._late_seconds = late_seconds
        self._now_seconds = 100.0

    def now(self) -> float:
        return self._now_seconds

    def wait(self, inbox: SimpleQueue[T], until_seconds: float | None) -> T | None:
        assert until_seconds is not None
        self._now_seconds = until_seconds + self._late_seconds
        return None


def test_lateness_is_measured_against_absolute_deadlines() -> None:
    late = lateness_seconds(LateTimebase(0.003))
    assert len(late) == 200
    assert late == pytest.approx([0.003] * 200)


def test_late_timers_are_a_warning() -> None:
    assert timer_check("timer", [0.0001] * 200).verdict is Verdict.OK
    assert timer_check("timer", [0.0001] * 190 + [0.02] * 10).verdict is Verdict.WARNING
    assert (
        timer_check("timer", [0.001] * 200).found
        == "late by 1.00 ms (median), 1.00 ms (99th percentile)"
    )


def test_refused_priority_is_a_warning_with_the_command_that_grants_it() -> None:
    assert real_time_check("SCHED_FIFO 10") == Check(
        "real-time priority", Verdict.OK, "SCHED_FIFO 10"
    )
    refused = real_time_check("refused: no rtprio limit for this user")
    assert refused.verdict is Verdict.WARNING
    assert "rtprio" in refused.mend


def test_under_load_everything_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "TIMER_SECONDS", 0.1)
    before_seconds = sys.getswitchinterval()
    names = [check.name for check in check_timer_under_load()]
    assert names == ["timer, busy brain", "timer, busy thread"]
    assert sys.getswitchinterval() == before_seconds
