import sys
from queue import SimpleQueue

import pytest

from polyrhythmia_live import doctor
from polyrhythmia_live.doctor import (
    Check,
    Verdict,
    check_bar,
    check_midi,
    check_models,
    check_python,
    check_synth,
    lateness_seconds,
    real_time_check,
    timer_check,
)
from polyrhythmia_live.errors import CheckpointError


class LateTimebase:
    """Every wait ends this much late."""

    def __init__(self, late_seconds):
        self._late_seconds = late_seconds
        self._now_seconds = 100.0

    def now(self):
        return self._now_seconds

    def wait(self, inbox: SimpleQueue, until_seconds):
        self._now_seconds = until_seconds + self._late_seconds


def verdicts(checks):
    return {check.name: check.verdict for check in checks}


def test_pythons_without_packages_fail():
    assert check_python((3, 11)).verdict is check_python((3, 12)).verdict is Verdict.OK
    for version in ((3, 10), (3, 13)):
        check = check_python(version)
        assert check.verdict is Verdict.FAILED
        assert "expected 3.11 or 3.12" in check.found
        assert check.mend == "install Python 3.12, then scripts/setup"


def test_lateness_is_measured_against_absolute_deadlines():
    late = lateness_seconds(LateTimebase(0.003))
    assert len(late) == 200
    assert late == pytest.approx([0.003] * 200)


def test_late_timers_are_a_warning():
    assert timer_check([0.0001] * 200).verdict is Verdict.OK
    assert timer_check([0.0001] * 190 + [0.02] * 10).verdict is Verdict.WARNING
    assert timer_check([0.001] * 200).found == "late by 1.00 ms (median), 1.00 ms (99th percentile)"


def test_refused_priority_is_a_warning_with_the_command_that_grants_it():
    assert real_time_check("SCHED_FIFO 10") == Check(
        "real-time priority", Verdict.OK, "SCHED_FIFO 10"
    )
    refused = real_time_check("refused: no rtprio limit for this user")
    assert refused.verdict is Verdict.WARNING
    assert "rtprio" in refused.mend


@pytest.mark.parametrize(
    ("bar_takes_seconds", "verdict"),
    [(0.01, Verdict.OK), (1.5, Verdict.WARNING), (2.5, Verdict.FAILED)],
)
def test_a_bar_has_to_be_generated_faster_than_it_is_played(
    monkeypatch, bar_takes_seconds, verdict
):
    now_seconds = [0.0]
    monkeypatch.setattr(doctor.time, "perf_counter", lambda: now_seconds[0])

    def play_bar():
        now_seconds[0] += bar_takes_seconds

    assert check_bar(play_bar).verdict is verdict


def test_a_network_that_does_not_play_is_a_failure():
    def play_bar():
        raise CheckpointError("expected a network, got noise: export it again")

    check = check_bar(play_bar)
    assert check.verdict is Verdict.FAILED
    assert "got noise" in check.found


def test_the_model_is_needed(monkeypatch, tmp_path):
    monkeypatch.setattr("polyrhythmia_live.drummer.checkpoint.model_names", tuple)
    assert verdicts(check_models()) == {"model": Verdict.FAILED}


def test_a_damaged_model_is_named(monkeypatch):
    def load(name):
        raise CheckpointError(f"expected {name}.tflite with SHA-256 1, got 2: restore it")

    monkeypatch.setattr("polyrhythmia_live.drummer.checkpoint.model_names", lambda: ("medium",))
    monkeypatch.setattr("polyrhythmia_live.drummer.checkpoint.load_checkpoint", load)
    (check,) = check_models()
    assert (check.verdict, check.mend) == (Verdict.FAILED, "git checkout -- models")
    assert "medium.tflite" in check.found


def test_a_midi_library_that_does_not_load_fails(monkeypatch):
    monkeypatch.setitem(sys.modules, "polyrhythmia_live.midi.system", None)
    (check,) = check_midi()
    assert (check.name, check.verdict, check.mend) == (
        "MIDI library",
        Verdict.FAILED,
        "scripts/setup",
    )


def test_no_synth_is_a_warning_with_the_command_that_mends_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    (check,) = check_synth()
    assert (check.name, check.verdict, check.mend) == (
        "FluidSynth",
        Verdict.WARNING,
        "scripts/setup",
    )


@pytest.mark.jack
def test_a_virtual_port_is_opened_for_real(jack_server):
    checks = list(check_midi())
    assert verdicts(checks) == {"MIDI library": Verdict.OK, "MIDI ports": Verdict.OK}
    assert "a virtual port opens" in checks[1].found
