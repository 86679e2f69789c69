"""What a page is told sounds is what the player sends."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.desk.plain import line, plain
from polyrhythmia_live.drums.kit import RINGING
from polyrhythmia_live.engine import repeat
from polyrhythmia_live.messages import Applied, Committed, Fire, Moved, Rung
from polyrhythmia_live.midi.base import is_note_on
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import Swing
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.web.sounding import Sounding
from tests.desk.doubles import STOPPED, moved, written

TIMELINE = Timeline(120.0, 0, 100.0)
METERS = MeterMap()


def lines_of(folder: Path, events: list[Applied | Moved | Committed]) -> list[dict[str, object]]:
    log = written(folder / "log.jsonl", events)
    return [json.loads(text) for text in log.read_bytes().splitlines()[1:]]


hits = st.builds(
    Hit,
    lane=st.integers(0, 8),
    velocity=st.integers(1, 127),
    microtiming_ticks=st.integers(-TICKS_PER_STEP // 2, TICKS_PER_STEP // 2 - 1),
)
rows = st.lists(
    st.lists(hits, max_size=4, unique_by=lambda hit: hit.lane).map(
        lambda row: tuple(sorted(row, key=lambda hit: hit.lane))
    ),
    min_size=1,
    max_size=40,
)
swings = st.builds(Swing, st.sampled_from((0.5, 0.6)), st.sampled_from((0.5, 0.66)))


@settings(max_examples=40)
@given(rows=rows, swing=swings)
def test_a_page_is_told_what_the_player_sends(
    rows: list[tuple[Hit, ...]], swing: Swing, tmp_path_factory: pytest.TempPathFactory
) -> None:
    steps = [Step(index, row, swing) for index, row in enumerate(rows)]
    sounded = [Committed("drums", 1, step, Rung.PLAN, 120.0) for step in steps]
    sounding = Sounding(METERS)
    sounding.heard(json.loads(line(timeline=plain(TIMELINE))))
    told: list[list[float]] = []
    for given_line in lines_of(tmp_path_factory.mktemp("log"), [moved(0), *sounded]):
        message = sounding.heard(given_line)
        told += message["sounds"] if message else []
    sent = repeat(steps, METERS, [(0, 120.0)], RINGING)
    strikes = [(tick, note[1], note[2]) for tick, note in sent if is_note_on(note)]
    expected = sorted((TIMELINE.time_at(tick), note, velocity) for tick, note, velocity in strikes)
    assert len(told) == len(expected)
    tick_seconds = TIMELINE.seconds_per_tick
    for one, other in zip(sorted(map(tuple, told)), expected, strict=True):
        assert one[1:] == other[1:]
        assert one[0] == pytest.approx(other[0], abs=2 * tick_seconds)


def test_a_stop_takes_back_what_has_not_sounded_and_a_panic_ends_all(tmp_path: Path) -> None:
    sounding = Sounding(METERS)
    sounding.heard(json.loads(line(timeline=plain(TIMELINE))))
    panic = Applied(Fire("panic", at_seconds=101.5), "drums", 12, 20160)
    stop, panicked = (sounding.heard(it) for it in lines_of(tmp_path, [moved(16, STOPPED), panic]))
    assert stop == {"silence": 102.0}
    assert panicked is not None
    assert panicked["all"]


def test_until_the_timeline_is_known_nothing_sounds(tmp_path: Path) -> None:
    sounding = Sounding(METERS)
    step = Committed("drums", 1, Step(0, (Hit(0, 100),)), Rung.PLAN, 120.0)
    assert [sounding.heard(it) for it in lines_of(tmp_path, [moved(0), step])] == [None, None]
