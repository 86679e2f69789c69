from dataclasses import replace

import pytest

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.control.frame import FRAME_ROWS, frame
from polyrhythmia_live.control.grid import LOUDNESS, grid
from polyrhythmia_live.drums.lanes import DRUM_LANES, LANE
from polyrhythmia_live.messages import Cue, Outlook, Snapshot
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from tests.control.test_status_line import PLAYING, SNAPSHOT

STEP_SECONDS = 60 / 120.04 / 4
KICK, SNARE = LANE["kick"], LANE["snare"]


def bar(first: int, steps: int = 16) -> tuple[Step, ...]:
    """Kick on every count of four, snare a step later, softer from hit to hit."""
    hits = {0: (Hit(KICK, 127),), 1: (Hit(SNARE, 1),)}
    return tuple(Step(step, hits.get(step % 4, ())) for step in range(first, first + steps))


def at_step(step: int, *outlooks: Outlook) -> Snapshot:
    """A moment in the middle of a step."""
    status = replace(PLAYING, tick=0)
    seconds = (step + 0.5) * STEP_SECONDS
    return replace(SNAPSHOT, status=status, outlooks=outlooks, seconds=seconds)


FIRST = Outlook("drums", bar(0), bar(16))
SECOND = Outlook("drums", bar(16), bar(32))


def row(picture: tuple[str, ...], lane: str) -> str:
    (found,) = (line for line in picture if line.startswith(lane))
    return found[12:]


def test_each_lane_has_a_row_and_the_kick_is_the_lowest() -> None:
    picture = grid(at_step(0, FIRST), MeterMap(), 79)
    assert len(picture) == 2 + len(DRUM_LANES)
    assert [line[:12].strip() for line in picture[-3:]] == ["closed hat", "snare", "kick"]
    assert row(picture, "kick") == "█       " * 4 + "│ " + "█       " * 4
    assert row(picture, "snare").startswith("· ▁     · ▁")


def test_a_hit_is_drawn_as_loud_as_it_is() -> None:
    hits = tuple(Step(n, (Hit(KICK, velocity),)) for n, velocity in enumerate((1, 40, 80, 127)))
    picture = grid(at_step(0, Outlook("drums", hits, ())), MeterMap(), 79)
    assert row(picture, "kick").split()[:4] == ["▁", "▃", "▅", "█"]
    assert all(sign in LOUDNESS for sign in "▁▃▅█")


def test_a_hit_off_its_step_says_to_which_side_where_that_is_asked_for() -> None:
    hits = (Hit(KICK, 127, -600), Hit(KICK, 127, 600), Hit(KICK, 127, 100))
    played = Outlook("drums", tuple(Step(n, (hit,)) for n, hit in enumerate(hits)), ())
    plain, hinted = (
        grid(at_step(0, played), MeterMap(), 79, microtiming=asked) for asked in (False, True)
    )
    assert row(plain, "kick").startswith("█ █ █ ")
    assert row(hinted, "kick").startswith("█‹█›█ ")


def test_a_step_is_as_wide_as_there_is_room_for() -> None:
    for columns, cell in ((79, 2), (110, 3), (200, 4)):
        picture = grid(at_step(5, FIRST), MeterMap(), columns, cells=(4, 3, 2, 1))
        assert picture[1].index("▼") == 12 + 5 * cell


def test_the_playhead_stands_over_the_step_that_sounds() -> None:
    for step in (0, 5, 15):
        ruler = grid(at_step(step, FIRST), MeterMap(), 79)[1]
        assert ruler.index("▼") == 12 + 2 * step
    ruler = grid(at_step(16, FIRST, SECOND), MeterMap(), 79)[1]
    assert ruler.index("▼") == 12 + 32 + 2


def test_at_the_end_of_the_bar_that_comes_stands_how_sure_the_drummer_is_of_it() -> None:
    sure = replace(FIRST, confidence=0.82)
    ruler = grid(at_step(3, sure), MeterMap(), 79)[1]
    assert ruler.endswith(" 4    82%")
    assert len(ruler) <= 79
    assert "82%" not in grid(at_step(3, sure), MeterMap(), 50)[1], "4 and 82% would be 482%"
    assert "%" not in grid(at_step(3, FIRST), MeterMap(), 79)[1]
    assert grid(at_step(3, sure), MeterMap(), 119, (3, 2, 1))[1].endswith(" 4   sure 82%")
    seconds = grid(at_step(17, replace(SECOND, confidence=0.4), sure), MeterMap(), 79)[1]
    assert "82%" not in seconds, "of the bar that sounds there is nothing more to be unsure of"
    narrow = grid(at_step(0, replace(sure, coming=bar(14, 14))), MeterMap.of(Meter(7, 8)), 45)[1]
    assert "7" in narrow, "no count is hidden by it"


def test_what_lasts_until_it_is_released_is_drawn_to_the_end_of_the_bar() -> None:
    kept = replace(at_step(3, FIRST), cues=(Cue("keep", 16, None),))
    label = grid(kept, MeterMap(), 79)[0]
    assert label.index("keep") == 12 + 32 + 2
    assert len(label.rstrip()) == 12 + 32 + 2 + 32


def test_a_bar_stays_where_it_is_while_it_sounds_and_the_next_one_comes_beside_it() -> None:
    loud = Outlook("drums", bar(16), tuple(Step(32 + n, (Hit(SNARE, 127),)) for n in range(16)))
    before = row(grid(at_step(15, FIRST, loud), MeterMap(), 79), "snare")
    after = row(grid(at_step(16, FIRST, loud), MeterMap(), 79), "snare")
    assert before.partition("│")[0].count("█") == 0, "the old bar, until the last step is over"
    assert after.partition("│")[0].count("█") == 16
    assert before.partition("│")[2] == after.partition("│")[2]


def test_what_is_not_known_is_drawn_as_rests() -> None:
    picture = grid(at_step(5 * 16, FIRST), MeterMap(), 79)
    assert "▼" in picture[1]
    assert not set("".join(picture[2:])) & set(LOUDNESS)


def test_a_fill_is_shown_until_its_bar_line() -> None:
    asked = replace(at_step(4, FIRST), cues=(Cue("fill", 6, 16),))
    label = grid(asked, MeterMap(), 79)[0]
    assert label[12 + 12 : 12 + 32] == "fill────────────────"
    assert "  fill at 1.2  " in frame(asked, MeterMap(), 79, 24)[-1]
    sounding = replace(at_step(8, FIRST), cues=asked.cues)
    assert "  fill to 2.1  " in frame(sounding, MeterMap(), 79, 24)[-1]
    over = replace(at_step(16, FIRST, SECOND), cues=asked.cues)
    assert "fill" not in frame(over, MeterMap(), 79, 24)[-1]


def test_the_playhead_hides_nothing_of_what_was_asked_for() -> None:
    cues = (Cue("fill", 8, 16), Cue("crash", 16, 17))
    labels = {
        grid(replace(at_step(step, FIRST), cues=cues), MeterMap(), 79)[0] for step in range(16)
    }
    assert labels == {" " * (12 + 16) + "fill────────────  crash" + " " * 27}


def test_where_the_song_has_stopped_nothing_is_shown_to_come() -> None:
    stopped = replace(PLAYING, tick=5 * TICKS_PER_STEP, transport=Transport.STOPPED)
    ended = replace(at_step(5, FIRST), status=stopped, cues=(Cue("fill", 0, 16),))
    picture = grid(ended, MeterMap(), 79)
    assert row(picture, "kick").startswith("█       █       ·")
    assert "█" not in row(picture, "kick")[16:]
    assert picture[0].strip() == ""
    top = replace(ended, status=replace(stopped, tick=0))
    assert row(grid(top, MeterMap(), 79), "kick").count("█") == 8, "what the start will play"


@pytest.mark.parametrize(
    "meter", ["4/4", "3/4", "7/8=2+2+3", "12/8", "5/4", "15/4", "64/4", "1/16"]
)
@pytest.mark.parametrize("columns", [10, 39, 60, 79, 119, 200])
def test_every_meter_has_a_grid_that_fits_with_a_playhead_on_it(meter: str, columns: int) -> None:
    meters = MeterMap.of(Meter.parse(meter))
    steps = meters.next_bar_line(0)
    for step in (0, steps - 1, steps, 3 * steps - 1):
        lines = frame(at_step(step, FIRST), meters, columns, 24)
        assert all(len(line) <= columns for line in lines)
        if columns > 12:
            assert lines[1].count("▼") == 1


def test_counts_are_the_meters_own() -> None:
    seven = MeterMap.of(Meter.parse("7/8=2+2+3"))
    ruler = grid(at_step(13, FIRST), seven, 79)[1]
    assert ruler[12:].partition("│")[0] == "1       2       3         ▼ "


def test_where_there_is_room_the_levels_stand_beside_the_grid() -> None:
    wide, narrow = (frame(at_step(0, FIRST), MeterMap(), columns, 24) for columns in (119, 79))
    assert any("stability   ━━───       50%" in line for line in wide)
    assert not any("━" in line for line in narrow)
    assert [line[:78].rstrip() for line in wide[:-1]] == list(narrow[:-1])


def test_a_level_that_moved_is_shown_and_one_that_has_keys_always() -> None:
    moved = ControlState((("rock", 1.0),), swing=0.62, swing8=0.7)
    shown = "\n".join(frame(replace(at_step(0, FIRST), levels=moved.levels), MeterMap(), 119, 24))
    for level in ("swing  ", "swing8  ", "energy  ", "density  ", "fills  ", "tempo  "):
        assert f"  {level}" in shown


def test_where_there_are_too_few_rows_the_line_is_all() -> None:
    assert len(frame(at_step(0, FIRST), MeterMap(), 79, FRAME_ROWS - 1)) == 1
    assert len(frame(at_step(0, FIRST), MeterMap(), 79, FRAME_ROWS)) == 12
    assert frame(replace(SNAPSHOT, status=None), MeterMap(), 79, 24) == ("starting",)


def test_what_is_typed_stands_before_the_line_which_is_not_cut_off_for_it() -> None:
    for typed in (":▏  ", ":tempo 120 -> 140 over 8 bars▏  ", f":{'x' * 200}▏  ", ":日本▏  "):
        line = frame(SNAPSHOT, MeterMap(), 79, 0, typed)[-1]
        assert columns_of(line) <= 79
        assert "▏  ▶  " in line
        assert "120.0 bpm  2.2" in line
