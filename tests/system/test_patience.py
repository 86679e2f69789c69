"""Calls that may never come back."""

from threading import Event

import pytest

from polyrhythmia_live.system.patience import patiently


def test_a_call_that_returns_in_time_gives_its_result() -> None:
    undone: list[str] = []
    assert patiently(lambda: "client", 10.0, undone.append) == "client"
    assert undone == []


def test_a_call_that_returns_too_late_is_undone() -> None:
    server_goes_on, undone = Event(), Event()

    def knock() -> str:
        server_goes_on.wait()
        return "client"

    def undo(client: str) -> None:
        assert client == "client"
        undone.set()

    with pytest.raises(TimeoutError, match=r"expected an answer in 0\.01 s"):
        patiently(knock, 0.01, undo)
    assert not undone.is_set()
    server_goes_on.set()
    assert undone.wait(10.0)
