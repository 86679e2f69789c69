"""Controllers with a map, on real ports: knobs of every kind, pads, lights, and learning."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.supervisor.process import LIGHTS_MODULE
from polyrhythmia_live.testing.controller import Controller
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from tests.e2e.test_desk import client_of

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]

FLAGS = ("--no-synth", "--seed", "3", "--bpm", "120")

OURS = """
name = "Everything"
ports = ["Everything"]
channel = 3
table = false
[controls]
density = {cc = 1, pickup = false}
intensity = {nrpn = 1032, pickup = false}
complexity = {cc = 40, encoding = "twos-complement"}
stability = {cc = 41, encoding = "binary-offset"}
humanise = {cc = 42, encoding = "signed-bit"}
fills = {cc = 43, encoding = "inc-dec", down = 44}
guidance = {cc = 45}
temperature = {bend = true, pickup = false}
tempo = {program = 5, value = 144}
"half time" = {note = 36, channel = 10}
"""


def levels(snapshot: Snapshot) -> ControlState:
    return ControlState.of(snapshot.levels)


def test_every_kind_of_knob_moves_its_level(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OURS)
    with (
        Controller("Everything") as hands,
        Daemon(tmp_path, *FLAGS, "--controller", "ours.toml") as daemon,
    ):
        wait_for("its port", lambda: "Everything:out" in daemon.terminal)
        client = client_of(tmp_path)

        def becomes(what: str, look: Callable[[ControlState], float], value: float) -> None:
            wait_for(
                f"{what} at {value}",
                lambda: look(levels(client.snapshot())) == pytest.approx(value),
            )

        time.sleep(0.6)  # what a controller says as it is plugged in is where it stands
        hands.turn(1, 64, channel=2)
        hands.turn(33, 1, channel=2)
        becomes("14 bits", lambda it: it.density, (64 * 128 + 1) / 16383)
        for cc, value in ((99, 8), (98, 8), (6, 32), (38, 5)):
            hands.turn(cc, value, channel=2)
        becomes("the NRPN", lambda it: it.intensity, (32 * 128 + 5) / 16383)
        hands.turn(40, 3, 127, channel=2)
        becomes("two's complement", lambda it: it.complexity, 0.52)
        hands.turn(41, 67, 63, channel=2)
        becomes("binary offset", lambda it: it.stability, 0.52)
        hands.turn(42, 65, 68, 1, channel=2)
        becomes("signed bit", lambda it: it.humanise, 0.96)
        hands.turn(43, 127, 127, 127, channel=2)
        hands.turn(44, 127, channel=2)
        becomes("two CCs", lambda it: it.fills, 0.52)
        hands.send(bytes((0xE2, 127, 127)))
        becomes("the bend wheel", lambda it: it.temperature, 2.5)
        hands.turn(45, 100, channel=2)  # it has not passed where the level is
        hands.turn(1, 0, channel=2)
        becomes("the fader, at once", lambda it: it.density, 0.0)
        assert levels(client.snapshot()).guidance == 0.0
        hands.turn(45, 0, 100, channel=2)
        becomes("the knob that came by", lambda it: it.guidance, 300 / 127)
        hands.send(bytes((0xC2, 5)))
        hands.strike(36, channel=9)

        def obeyed() -> bool:
            status = client.snapshot().status
            assert status is not None
            halved = status.ratio.in_words == "half time"
            return halved and status.timeline.tempo_bpm == pytest.approx(144.0)

        wait_for("program and pad", obeyed)
        assert daemon.end()[0] == 0


def test_the_lights_of_a_known_controller_follow_the_song_and_go_out(tmp_path: Path) -> None:
    play, stop, fill = b"\xb0\x29", b"\xb0\x2a", b"\xb0\x20"
    with (
        Controller("nanoKONTROL2") as hands,
        Daemon(tmp_path, *FLAGS, "--wait", "--in", "nanoKONTROL2") as daemon,
    ):

        def lit(light: bytes) -> int | None:
            return hands.shown().get(light)

        wait_for("stop lit, play dark", lambda: (lit(stop), lit(play)) == (127, 0))
        client = client_of(tmp_path)
        hands.turn(41, 127, 0)
        wait_for("play lit", lambda: (lit(stop), lit(play)) == (0, 127))
        hands.turn(32, 127, 0)
        wait_for("the fill", lambda: lit(fill) == 127)
        wait_for("the fill's end", lambda: lit(fill) == 0)
        for before, after in zip(hands.lit, hands.lit[1:], strict=False):
            assert before != after  # on change only

        lights = daemon.child(LIGHTS_MODULE)
        os.kill(lights, 9)
        daemon.wait_for_another(LIGHTS_MODULE, lights)
        known = len(hands.lit)
        wait_for("all lights anew", lambda: len(hands.lit) >= known + 10)
        status = client.snapshot().status
        assert status is not None
        assert (status.transport, status.late) == (Transport.ROLLING, 0)
        assert daemon.end()[0] == 0
        wait_for("the dark", lambda: not any(hands.shown().values()))


def test_a_knob_is_learnt_by_touching_it(tmp_path: Path) -> None:
    own = tmp_path / "polyrhythmia" / "controllers"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text(
        '# my box\nname = "Box"\nports = ["Box"]\n[controls]\n'
        "tempo = {cc = 9}  # the big one\nstability = {cc = 7, channel = 2}\n"
    )
    with Controller("Box") as hands:

        def learn(control: str, touch: Callable[[], None]) -> str:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "polyrhythmia_live", "learn", control],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
            )
            assert process.stdout is not None
            said = iter(process.stdout.readline, "")
            assert any("..." in line for line in said)
            time.sleep(0.5)
            touch()
            rest = process.stdout.read()
            assert process.wait(timeout=20) == 0, rest
            return rest

        up, down = [65] * 8, [63] * 8
        said = learn("density", lambda: hands.turn(16, *up, *down, channel=1))
        assert "density: CC 16 on channel 2, binary-offset, at 'Box:out'" in said
        said = learn("intensity", lambda: hands.turn(7, *range(0, 128, 4), 127, *range(126, -1, -4),
                                                     channel=1))  # fmt: skip
        assert "intensity: CC 7 on channel 2, at 'Box:out'" in said
        assert "stability is moved by it no more" in said
        assert "fill: note 40 on channel 10" in learn("fill", lambda: hands.strike(40, 9))
    assert (own / "mine.toml").read_text() == (
        '# my box\nname = "Box"\nports = ["Box"]\n[controls]\n'
        "tempo = {cc = 9}  # the big one\n"
        'density = {cc = 16, channel = 2, encoding = "binary-offset"}\n'
        "intensity = {cc = 7, channel = 2}\nfill = {note = 40, channel = 10}\n"
    )
