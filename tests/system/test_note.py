"""A line in the log, whatever has become of the log."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from polyrhythmia_live.system.note import note


def test_a_line_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    note("two steps were not planned in time")
    assert capsys.readouterr().err == "two steps were not planned in time\n"


class FullDisk(io.StringIO):
    """What a log on a full disk does."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("log", [FullDisk(), None])
def test_a_full_disk_or_no_log_at_all_costs_the_line_and_not_the_process(
    log: io.StringIO | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", log)
    note("who reads this")
    assert capsys.readouterr() == ("", "")
