"""A performer at the controls of the real daemon, on real JACK ports."""

import io
import itertools
import os
import signal
import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.midi.base import is_note_off, is_note_on
from polyrhythmia_live.testing.daemon import Daemon, Knobs, lives, wait_for
from polyrhythmia_live.testing.midi_peer import Peer
from polyrhythmia_live.testing.recorder import Recorder

DAEMON_PORT = "Polyrhythmia Out"
BPM = 240
STEP_SECONDS = 60 / BPM / 4
BAR_SECONDS = 16 * STEP_SECONDS
DENSITY_CC, INTENSITY_CC, PANIC_CC = 21, 23, 120

HEARD = "▶  internal"
"""On the status line while nothing is wrong: what is heard is the drummer's plan."""

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]


def percent(share: int) -> int:
    return round(share * 127 / 100)


def a_daemon(folder: Path, *flags: str) -> Daemon:
    return Daemon(folder, "--no-synth", "--bpm", str(BPM), "--seed", "3", *flags)


def until_it_plays(recorder: Recorder) -> None:
    wait_for("the first notes", lambda: len(recorder.notes_on()) > 8)


def test_the_density_knob_is_heard_within_two_steps_and_doubles_the_hits(tmp_path: Path) -> None:
    # Samba has no rests at full density that would have to be waited for.
    with (
        a_daemon(tmp_path, "--genre", "samba") as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        knobs = Knobs()
        knobs.take_hold(DENSITY_CC)
        bars = 2
        turned = knobs.turn(DENSITY_CC, percent(10))
        time.sleep(2 * STEP_SECONDS + bars * BAR_SECONDS)
        sparse = len(recorder.notes_on(turned + 2 * STEP_SECONDS))
        turned = knobs.turn(DENSITY_CC, percent(90))
        time.sleep(2 * STEP_SECONDS + bars * BAR_SECONDS)
        dense = len(recorder.notes_on(turned + 2 * STEP_SECONDS))
        assert dense >= 2 * sparse
        assert dense >= 8 * bars

        waits = []
        for _ in range(3):
            knobs.turn(DENSITY_CC, 0)
            time.sleep(8 * STEP_SECONDS)
            for value in range(128):  # all the way: none may wait for those before it
                turned = knobs.turn(DENSITY_CC, value)
                time.sleep(0.001)
            time.sleep(8 * STEP_SECONDS)
            waits.append(recorder.notes_on(turned)[0].seconds - turned)
        knobs.unplug()
        # At density 0 nothing sounds, so the first note is the first changed hit.
        assert statistics.median(waits) <= 2 * STEP_SECONDS, waits
        wait_for("the level on the screen", lambda: "density 100%" in daemon.terminal)


def test_a_panic_cc_leaves_nothing_sounding_and_the_groove_goes_on(tmp_path: Path) -> None:
    with a_daemon(tmp_path), Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        knobs = Knobs()
        panicked = knobs.turn(PANIC_CC, 0)
        knobs.unplug()
        wait_for("notes after the panic", lambda: len(recorder.notes_on(panicked)) > 8)
        switches = [it.message[1] for it in recorder.heard() if it.message[0] & 0xF0 == 0xB0]
        assert switches == [123, 120]


@pytest.mark.parametrize(
    ("number", "phase"),
    [(signal.SIGTERM, 0.13), (signal.SIGTERM, 0.77), (signal.SIGINT, 0.41)],
)
def test_ended_at_any_moment_it_leaves_no_note_and_is_gone_within_a_second(
    number: signal.Signals, phase: float, tmp_path: Path
) -> None:
    with (
        a_daemon(tmp_path, "--density", "0.9") as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        time.sleep(phase * BAR_SECONDS)
        code, seconds = daemon.end(number)
        assert code == 0
        assert seconds <= 1.0
        time.sleep(0.1)
        assert recorder.hanging() == set()


def test_when_the_brain_is_killed_the_groove_goes_on_and_a_new_brain_takes_over(
    tmp_path: Path,
) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        for phase in (0.2, 0.9):
            time.sleep(phase * BAR_SECONDS)
            victim = daemon.brain
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            daemon.wait_for_another("polyrhythmia_live.brain.process", victim)
            time.sleep(2 * BAR_SECONDS)
            times = [killed, *(note.seconds for note in recorder.notes_on(killed))]
            gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
            assert max(gaps) < BAR_SECONDS
        wait_for("the plan", lambda: HEARD in daemon.terminal.rstrip().splitlines()[-1])
        assert daemon.end()[0] == 0
        time.sleep(0.1)
        assert recorder.hanging() == set()


def test_started_again_the_drummer_goes_on_from_the_last_performance(tmp_path: Path) -> None:
    flags = ("--no-synth", "--bpm", str(BPM))
    with Daemon(tmp_path, *flags, "--genre", "jazz", "--density", "0.9") as daemon:
        state = tmp_path / "polyrhythmia" / "default.state"
        wait_for("a bar line", state.exists)
        daemon.end(signal.SIGKILL)
        assert "last performance" not in daemon.terminal
        before = state.read_bytes()
    with Daemon(tmp_path, *flags, "--density", "0.5") as daemon:
        wait_for("the plan", lambda: "  jazz  density 50%" in daemon.terminal)
        assert "goes on from the last performance; --fresh begins anew" in daemon.terminal
        wait_for("the next bar line", lambda: state.read_bytes() != before)
        assert daemon.end()[0] == 0
        assert heard_steps(state.read_bytes()) > heard_steps(before)
    with Daemon(tmp_path, *flags, "--fresh") as daemon:
        wait_for("the plan", lambda: "  rock  density 50%" in daemon.terminal)
        assert "last performance" not in daemon.terminal
        assert daemon.end()[0] == 0


def heard_steps(saved: bytes) -> int:
    """How many steps the drummer has in its memory, of all its performances."""
    with np.load(io.BytesIO(saved)) as arrays:
        return int(arrays["counts"][0])


def test_while_the_brain_is_frozen_the_groove_goes_on_down_the_ladder_and_the_plan_returns(
    tmp_path: Path,
) -> None:
    # The shortest of bars, so that eight repeats of one are soon over.
    flags = ("--no-synth", "--bpm", "320", "--meter", "1/4", "--seed", "3")
    with (
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        until_it_plays(recorder)
        brain = daemon.brain
        os.kill(brain, signal.SIGSTOP)
        wait_for("the last rung", lambda: "KICK AND HAT" in daemon.terminal)
        os.kill(brain, signal.SIGCONT)
        went_on = time.monotonic()
        wait_for("the plan", lambda: HEARD in daemon.terminal.rpartition("KICK")[2])
        onsets = [note.seconds for note in recorder.notes_on()]
        gaps = [later - earlier for earlier, later in itertools.pairwise(onsets)]
        assert max(gaps) < BAR_SECONDS
        assert recorder.notes_on(went_on)
        assert daemon.brain == brain
        assert daemon.end()[0] == 0


def test_when_the_player_is_killed_the_next_one_comes_in_on_the_beat(tmp_path: Path) -> None:
    with a_daemon(tmp_path, "--humanise", "0") as daemon:
        with Recorder(tmp_path / "before", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            time.sleep(BAR_SECONDS)
            victim = daemon.player
            before = [note.seconds for note in recorder.notes_on()]
            os.kill(victim, signal.SIGKILL)
            daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        with Recorder(tmp_path / "after", DAEMON_PORT) as recorder:
            until_it_plays(recorder)
            after = [note.seconds for note in recorder.notes_on()]
            assert daemon.end()[0] == 0
            time.sleep(0.1)
            assert recorder.hanging() == set()
    off_grid = [abs((time_ - before[-1]) / STEP_SECONDS % 1 - 0.5) for time_ in after]
    assert statistics.median(off_grid) > 0.4  # 0.5 = on the grid that was, 0 = between two steps


LONG_NOTES = """
name = "A machine whose notes ring until they are ended"
channel = 10
gate_ms = 1000
verified = "measured"
source = "this test"
[notes]
kick = 36
snare = 38
closed-hat = 42
"""


KIT = """
name = "{name}"
channel = {channel}
[notes]
kick = {kick}
snare = {snare}
closed-hat = {hat}
"""


def test_two_machines_on_two_ports_are_each_played_by_a_kit_of_their_own(tmp_path: Path) -> None:
    low, high = tmp_path / "low.toml", tmp_path / "high.toml"
    low.write_text(KIT.format(name="Low", channel=1, kick=1, snare=2, hat=3))
    high.write_text(KIT.format(name="High", channel=16, kick=101, snare=102, hat=103))
    flags = ("--out", f"one={low}", "--out", "other", "--kit", str(high), "--density", "0.9")
    with Peer("one") as one, Peer("other") as other, a_daemon(tmp_path, *flags):
        wait_for("notes", lambda: all(len(it.notes_on()) > 30 for it in (one, other)))
    for machine, channel, notes in ((one, 0, {1, 2, 3}), (other, 15, {101, 102, 103})):
        heard = {(message[0] & 0x0F, message[1]) for _, message in machine.notes_on()}
        assert heard <= {(channel, note) for note in notes}
        assert len(heard) >= 2, "more than one drum"


def test_notes_that_a_killed_player_left_sounding_are_ended_by_the_next(tmp_path: Path) -> None:
    kit = tmp_path / "long.toml"
    kit.write_text(LONG_NOTES)
    through_rtmidi = ("--midi-system", "rtmidi-jack")  # natively, they are ended before
    flags = (*through_rtmidi, "--out", "machine", "--kit", str(kit), "--density", "100")
    with Peer("machine") as machine, a_daemon(tmp_path, *flags) as daemon:
        wait_for("notes", lambda: len(machine.notes_on()) > 8)
        victim = daemon.player
        os.kill(victim, signal.SIGKILL)
        daemon.wait_for_another("polyrhythmia_live.player.process", victim)
        time.sleep(0.1)
        before = list(machine.heard)
        sounding: set[int] = set()
        for _, message in before:
            (sounding.add if is_note_on(message) else sounding.discard)(message[1])
        assert sounding
        wait_for("what comes next", lambda: len(machine.heard) >= len(before) + len(sounding))
        ends = [message for _, message in machine.heard[len(before) :][: len(sounding)]]
        assert all(map(is_note_off, ends))
        assert {message[1] for message in ends} == sounding


def test_when_the_supervisor_is_killed_both_children_end_their_notes_and_go(
    tmp_path: Path,
) -> None:
    with a_daemon(tmp_path) as daemon, Recorder(tmp_path / "heard", DAEMON_PORT) as recorder:
        until_it_plays(recorder)
        children = [daemon.brain, daemon.player]
        daemon.end(signal.SIGKILL)
        killed = time.monotonic()
        wait_for(
            "both children to go",
            lambda: not any(map(lives, children)),
        )
        assert time.monotonic() - killed < 2.0
        time.sleep(0.1)
        assert recorder.hanging() == set()


def test_a_second_daemon_is_told_about_the_first(tmp_path: Path) -> None:
    with a_daemon(tmp_path) as first:
        wait_for("the first one", lambda: HEARD in first.terminal)
        folder = tmp_path / "second"
        folder.mkdir()
        environment = {"XDG_RUNTIME_DIR": str(tmp_path / "runtime")}
        with Daemon(folder, "--no-synth", environment=environment) as second:
            assert second.wait() == 1
            assert "already playing" in second.terminal


SET_LIST = """
[[song]]
name = "one"
genre = "samba"
bpm = 240
order = ["thin", "full", "thin 8", "full"]
[song.sections.thin]
density = "10%"
[song.sections.full]
density = "100%"
"""


def test_a_set_list_is_walked_by_a_pedal_and_survives_the_brain(tmp_path: Path) -> None:
    songs = tmp_path / "tonight.toml"
    songs.write_text(SET_LIST, encoding="utf-8")
    flags = ("--no-synth", "--seed", "3", "--set-list", str(songs))
    with (
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", DAEMON_PORT) as recorder,
    ):
        wait_for("the first section", lambda: "thin" in daemon.terminal)
        time.sleep(2 * BAR_SECONDS)
        thin = len(recorder.notes_on())
        knobs = Knobs()
        pressed = knobs.turn(68, 127)
        wait_for("the next section", lambda: "full" in daemon.terminal)
        time.sleep(2 * BAR_SECONDS)
        assert len(recorder.notes_on(pressed + BAR_SECONDS)) > 2 * thin
        knobs.turn(68, 0)
        before = daemon.brain
        os.kill(before, signal.SIGKILL)
        daemon.wait_for_another("polyrhythmia_live.brain.process", before)

        def answers() -> bool:
            knobs.take_hold(INTENSITY_CC)
            return "intensity" in daemon.terminal

        wait_for("a drummer who listens again", answers)
        knobs.turn(68, 127)
        wait_for("the one after it", lambda: "/8 → full" in daemon.terminal)
        knobs.unplug()
