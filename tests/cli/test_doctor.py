import json
from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.cli.doctor import doctor
from polyrhythmia_live.cli.doctor.check import Check, Verdict

FINE = Check("Python", Verdict.OK, "3.12")
SILENT = Check("sound", Verdict.WARNING, "no sound", "polyrhythmia play --no-synth")
BROKEN = Check("model", Verdict.FAILED, "none found", "scripts/setup")


def report(monkeypatch: pytest.MonkeyPatch, checks: Sequence[Check], *flags: str) -> Result:
    monkeypatch.setattr("polyrhythmia_live.cli.doctor.examine", lambda: iter(checks))
    return CliRunner().invoke(doctor, flags)


@pytest.mark.parametrize(
    ("checks", "exit_code"), [((FINE, SILENT), 0), ((FINE, SILENT, BROKEN), 1)]
)
def test_only_what_is_needed_to_play_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, checks: Sequence[Check], exit_code: int
) -> None:
    assert report(monkeypatch, checks).exit_code == exit_code


def test_each_line_that_is_not_fine_carries_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(monkeypatch, (FINE, BROKEN)).output.splitlines() == [
        "ok       Python              3.12",
        "failed   model               none found",
        "                             mend it: scripts/setup",
    ]


def test_timing_is_measured_where_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Check("MIDI loopback", Verdict.WARNING, "20 ms", "close other programs")
    monkeypatch.setattr("polyrhythmia_live.cli.doctor.examine_timing", lambda: iter([late]))
    assert "MIDI loopback" not in report(monkeypatch, (FINE,)).output
    assert "MIDI loopback" in report(monkeypatch, (FINE,), "--timing").output


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    result = report(monkeypatch, (FINE, BROKEN), "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {
        "ok": False,
        "checks": [
            {"name": "Python", "verdict": "ok", "found": "3.12", "mend": ""},
            {
                "name": "model",
                "verdict": "failed",
                "found": "none found",
                "mend": "scripts/setup",
            },
        ],
    }
