from __future__ import annotations

import pytest

from polyrhythmia_live.judging.generation import counts
from polyrhythmia_live.judging.generation.originality import quoted, repertoire
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.rhythm.bar import Hit
from tests.judging.generation.doubles import (
    HAT,
    JAZZ,
    KICK,
    LOW_TOM,
    OPEN_HAT,
    PEDAL,
    RIDE,
    ROCK,
    SILENCE,
    SNARE,
    performance,
    take,
)

BACKWARDS = ROCK[::-1]


def on_one(*hits: Hit) -> Steps:
    return (hits, *SILENCE[1:])


def test_looping_repeats_everything_and_wandering_little() -> None:
    assert counts.repetition(take(ROCK, ROCK, ROCK)) == (48, 48)
    shared, hits = counts.repetition(take(ROCK, BACKWARDS))
    assert (shared, hits) == (0, 24)
    assert counts.repetition(take(ROCK)) == (0, 0)


def test_a_bar_with_one_hit_is_nearly_silent_and_one_with_two_is_not() -> None:
    one, two = on_one(Hit(KICK, 90)), on_one(Hit(KICK, 90), Hit(SNARE, 90))
    assert counts.nearly_silent(take(SILENCE, one, two, ROCK)) == (2, 4)


def test_hits_are_counted_against_steps() -> None:
    assert counts.hits(take(ROCK, SILENCE)) == (12, 32)


@pytest.mark.parametrize(
    ("hits", "steps"),
    [
        ((Hit(SNARE, 9), Hit(RIDE, 9), Hit(KICK, 9), Hit(HAT, 9, 0, PEDAL)), 0),
        ((Hit(SNARE, 9), Hit(LOW_TOM, 9), Hit(RIDE, 9)), 1),
        ((Hit(SNARE, 9), Hit(HAT, 9), Hit(RIDE, 9)), 1),
        ((Hit(HAT, 9), Hit(OPEN_HAT, 9)), 1),
        ((Hit(HAT, 9, 0, PEDAL), Hit(OPEN_HAT, 9)), 0),
    ],
)
def test_drummers_have_two_hands_and_two_feet_and_one_hat(
    hits: tuple[Hit, ...], steps: int
) -> None:
    assert counts.impossible(take(on_one(*hits))) == (steps, 16)


def test_a_bar_is_quoted_when_its_notes_were_trained_on_however_they_were_struck() -> None:
    known = repertoire([performance("a", [ROCK, SILENCE])])
    softer = tuple(tuple(Hit(h.lane, 10, 5) for h in hits) for hits in ROCK)
    assert quoted(take(softer, JAZZ), known) == (1, 2)


def test_a_trained_fill_can_be_quoted_too() -> None:
    assert quoted(take(JAZZ), repertoire([performance("a", [JAZZ], fill=True)])) == (1, 1)


def test_silence_quotes_nobody() -> None:
    known = repertoire([performance("a", [ROCK, SILENCE])])
    assert quoted(take(SILENCE, SILENCE), known) == (0, 0)
