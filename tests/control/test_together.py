"""When voices of other meters and ratios meet again, as people read it."""

from dataclasses import replace

import pytest

from polyrhythmia_live.control.together import meeting_in_words, voices_in_words
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.timeline import Transport
from tests.control.test_status_line import SNAPSHOT


def snapshot(bar: int, *parts: str) -> Snapshot:
    assert SNAPSHOT.status is not None
    status = replace(
        SNAPSHOT.status,
        transport=Transport.STOPPED,
        tick=bar * Meter().bar_ticks,
        parts=tuple(map(Part.parse, parts)),
    )
    return replace(SNAPSHOT, status=status)


@pytest.mark.parametrize(
    ("bar", "parts", "words"),
    [
        (0, (), ""),
        (0, ("tom low-tom",), ""),
        (0, ("hats 5/4 closed-hat",), "all on 1 in 5 bars"),
        (3, ("hats 5/4 closed-hat",), "all on 1 in 2 bars"),
        (4, ("hats 5/4 closed-hat",), "all on 1 with the next bar"),
        (0, ("hats 5/4 closed-hat", "bell 7:4 ride"), "all on 1 in 20 bars"),
    ],
)
def test_it_is_counted_in_bars_of_the_song(bar: int, parts: tuple[str, ...], words: str) -> None:
    assert meeting_in_words(snapshot(bar, *parts), MeterMap()) == words


def test_voices_are_named_with_what_they_have_of_their_own() -> None:
    parts = tuple(map(Part.parse, ("bell 7:4 ride", "hats 5/4 closed-hat", "toms low-tom")))
    assert voices_in_words(parts) == "bell 7:4, hats 5/4, toms"
