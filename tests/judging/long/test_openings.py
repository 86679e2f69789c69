from __future__ import annotations

from polyrhythmia_live.judging.long.openings import BACKBEAT, judge_openings
from polyrhythmia_live.judging.recital import Steps
from tests.judging.generation.doubles import JAZZ, LATIN, ROCK, people

PEOPLE = people(files=4, bars=40).performances
HALF_THE_BACKBEAT: Steps = (*ROCK[:12], (), *ROCK[13:])


def test_an_opening_as_people_play_is_plainly_of_its_style_and_anothers_is_not() -> None:
    primers = {"rock": [ROCK * 2, JAZZ * 2, LATIN * 2], "jazz": [JAZZ * 2]}
    rock, jazz = judge_openings(primers, PEOPLE)
    assert rock.plain.tolist() == [True, False, False]
    assert jazz.plain.tolist() == [True]
    assert rock.worst != 0


def test_an_opening_without_the_backbeat_that_all_people_have_is_not_plain() -> None:
    (rock,) = judge_openings({"rock": [HALF_THE_BACKBEAT * 2]}, PEOPLE)
    assert rock.phrases[0, BACKBEAT] == 0.5
    assert not rock.plain[0]


def test_nine_in_ten_of_peoples_typical_phrases_are_plain() -> None:
    (rock,) = judge_openings({"rock": [ROCK * 2]}, PEOPLE)
    assert rock.typical_plain >= 0.9


def test_a_style_that_nobody_plays_or_that_has_no_opening_is_not_judged() -> None:
    assert judge_openings({"bossa": [LATIN * 2], "rock": []}, PEOPLE) == []
    assert judge_openings({"rock": [ROCK * 2]}, PEOPLE, genres=("jazz",)) == []
