"""What `scripts/bench heard` asks of what was heard."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import polyrhythmia_live

BENCHES = Path(polyrhythmia_live.__file__).parents[1] / "scripts" / "benches"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHES))
    return importlib.import_module("heard")


def row(p99: float | None, range_frames: float | None = 0.0) -> dict[str, Any]:
    return {"p99": p99, "range": range_frames}


def verdicts(heard: ModuleType, rows: dict[str, dict[str, Any]]) -> list[str]:
    return [mark.verdict for mark in heard.marks(rows)]


def test_ours_is_held_to_two_frames_and_to_the_best_of_the_others(heard: ModuleType) -> None:
    rows = {
        "MIDI, native": row(1.0),
        "MIDI, rtmidi": row(512.0),
        "MIDI, jack_midiseq": row(0.0),
        "MIDI, hydrogen": row(512.0),
    }
    assert verdicts(heard, rows) == ["pass", "FAIL"]
    assert verdicts(heard, {**rows, "MIDI, native": row(0.0)}) == ["pass", "pass"]
    assert verdicts(heard, {**rows, "MIDI, jack_midiseq": row(None)}) == ["pass", "pass"]


def test_the_synth_is_held_to_one_block(heard: ModuleType) -> None:
    assert verdicts(heard, {"synth": row(30.0, 64.0)}) == ["pass"]
    assert verdicts(heard, {"synth": row(30.0, 65.0)}) == ["FAIL"]


def test_a_build_without_a_wire_of_its_own_passes_nothing(heard: ModuleType) -> None:
    rows = {"clock, rtmidi": row(1.0), "clock, jack_midi_clock": row(2.0)}
    assert verdicts(heard, rows) == ["not measured"] * 2


def test_only_what_was_asked_for_is_judged(heard: ModuleType) -> None:
    assert verdicts(heard, {}) == []
