import sys
from collections.abc import Iterable

import pytest

from polyrhythmia_live.cli.doctor.check import Check, Verdict
from polyrhythmia_live.cli.doctor.installed import check_midi, check_python, check_synth
from polyrhythmia_live.testing.jackd import JackServer


def verdicts(checks: Iterable[Check]) -> dict[str, Verdict]:
    return {check.name: check.verdict for check in checks}


def test_pythons_without_packages_fail() -> None:
    assert check_python((3, 11)).verdict is check_python((3, 12)).verdict is Verdict.OK
    for version in ((3, 10), (3, 13)):
        check = check_python(version)
        assert check.verdict is Verdict.FAILED
        assert "expected 3.11 or 3.12" in check.found
        assert check.mend == "install Python 3.12, then scripts/setup"


def test_a_midi_library_that_does_not_load_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polyrhythmia_live.midi.system", None)
    (check,) = check_midi()
    assert (check.name, check.verdict, check.mend) == (
        "MIDI library",
        Verdict.FAILED,
        "scripts/setup",
    )


def test_no_synth_is_a_warning_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    (check,) = check_synth()
    assert (check.name, check.verdict, check.mend) == (
        "FluidSynth",
        Verdict.WARNING,
        "scripts/setup",
    )


@pytest.mark.jack
def test_a_virtual_port_is_opened_for_real(jack_server: JackServer) -> None:
    checks = list(check_midi())
    assert verdicts(checks) == {"MIDI library": Verdict.OK, "MIDI ports": Verdict.OK}
    assert "a virtual port opens" in checks[1].found
