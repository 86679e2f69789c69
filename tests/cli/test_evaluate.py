from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from polyrhythmia_live.cli.evaluate import evaluate
from polyrhythmia_live.engine import unattended
from tests.training.conftest import Take, rock, write_dataset


@pytest.fixture
def groove(tmp_path: Path) -> Path:
    takes = [Take("1_rock", rock(3)), Take("2_rock", rock(2), split="validation")]
    return write_dataset(tmp_path / "groove", takes)


class Judged:
    def table(self) -> str:
        return "a table"

    def figures(self) -> dict[str, Any]:
        return {"overlap": 0.5}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the judge of generated takes is asked, instead of judging."""
    calls: list[dict[str, Any]] = []

    def judge_generated(
        model: str, dataset: object, walk: object, *, progress: object, **wishes: Any
    ) -> Judged:
        calls.append({"model": model, **wishes})
        return Judged()

    module = ModuleType("generation")
    module.judge_generated = judge_generated  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "polyrhythmia_live.judging.generation", module)
    return calls


def test_generated_takes_are_judged_by_the_judge_of_generation(
    groove: Path, asked: list[dict[str, Any]]
) -> None:
    said = ["--data", str(groove), "--generated", "--takes", "3", "--genre", "funk", "--json"]
    result = CliRunner().invoke(evaluate, said, catch_exceptions=False)
    assert result.stdout == '{"overlap": 0.5}\n'
    assert asked == [
        {
            "model": "medium",
            "split": "validation",
            "bars": 16,
            "takes": 3,
            "genres": ("funk",),
            "seed": 1,
        }
    ]


def test_by_default_200_takes_of_all_genres(groove: Path, asked: list[dict[str, Any]]) -> None:
    said = ["--data", str(groove), "--generated"]
    result = CliRunner().invoke(evaluate, said, catch_exceptions=False)
    assert result.stdout == "a table\n"
    assert (asked[0]["takes"], asked[0]["genres"]) == (200, None)


def test_long_takes_are_judged_as_the_brain_plays_them(
    groove: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []

    def judge_long(model: str, data: object, walk: object, **wishes: Any) -> Judged:
        calls.append({"walk": walk, **wishes})
        return Judged()

    module = ModuleType("long")
    module.judge_long = judge_long  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "polyrhythmia_live.judging.long", module)
    said = ["--data", str(groove), "--generated", "--long"]
    CliRunner().invoke(evaluate, said, catch_exceptions=False)
    assert (calls[0]["walk"], calls[0]["takes"], calls[0]["genres"]) == (unattended, 20, None)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--takes", "3"], "--long, --takes and --genre are for --generated"),
        (["--genre", "funk"], "--long, --takes and --genre are for --generated"),
        (["--long"], "--takes and --genre are for --generated"),
        (["--generated", "--protocol", "bar16"], "leave out --protocol"),
        (["--protocol", "other"], "Invalid value for '--protocol'"),
    ],
)
def test_flags_that_do_not_go_together(groove: Path, flags: list[str], said: str) -> None:
    result = CliRunner().invoke(evaluate, ["--data", str(groove), *flags])
    assert result.exit_code == 2
    assert said in result.stderr
