"""From flags to clocks and outputs: what each port is sent, and how early."""

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from polyrhythmia_live.calibration.offsets import store_offset
from polyrhythmia_live.cli import polyrhythmia
from polyrhythmia_live.cli.play import play
from polyrhythmia_live.cli.play_config import make_config
from polyrhythmia_live.clock.base import ClockSwing, Smoothing
from polyrhythmia_live.clock.link.base import LinkRole
from polyrhythmia_live.config import Config, PlayerConfig
from polyrhythmia_live.errors import ConfigError, PresetError
from polyrhythmia_live.midi.names import VIRTUAL_CONTROL, VIRTUAL_OUT
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.wires.base import SynthSound


@pytest.fixture(autouse=True)
def offsets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The performer's, of a performer who has calibrated nothing yet."""
    path = tmp_path / "offsets.toml"
    monkeypatch.setattr("polyrhythmia_live.cli.play_config.offsets_file", lambda: path)
    return path


def config(*arguments: str) -> Config:
    context = play.make_context("play", ["--no-synth", *arguments])
    flags: dict[str, Any] = context.params
    return make_config(flags, Path("/nowhere"), debug=False)


def player(*arguments: str) -> PlayerConfig:
    return config(*arguments).player


def test_a_port_that_is_named_twice_is_one_port() -> None:
    ports = player("--out", "TR-8S", "--clock-out", "tr-8s", "--clock-out", "Circuit").ports
    assert {port.name: (port.notes, port.clock) for port in ports} == {
        VIRTUAL_OUT: (True, False),
        "TR-8S": (True, True),
        "Circuit": (False, True),
    }


def kit_names(config: PlayerConfig) -> dict[str, str]:
    return {port.name: port.kit.name for port in config.ports}


TR_8S, VOLCA = load_kit("roland-tr-8s").name, load_kit("korg-volca-beats").name


def test_every_port_can_have_a_kit_of_its_own_and_the_others_have_the_common_one() -> None:
    ports = player(
        "--out", "TR-8S=roland-tr-8s", "--out", "Other", "--kit", "korg-volca-beats",
        "--clock-out", "tr-8s",
    )  # fmt: skip
    assert kit_names(ports) == {VIRTUAL_OUT: VOLCA, "TR-8S": TR_8S, "Other": VOLCA}


def test_our_own_port_can_have_a_kit_too() -> None:
    (port,) = player(f"--out={VIRTUAL_OUT.lower()}=roland-tr-8s").ports
    assert (port.name, port.virtual, port.kit.name) == (VIRTUAL_OUT, True, TR_8S)


def test_a_kit_of_ones_own_and_a_port_with_an_equals_sign_in_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "Mine"\nchannel = 1\n[notes]\nkick = 1\n')
    ports = player("--out", f"A={file}", "--out", "x=y=roland-tr-8s")
    assert kit_names(ports) == {VIRTUAL_OUT: "General MIDI", "A": "Mine", "x=y": TR_8S}
    with pytest.raises(PresetError, match=r"none\.toml cannot be read"):
        player("--out", "A=none.toml")


@pytest.mark.parametrize(
    ("outs", "words"),
    [
        (("x=y",), "got 'y': give one of general-midi, .*roland-tr-8s.* write 'x=y=general-midi'"),
        (("TR-8S=",), "got ''"),
        (("=roland-tr-8s",), "expected --out NAME or --out NAME=KIT"),
        (("A=roland-tr-8s", "a=general-midi"), "one kit for the port 'a', got 'roland-tr-8s' and"),
    ],
)
def test_an_out_without_a_port_or_with_two_kits_is_refused(
    outs: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        player(*(f"--out={out}" for out in outs))


def test_a_port_that_says_its_kit_once_may_be_named_again() -> None:
    ports = player("--out", "TR-8S", "--out", "tr-8s=roland-tr-8s")
    assert kit_names(ports) == {VIRTUAL_OUT: "General MIDI", "TR-8S": TR_8S}


def test_ports_with_kits_come_from_the_environment_and_from_the_configuration_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {VIRTUAL_OUT: "General MIDI", "TR-8S": TR_8S, "Volca": VOLCA}
    outs = ["TR-8S=roland-tr-8s", "Volca=korg-volca-beats"]
    file = tmp_path / "config.toml"
    file.write_text(f"[play]\nouts = {outs}\nsynth = false\n")
    asked: list[Config] = []

    def remembering(flags: dict[str, Any], session: Path, debug: bool) -> Config:
        asked.append(make_config(flags, session, debug))
        return asked[-1]

    monkeypatch.setattr("polyrhythmia_live.cli.play.make_config", remembering)
    monkeypatch.setattr("polyrhythmia_live.cli.play.Supervisor", lambda *_: asked)
    runner = CliRunner()
    runner.invoke(polyrhythmia, ["--config", str(file), "play"])
    assert kit_names(asked.pop().player) == expected
    environment = {"POLYRHYTHMIA_PLAY_OUTS": " ".join(outs), "POLYRHYTHMIA_PLAY_SYNTH": "0"}
    runner.invoke(polyrhythmia, ["--config", "/dev/null", "play"], env=environment)
    assert kit_names(asked.pop().player) == expected


def test_our_own_port_gets_the_clock_if_asked() -> None:
    (port,) = player("--clock-out", VIRTUAL_OUT).ports
    assert (port.virtual, port.notes, port.clock) == (True, True, True)


def test_one_output_can_be_shifted_by_itself() -> None:
    ports = player(
        "--out", "TR-8S", "--out", "Volca", "--offset-ms", "-3", "--offset", "tr-8s=-12"
    ).ports
    assert {port.name: port.offset_seconds for port in ports} == {
        VIRTUAL_OUT: -0.003,
        "TR-8S": -0.012,
        "Volca": -0.003,
    }
    synth = player("--synth", "--offset", "synth=5").synth
    assert synth is not None
    assert synth.offset_seconds == 0.005


def test_naming_a_drum_kit_asks_for_the_synth() -> None:
    context = play.make_context("play", ["--out", "TR-8S", "--synth-kit", "jazz", "--gain", "0.5"])
    flags: dict[str, Any] = context.params
    synth = make_config(flags, Path("/nowhere"), debug=False).player.synth
    assert synth is not None
    assert (synth.sound, synth.required) == (SynthSound(None, "jazz", 0.5), True)


def test_a_calibrated_offset_holds_unless_a_flag_says_otherwise(offsets_file: Path) -> None:
    store_offset(offsets_file, "TR-8S:TR-8S MIDI 1", -0.0123)
    store_offset(offsets_file, "synth", -0.004)
    performance = config("--out", "tr-8s", "--out", "Volca", "--synth")
    offsets = {port.name: port.offset_seconds for port in performance.player.ports}
    assert offsets == {VIRTUAL_OUT: 0.0, "tr-8s": -0.0123, "Volca": 0.0}
    assert performance.player.synth is not None
    assert performance.player.synth.offset_seconds == -0.004
    assert performance.notes == (
        "TR-8S:TR-8S MIDI 1 plays 12 ms ahead, as calibrated",
        "synth plays 4 ms ahead, as calibrated",
    )
    for flags in (("--offset-ms", "-3"), ("--offset", "tr-8s=-3")):
        performance = config("--out", "tr-8s", *flags)
        assert performance.player.ports[1].offset_seconds == -0.003
        assert performance.notes == ()


@pytest.mark.parametrize(
    ("offset", "words"),
    [("TR-8S", "NAME=MS"), ("=5", "NAME=MS"), ("TR-8S=fast", "NAME=MS"), ("TR-8S=999", "200"),
     ("TR-8S=nan", "200"), ("Volca=3", "no output")],
)  # fmt: skip
def test_an_offset_that_means_nothing_is_refused(offset: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        player("--out", "TR-8S", "--offset", offset)


def test_how_a_clock_is_followed_can_be_chosen() -> None:
    assert player().clock_smoothing is Smoothing.NORMAL
    assert player("--clock-smoothing", "tight").clock_smoothing is Smoothing.TIGHT
    assert player("--clock-swing", "follow").clock_swing is ClockSwing.FOLLOW


def test_a_follower_is_not_counted_in() -> None:
    assert player("--count-in", "2").count_in_bars == 2
    assert player("--count-in", "2", "--clock-in", "DAW").count_in_bars == 0
    with pytest.raises(click.BadParameter):
        player("--count-in", "9")


@pytest.mark.parametrize(
    ("flags", "role", "autostart", "count_in_bars"),
    [
        ((), None, True, 1),
        (("--link", "follow"), LinkRole.FOLLOW, True, 1),
        (("--link", "follow", "--link-start-stop"), LinkRole.FOLLOW, False, 1),
        (("--link", "lead", "--link-start-stop"), LinkRole.LEAD, True, 1),
        (("--link", "lead", "--clock-in", "DAW"), LinkRole.LEAD, False, 0),
    ],
)
def test_a_song_that_another_starts_does_not_start_by_itself(
    flags: tuple[str, ...], role: LinkRole | None, autostart: bool, count_in_bars: int
) -> None:
    config = player("--count-in", "1", *flags)
    assert config.link is role
    assert config.autostart is autostart
    assert config.count_in_bars == count_in_bars


@pytest.mark.parametrize(
    "flags", [("--link", "follow", "--clock-in", "DAW"), ("--link-start-stop",)]
)
def test_two_clocks_to_follow_or_none_to_share_are_refused(flags: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="--link lead"):
        player(*flags)


@pytest.mark.parametrize("name", ["control", "Control", "polyrhythmia control"])
def test_the_clock_that_a_daw_sends_to_our_control_port_is_called_by_that_ports_name(
    name: str,
) -> None:
    follower = player("--clock-in", name)
    assert follower.clock_in == VIRTUAL_CONTROL
    assert not follower.autostart


def test_a_machines_own_control_port_is_not_ours() -> None:
    assert player("--clock-in", "X-Touch Control").clock_in == "X-Touch Control"


def test_the_channel_of_a_controller_counts_from_one_as_on_the_machine() -> None:
    assert player().control_channel is None
    assert player("--control-channel", "16").control_channel == 15


def test_a_controller_that_is_named_is_listened_to_by_its_map() -> None:
    config = player("--controller", "nanokontrol2", "--controller", "midimix")
    assert config.control_ports == ("nanoKONTROL2", "MIDI Mix")
    assert [it.name for it in config.controllers.asked] == ["KORG nanoKONTROL2", "Akai MIDImix"]


def test_a_controller_whose_port_is_named_as_well_is_listened_to_once() -> None:
    for name in ("nanokontrol2", "NANO", "nanoKONTROL2 CTRL"):
        config = player("--in", name, "--controller", "nanokontrol2")
        assert config.control_ports == (name,)


def test_an_input_finds_its_controllers_map_by_its_name() -> None:
    config = player("--in", "nano")
    assert config.controllers.at("nanoKONTROL2:nanoKONTROL2 _ CTRL 20:0").name
    assert config.controllers.at("Polyrhythmia Control").entries == ()


def test_a_controller_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PresetError, match="scripts/polyrhythmia controllers"):
        player("--controller", "nanokontrol7000")
