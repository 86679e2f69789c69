"""The word that a trigger is told."""

from __future__ import annotations

import pytest

from polyrhythmia_live.control.word import read_word
from polyrhythmia_live.rhythm.control import Consumer, Trigger, Word


def trigger(word: Word | None, bare: bool = True, most: int = 8) -> Trigger:
    return Trigger("again", "at once", Consumer.BRAIN, word=word, most=most, bare=bare)


@pytest.mark.parametrize(
    ("word", "typed", "read"),
    [
        (Word.COUNT, " 08 ", "8"),
        (Word.LANE, "Closed Hat", "closed-hat"),
        (Word.LANE, "sn", "snare"),
        (Word.LANE, "all", ""),
        (Word.LANE, "All", ""),
        (Word.NAME, "Second  Verse", "second verse"),
        (Word.COUNT, "", ""),
        (None, "", ""),
    ],
)
def test_a_word_is_read_as_people_type_it(word: Word | None, typed: str, read: str) -> None:
    assert read_word(trigger(word), typed) == read


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        (Word.COUNT, "9"),
        (Word.COUNT, "0"),
        (Word.COUNT, "-1"),
        (Word.COUNT, "two"),
        (Word.LANE, "cowbell"),
        (Word.NAME, "!?"),
        (Word.NAME, "x" * 41),
        (Word.NAME, "a\x1b[2J"),
        (None, "twice"),
    ],
)
def test_a_word_that_means_nothing_is_refused_in_one_line(word: Word | None, typed: str) -> None:
    with pytest.raises(ValueError, match="expected again") as refused:
        read_word(trigger(word), typed)
    assert "\n" not in str(refused.value)


def test_what_needs_a_word_says_which() -> None:
    with pytest.raises(ValueError, match="expected again and one of kick, snare"):
        read_word(trigger(Word.LANE, bare=False), "")
