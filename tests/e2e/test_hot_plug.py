"""Machines that are unplugged and plugged in again while the daemon plays to others as well."""

import statistics
import time
from pathlib import Path

import pytest

from polyrhythmia_live.rhythm.meter import TICKS_PER_PULSE, Meter
from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.testing.midi_peer import Peer
from polyrhythmia_live.testing.recorder import Recorder

PULSES_PER_BAR = Meter().bar_ticks // TICKS_PER_PULSE
CLOCK, CONTINUE, SONG_POSITION = b"\xf8", b"\xfb", 0xF2
OFFSET_MS = -30

pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]


def positions_of_notes(heard: list[tuple[float, bytes]]) -> list[float]:
    """Where in the song each note-on came, in pulses, as a machine on our clock knows it.

    A note is counted from the pulse nearest to it.
    """
    told = next(i for i, (_, message) in enumerate(heard) if message[0] == SONG_POSITION)
    low, high = heard[told][1][1:]
    started = next(i for i, (_, message) in enumerate(heard) if message == CONTINUE)
    pulses = [seconds for seconds, message in heard[started:] if message == CLOCK]
    first = (low | high << 7) * 6
    return [
        first + min(range(len(pulses)), key=lambda i: abs(pulses[i] - seconds))
        for seconds, message in heard
        if message[0] & 0xF0 == 0x90
    ]


def test_a_machine_that_is_plugged_in_again_joins_at_a_bar_line_and_no_other_notices(
    tmp_path: Path,
) -> None:
    flags = ("--no-synth", "--bpm", "200", "--density", "100", "--humanise", "0", "--seed", "3",
             "--out", "tr", "--out", "volca", "--clock-out", "volca",
             "--offset", f"volca={OFFSET_MS}")  # fmt: skip
    with (
        Peer("tr") as tr,
        Peer("volca") as volca,
        Daemon(tmp_path, *flags) as daemon,
        Recorder(tmp_path / "heard", "Polyrhythmia Out") as recorder,
    ):
        wait_for("notes on both", lambda: min(len(tr.notes_on()), len(volca.notes_on())) > 30)
        both = zip(tr.notes_on(), volca.notes_on(), strict=False)
        apart_ms = [1000 * (later[0] - earlier[0]) for earlier, later in both]
        volca.kill()
        wait_for("the loss to be shown", lambda: "waiting for this port" in daemon.terminal)
        with Peer("volca") as back:
            plugged = time.monotonic()
            wait_for("notes on the one that is back", lambda: len(back.notes_on()) > 16)
            wait_for("a moment without notes", lambda: not recorder.hanging())
            assert daemon.end()[0] == 0
        time.sleep(0.1)
        assert "player lost" not in daemon.terminal
        heard_elsewhere = [it.message for it in recorder.notes_on()]
    assert statistics.median(apart_ms) == pytest.approx(OFFSET_MS, abs=10)
    # Within the bar's first beat: JACK may lose a note or a pulse on a busy machine. That it is the
    # bar line exactly is tested on virtual time.
    assert positions_of_notes(back.heard)[0] % PULSES_PER_BAR < PULSES_PER_BAR // 4
    assert back.heard[0][0] - plugged < 1.0
    on_tr = [message for _, message in tr.notes_on()]
    assert len(heard_elsewhere) > 40
    assert on_tr[-len(heard_elsewhere) :] == heard_elsewhere


def test_machines_that_are_not_there_yet_are_waited_for_and_played_when_they_come(
    tmp_path: Path,
) -> None:
    flags = ("--no-synth", "--seed", "3", "--out", "volca", "--in", "knobs")
    with Peer("tr"), Daemon(tmp_path, *flags) as daemon:
        wait_for("the machine to be named", lambda: "volca: waiting" in daemon.terminal)
        wait_for("the knobs to be named", lambda: "knobs: waiting" in daemon.terminal)
        assert "there are 'tr:in'" in daemon.terminal
        with Peer("volca") as volca:
            wait_for("notes", lambda: len(volca.notes_on()) > 8)
        assert daemon.end()[0] == 0
