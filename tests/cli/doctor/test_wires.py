import re

import pytest

from polyrhythmia_live.cli.doctor import wires
from polyrhythmia_live.cli.doctor.check import Verdict
from polyrhythmia_live.cli.doctor.wires import check_wires, clock_check, loopback_check

SENT = [(bytes((0xB0, 20, number)), 0.01 * number) for number in range(100)]


def arriving(late_seconds: float) -> list[tuple[bytes, float]]:
    return [(message, seconds + late_seconds) for message, seconds in SENT]


def test_a_prompt_loopback_is_fine() -> None:
    check = loopback_check(SENT, arriving(0.001))
    assert check.verdict is Verdict.OK
    assert check.found == (
        "1.00 ms (median), 1.00 ms (99th percentile), 1.00 ms (worst), 0 of 100 lost"
    )


@pytest.mark.parametrize(
    ("arrivals", "words"),
    [
        (arriving(0.02), "20.00 ms (median)"),
        (arriving(0.001)[2:], "2 of 100 lost"),
        ([], "nothing"),
    ],
)
def test_messages_that_come_late_or_not_at_all_are_a_warning(
    arrivals: list[tuple[bytes, float]], words: str
) -> None:
    check = loopback_check(SENT, arrivals)
    assert check.verdict is Verdict.WARNING
    assert words in check.found
    assert check.mend


def test_a_clock_is_judged_by_how_uneven_it_is_and_not_by_how_late() -> None:
    steady = [7.0 + number / 48 for number in range(240)]
    assert clock_check(steady).verdict is Verdict.OK
    steady[100] += 0.01
    check = clock_check(steady)
    assert check.verdict is Verdict.WARNING
    assert "9.96 ms (worst)" in check.found
    assert clock_check([]).verdict is Verdict.WARNING


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_a_real_loopback_brings_messages_and_pulses_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "MESSAGES", 30)
    monkeypatch.setattr(wires, "CLOCK_SECONDS", 0.5)
    jack, loopback, clock = check_wires()
    assert "a period of 1.3 ms" in jack.found
    lost = re.search(r"(\d+) of 30 lost", loopback.found)
    assert lost is not None
    assert int(lost[1]) <= 3  # JACK loses some where a client misses a period
    assert "(worst)" in clock.found
