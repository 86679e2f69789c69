from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from polyrhythmia_live.judging.generation.takes import JudgedTake
from polyrhythmia_live.judging.long.fills import (
    FILL_TAKE_BARS,
    asked_for,
    compare_fills,
    fill_steps,
    like_fills,
    only_fill,
)
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.rhythm.bar import Hit
from tests.judging.generation.doubles import KICK, LOW_TOM, ROCK, SILENCE, SNARE, performance, take

CRASH = 7
TOMS: Steps = ((Hit(LOW_TOM, 100), Hit(SNARE, 100)),) * 16
LANDING: Steps = ((Hit(KICK, 110), Hit(CRASH, 110)), *ROCK[1:])


def played(fill: Steps, after: Steps) -> JudgedTake:
    """A rock groove with a fill in every eighth bar, and what comes after it."""
    eight = [after, *[ROCK] * 6, fill]
    return take(*eight * 6, after)


def test_a_fill_is_asked_for_in_every_eighth_bar() -> None:
    assert fill_steps(1)[:2] == (112, 240)
    assert fill_steps(4)[0] == 124
    assert played(TOMS, ROCK).bars == FILL_TAKE_BARS


def test_a_fill_on_toms_that_lands_on_a_crash_is_one() -> None:
    rng = np.random.default_rng(1)
    found = compare_fills({1: [played(TOMS, LANDING)]}, [], rng)
    figures = {name: float(reading[0]) for name, reading in found.generated[1].items()}
    assert figures["hits a bar"] == 32
    assert figures["toms a bar"] == figures["snares a bar"] == 16
    assert figures["of the groove's"] == 0
    assert figures["crash after"] == 1
    assert figures["on other ones"] == 0
    assert found.is_fuller
    assert found.is_never_silent
    assert found.lands


def test_silence_is_no_fill() -> None:
    found = compare_fills({3: [played(SILENCE, ROCK)]}, [], np.random.default_rng(1))
    assert not found.is_fuller
    assert not found.is_never_silent


def test_a_fill_from_the_third_beat_is_held_against_the_same_half_of_the_groove() -> None:
    fill = next(asked_for(played(TOMS, ROCK), 3))
    assert fill.fill.shape == (8, 9)
    assert fill.groove.shape == (4, 8, 9)


def test_people_who_always_land_are_not_reached_by_one_who_never_does() -> None:
    bars = [LANDING, *[ROCK] * 6, TOMS] * 2 + [LANDING]
    like = np.zeros(len(bars), np.bool_)
    like[[7, 15]] = True
    people = replace(performance("a beat", bars), fill_like=np.repeat(like, 16))
    assert [bool(fill.after[CRASH]) for fill in like_fills(people)] == [True, True]
    found = compare_fills({1: [played(TOMS, ROCK)]}, [people], np.random.default_rng(1))
    assert not found.lands
    assert found.is_on_toms_and_snare
    on_hats = compare_fills({1: [played(ROCK, ROCK)]}, [people], np.random.default_rng(1))
    assert not on_hats.is_on_toms_and_snare


def test_a_file_that_is_a_fill_counts_from_its_first_beat_to_its_last() -> None:
    half = (*SILENCE[:8], *TOMS[:6], (), ())
    fill = only_fill(performance("a fill", [half], fill=True))
    assert len(fill.fill) == 8
    assert fill.fill.sum() == 12


@pytest.mark.parametrize("bars", [[SILENCE], [ROCK]])
def test_a_file_of_a_fill_has_no_groove_and_no_landing(bars: list[Steps]) -> None:
    fill = only_fill(performance("a fill", bars, fill=True))
    assert not fill.groove.size
    assert not fill.after.size
