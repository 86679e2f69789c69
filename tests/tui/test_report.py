from dataclasses import replace

import pytest

from polyrhythmia_live.control.columns import columns_of
from polyrhythmia_live.messages import Rung, SectionNow, absent
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.tui.report import header, ports
from tests.control.test_status_line import OUT, PLAYING, SNAPSHOT


def test_the_header_says_where_the_song_is_by_whose_clock_and_what_was_lost() -> None:
    assert header(SNAPSHOT, MeterMap(), 79) == (
        "▶    2.2  120.0 bpm  4/4  internal  jazz                plan  late 0  dropped 0"
    )


CHORUS = SectionNow("Blue Moon", "verse", 0, 128, "chorus")


def test_the_header_names_the_song_where_there_is_room_and_cuts_no_section() -> None:
    status = replace(PLAYING, late=3)
    playing = replace(SNAPSHOT, status=status, section=CHORUS)
    assert "4/4  internal  jazz  Blue Moon  verse 2/8 → chorus  " in header(
        playing, MeterMap(), 110
    )
    narrow = header(playing, MeterMap(), 80)
    assert "jazz  verse 2/8 → chorus  " in narrow
    assert narrow.endswith("plan  late 3  dropped 0")
    narrowest = header(playing, MeterMap(), 61)
    assert "jazz  verse 2/8 → chorus  " in narrowest
    assert narrowest.endswith("plan  late 3"), "a loss of none is left out sooner than the section"


def test_the_header_says_which_rung_of_the_ladder_sounds() -> None:
    status = replace(PLAYING, rung=Rung.GROOVE, late=3, transport=Transport.STOPPED)
    line = header(replace(SNAPSHOT, status=status), MeterMap(), 120)
    assert line.startswith("■ stopped")
    assert line.endswith("GROOVE from the preset  late 3  dropped 0")


@pytest.mark.parametrize("columns", [10, 30, 50, 80, 200])
def test_the_header_is_never_wider_than_the_screen(columns: int) -> None:
    for name in ("internal", "日本のクロック", "a clock of a long name that says a lot"):
        status = replace(PLAYING, clock=name)
        assert columns_of(header(replace(SNAPSHOT, status=status), MeterMap(), columns)) <= columns


def test_each_port_says_what_it_does_and_what_it_lost() -> None:
    missing = replace(OUT, name="TR-8S", condition=absent(("Volca",)), dropped=7)
    status = replace(PLAYING, outputs=(OUT, missing))
    lines = ports(replace(SNAPSHOT, status=status))
    assert lines[:3] == (
        "→ Polyrhythmia Out: open",
        "→ TR-8S: waiting for this port: there are 'Volca', 7 lost",
        "← Polyrhythmia Control: open",
    )


def test_without_a_player_there_are_no_ports() -> None:
    gone = replace(SNAPSHOT, status=None, trouble="player lost (exit -9), starting it again")
    assert ports(gone) == ()
    assert header(gone, MeterMap(), 79) == gone.trouble
