from pathlib import Path

import pytest

from polyrhythmia_live.cli.doctor.check import Verdict
from polyrhythmia_live.cli.doctor.drummer import check_bar, check_models
from polyrhythmia_live.errors import CheckpointError


@pytest.mark.parametrize(
    ("bar_takes_seconds", "verdict"),
    [(0.01, Verdict.OK), (1.5, Verdict.WARNING), (2.5, Verdict.FAILED)],
)
def test_a_bar_has_to_be_generated_faster_than_it_is_played(
    monkeypatch: pytest.MonkeyPatch, bar_takes_seconds: float, verdict: Verdict
) -> None:
    now_seconds = [0.0]
    monkeypatch.setattr(
        "polyrhythmia_live.cli.doctor.drummer.time.perf_counter", lambda: now_seconds[0]
    )

    def play_bar() -> None:
        now_seconds[0] += bar_takes_seconds

    assert check_bar(play_bar).verdict is verdict


def test_a_network_that_does_not_play_is_a_failure() -> None:
    def play_bar() -> None:
        raise CheckpointError("expected a network, got noise: export it again")

    check = check_bar(play_bar)
    assert check.verdict is Verdict.FAILED
    assert "got noise" in check.found


def test_the_model_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("polyrhythmia_live.drummer.card.model_names", tuple)
    (check,) = check_models()
    assert (check.name, check.verdict) == ("model", Verdict.FAILED)


def test_a_damaged_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        raise CheckpointError(f"expected {name}.tflite with SHA-256 1, got 2: restore it")

    monkeypatch.setattr("polyrhythmia_live.drummer.card.model_names", lambda: ("medium",))
    monkeypatch.setattr("polyrhythmia_live.drummer.open.load_card", load)
    (check,) = check_models()
    assert (check.verdict, check.mend) == (Verdict.FAILED, "git checkout -- models")
    assert "medium.tflite" in check.found
