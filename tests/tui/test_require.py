from types import SimpleNamespace

import pytest

from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.tui import require_tui


class Terminal:
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal that everything can be shown on."""
    terminal = Terminal()
    streams = SimpleNamespace(stdin=terminal, stdout=terminal, stderr=terminal)
    monkeypatch.setattr("polyrhythmia_live.tui.sys", streams)  # sys itself is pytest's
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    return terminal


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_with_the_extra_nothing_is_missing() -> None:
    require_tui()


@pytest.mark.usefixtures("terminal")
def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install -e '\.\[tui\]'$"):
        require_tui()


@pytest.mark.usefixtures("terminal")
def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with pytest.raises(ConfigError, match="needs a terminal"):
        require_tui()


def test_a_pipe_is_refused(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    with pytest.raises(ConfigError, match="needs a terminal"):
        require_tui()


def test_an_old_character_set_is_refused(terminal: Terminal) -> None:
    terminal.encoding = "koi8-r"
    with pytest.raises(ConfigError, match="UTF-8"):
        require_tui()
