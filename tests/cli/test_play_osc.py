"""Whether OSC is heard, and where."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli import play_config, polyrhythmia
from polyrhythmia_live.cli.play import OSC_PORT, play
from polyrhythmia_live.cli.play_config import make_config
from polyrhythmia_live.config import Config, OscConfig
from polyrhythmia_live.errors import ConfigError


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_config, "find_spec", lambda _: True)


def config(*arguments: str) -> Config:
    context = play.make_context("play", ["--no-synth", *arguments])
    return make_config(context.params, Path("/nowhere"), debug=False)


def test_nothing_is_heard_unless_it_is_asked_for() -> None:
    assert config().desk.osc is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--osc",), OscConfig("127.0.0.1", OSC_PORT)),
        (("--osc", "--wait"), OscConfig("127.0.0.1", OSC_PORT)),
        (("--osc", "9000"), OscConfig("127.0.0.1", 9000)),
        (("--osc", "--osc-bind", "0.0.0.0"), OscConfig("0.0.0.0", OSC_PORT)),
        (("--osc", "--osc-bind", "::1"), OscConfig("::1", OSC_PORT)),
    ],
)
def test_it_is_heard_on_this_machine_alone_unless_told(
    arguments: tuple[str, ...], expected: OscConfig
) -> None:
    assert config(*arguments).desk.osc == expected


def test_who_opens_it_to_others_is_told_so() -> None:
    (note,) = config("--osc").notes
    assert note == f"OSC at 127.0.0.1, port {OSC_PORT}"
    (note,) = config("--osc", "--osc-bind", "0.0.0.0").notes
    assert note.endswith("for everybody on that network")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--osc-bind", "0.0.0.0"), "add --osc"), (("--osc", "--osc-bind", "my phone"), "my phone")],
)
def test_an_address_that_is_none_and_one_without_a_port_are_refused(
    arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        config(*arguments)


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_config, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"\[osc\]"):
        config("--osc")


def test_the_help_names_it_for_play_and_serve() -> None:
    for command in ("play", "serve"):
        words = " ".join(CliRunner().invoke(polyrhythmia, [command, "--help"]).output.split())
        assert "--osc [PORT]" in words
        assert "--osc-bind ADDRESS" in words
