"""Our clock on a real port: what a recorder hears, and what another program makes of it."""

import statistics
import time
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import Daemon, Knobs, wait_for
from polyrhythmia_live.testing.gear import CONTINUE, PULSE, START, STOP
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.mclk_dump import MclkDump
from polyrhythmia_live.testing.recorder import Heard, Recorder
from polyrhythmia_live.testing.takes import DAEMON_PORT

pytestmark = pytest.mark.jack

BPM = 160
PULSE_SECONDS = 60 / BPM / 24
STEP_SECONDS = 6 * PULSE_SECONDS
PLAY_CC, STOP_CC, CONTINUE_CC = 41, 42, 46


def when(heard: list[Heard], message: bytes) -> float:
    return next(it.seconds for it in heard if it.message == message)


def test_others_follow_our_clock_through_start_stop_and_continue(
    tmp_path: Path, jack_server: JackServer
) -> None:
    flags = ("--bpm", str(BPM), "--wait", "--clock-out", DAEMON_PORT, "--humanise", "0")
    with (
        Daemon(tmp_path, "--no-synth", "--seed", "3", *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
        MclkDump(tmp_path / "dump", DAEMON_PORT, jack_server) as follower,
    ):
        wait_for("the brain's first plan", lambda: "stopped" in daemon.terminal)
        wait_for("pulses before the song", lambda: len(recorder.heard()) > 24)
        idle = {it.message for it in recorder.heard()}
        knobs = Knobs()
        knobs.turn(PLAY_CC, 127)
        time.sleep(2.5)
        knobs.turn(STOP_CC, 127)
        time.sleep(0.5)
        knobs.turn(CONTINUE_CC, 127)
        time.sleep(1.5)
        knobs.unplug()
        tempo_bpm = follower.tempo_bpm
        assert daemon.end()[0] == 0
        heard = [it for it in recorder.heard() if it.message[0] >= 0xF0]
        notes, events = recorder.notes_on(when(heard, CONTINUE)), follower.events
    assert idle == {PULSE}
    transport = [it for it in heard if it.message != PULSE]
    assert [it.message[0] for it in transport] == [0xFA, 0xFC, 0xF2, 0xFB, 0xFC]
    assert events == ["start", "stop", "continue", "stop"]
    assert tempo_bpm == pytest.approx(BPM, rel=0.01)

    pulses = [it.seconds for it in heard if it.message == PULSE]
    start, stop, again = when(heard, START), when(heard, STOP), when(heard, CONTINUE)
    first, resumed = (next(it for it in pulses if it > moment) for moment in (start, again))
    assert first - start < 0.5 * PULSE_SECONDS
    counted = sum(start < it < stop for it in pulses)
    assert counted == pytest.approx((stop - first) / PULSE_SECONDS, abs=2)

    position = transport[2].message
    steps_played = (stop - first) / STEP_SECONDS
    assert 0 <= (position[1] | position[2] << 7) - steps_played <= 1.1
    assert resumed - again < 0.5 * PULSE_SECONDS
    off_grid = [abs((it.seconds - resumed) / STEP_SECONDS % 1 - 0.5) for it in notes]
    assert statistics.median(off_grid) > 0.4  # 0.5 = on a step of those who follow
