from __future__ import annotations

import os
import subprocess
import sys

import pytest

from polyrhythmia_live.system.quiet import quiet_stderr


def test_a_c_librarys_words_are_dropped_meanwhile_and_printed_later(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with quiet_stderr():
        os.write(2, b"chatter")
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


def test_two_who_want_quiet_at_once_leave_it_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    first, second = quiet_stderr(), quiet_stderr()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    os.write(2, b"chatter")
    second.__exit__(None, None, None)
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


def test_an_error_passes_and_the_terminal_is_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="broken"), quiet_stderr():
        raise RuntimeError("broken")
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


def test_a_service_without_standard_error_is_quiet_already() -> None:
    program = (
        "import os; from polyrhythmia_live.system.quiet import quiet_stderr\n"
        "os.close(2)\n"
        "with quiet_stderr(): print('played')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"played\n"
