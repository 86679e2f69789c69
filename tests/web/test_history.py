"""The ribbon of what was played: the same bars that a file is made of, read as the log grows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.desk.performance import read_performance, take_of
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Choose,
    Command,
    Committed,
    Fire,
    Moved,
    NudgeLevel,
    SetLevel,
)
from polyrhythmia_live.web import history
from polyrhythmia_live.web.history import History, Marks
from tests.desk.doubles import STOPPED, moved, sounded, written

Event = Moved | Committed


def played(first: int, end: int) -> list[Event]:
    return [sounded(index) for index in range(first, end)]


@st.composite
def performances(draw: st.DrawFn) -> list[Event]:
    """Stretches that begin anywhere, are stopped, gone on with, or left for another place."""
    events: list[Event] = []
    for epoch in range(1, draw(st.integers(1, 4)) + 1):
        first = draw(st.integers(0, 80))
        end = first + draw(st.integers(1, 90))
        events += [moved(first, epoch=epoch), *played(first, end)]
        if draw(st.booleans()):
            events.append(moved(end - draw(st.integers(0, 2)), STOPPED, epoch))
    return events


@given(events=performances(), pieces=st.lists(st.integers(1, 4000), max_size=4))
def test_a_bar_of_the_ribbon_is_that_bar_in_a_file_however_the_log_has_grown(
    events: list[Event], pieces: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = written(tmp_path_factory.mktemp("log") / "whole.jsonl", events)
    growing = whole.with_name("growing.jsonl")
    shown = History(growing)
    text = whole.read_bytes()
    for piece in pieces:
        growing.write_bytes(text[:piece])
        if b"\n" in text[:piece]:
            shown.bars(1)
    growing.write_bytes(text)
    take = take_of(read_performance(whole))
    bars, count = shown.bars(1)
    assert count in (take.bars, take.whole_bars)  # one that goes on has not ended
    for bar in bars:
        line = take.meters.bar_line(bar.number - 1)
        steps = take.steps[line : line + bar.steps]
        struck = [(at, hit.velocity) for at, step in enumerate(steps) for hit in step.hits]
        assert [(at, velocity) for at, _, velocity, _ in bar.hits] == struck


def test_a_bar_knows_its_levels_from_the_commands_before_it(tmp_path: Path) -> None:
    def obeyed(command: Command, step: int, words: str = "") -> Applied:
        return Applied(command, DRUMS, step, step * 1680, words=words)

    log = written(
        tmp_path / "now.jsonl",
        [
            moved(0),
            *played(0, 16),
            obeyed(SetLevel("density", 0.8), 16),
            obeyed(Choose("genre", 1), 32),
            *played(16, 40),
            obeyed(Fire("undo"), 48, "undone: density 30% again"),
            obeyed(NudgeLevel("intensity", 1), 48),
            *played(40, 64),
        ],
    )
    bars, _ = History(log, ("rock", "jazz", "funk")).bars(1)
    told = [(bar.levels["density"], bar.levels["genre"][0][0]) for bar in bars]
    assert told == [(0.5, "rock"), (0.8, "rock"), (0.8, "jazz"), (0.3, "jazz")]
    assert bars[3].levels["intensity"] > bars[2].levels["intensity"]


def test_a_long_night_is_kept_as_far_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_BARS", 100)
    log = written(tmp_path / "night.jsonl", [moved(0), *played(0, 16 * 300)])
    shown = History(log)
    bars, count = shown.bars(290, 299)
    assert count == 300
    assert [bar.number for bar in bars] == list(range(290, 300))
    oldest = shown.bars(1)[0][0]
    assert oldest.number > 100
    assert oldest.hits[0][2] == 1 + 16 * (oldest.number - 1) % 127


def test_a_page_of_the_ribbon_has_its_limit(tmp_path: Path) -> None:
    log = written(tmp_path / "long.jsonl", [moved(0), *played(0, 16 * 250)])
    bars, count = History(log).bars(1)
    assert (len(bars), count) == (history.PAGE_BARS, 250)


def test_before_anything_was_played_there_are_no_bars(tmp_path: Path) -> None:
    assert History(tmp_path / "none.jsonl").bars(1) == ([], 0)


def test_what_is_no_log_is_said_in_a_line(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("{}\n")
    with pytest.raises(ConfigError, match="expected a performance log"):
        History(other).bars(1)


def test_marks_are_kept_beside_the_log_and_taken_away(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "now.jsonl")
    assert marks.set(12, "the one") == {12: "the one"}
    assert marks.set(3, "x" * 500)[3] == "x" * history.MARK_LETTERS
    assert Marks(tmp_path / "now.jsonl").set(12, "") == {3: "x" * history.MARK_LETTERS}
    (tmp_path / "now.marks.json").write_text("[")
    assert marks.read() == {}
