from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm.encoding import LANES, MASK_LANES, MASKS, encode_hits
from polyrhythmia_live.drummer.lstm.sampling import probabilities
from polyrhythmia_live.drummer.lstm.theme import STATED_VISITS, THEME_BARS, Theme
from polyrhythmia_live.rhythm.bar import Hit
from polyrhythmia_live.rhythm.meter import Meter

METER = Meter(4, 4)
PLACES = THEME_BARS * METER.bar_steps
KICK, SNARE = 0, 1
EVEN = np.zeros(MASKS)

STRUCK = encode_hits((Hit(SNARE, 100),))
RESTED = encode_hits(())


def backbeat() -> Theme:
    """A loud snare on 2 and 4 of both bars."""
    rows = np.stack([STRUCK if step % 8 == 4 else RESTED for step in range(PLACES)])
    return Theme.primed(rows, 0, METER)


def odds_of(lane: int, logits: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(probabilities(logits) @ MASK_LANES[:, lane])


def test_before_anything_was_played_the_theme_says_nothing() -> None:
    assert np.array_equal(Theme.unstated(METER).drawn(EVEN, 4, 0.5), EVEN)


def test_the_theme_draws_towards_what_was_stated() -> None:
    theme = backbeat()
    pulled = [odds_of(SNARE, theme.drawn(EVEN, 4, pull)) for pull in (0.0, 0.2, 0.6, 1.0)]
    assert pulled == sorted(pulled)
    assert pulled[0] == pytest.approx(0.5)
    assert odds_of(SNARE, theme.drawn(EVEN, 0, 0.6)) < 0.5


@given(st.integers(-1000, 1000))
def test_it_comes_back_every_two_bars(index: int) -> None:
    theme = backbeat()
    again = theme.drawn(EVEN, index + PLACES, 0.3)
    assert np.array_equal(theme.drawn(EVEN, index, 0.3), again)


def test_the_first_bars_state_it_and_later_ones_do_not_change_it() -> None:
    theme = backbeat()
    for _ in range(STATED_VISITS):
        theme = theme.with_step(RESTED, 4)
    stated = theme.struck[4, SNARE]
    assert 0.0 < stated < 1.0
    assert theme.with_step(STRUCK, 4) is theme


def test_a_primer_is_heard_at_the_place_of_the_song_where_it_stands() -> None:
    rows = np.stack([STRUCK, *[RESTED] * (PLACES - 1)])
    theme = Theme.primed(rows, 20, METER)
    assert np.flatnonzero(theme.struck[:, SNARE]).tolist() == [20]


def test_an_accent_is_more_essential_than_a_ghost() -> None:
    rows = np.stack([encode_hits((Hit(KICK, 110), Hit(SNARE, 25)))] * PLACES)
    essential = Theme.primed(rows, 0, METER).essential(3)
    assert essential[1 << KICK] > essential[1 << SNARE] > essential[0] == 0.0


def test_it_has_a_level_and_a_density() -> None:
    theme = backbeat()
    assert theme.level == pytest.approx(100 / 127)
    assert theme.hits_per_step == pytest.approx(4 / PLACES)
    assert Theme.unstated(METER).level == 0.0


def test_it_is_kept_on_disk() -> None:
    theme = backbeat().with_step(RESTED, 4)
    again = Theme.of(theme.arrays())
    assert np.array_equal(again.struck, theme.struck)
    assert np.array_equal(again.loud, theme.loud)
    assert np.array_equal(again.visits, theme.visits)
    with pytest.raises(ValueError, match="theme"):
        Theme.of({"theme": np.zeros((PLACES, LANES))})


@given(st.integers(-100, 100), st.integers(0, 63))
def test_a_theme_that_is_taken_elsewhere_says_there_what_it_said_here(
    steps: int, index: int
) -> None:
    there = backbeat().shifted(steps).drawn(EVEN, index + steps, 0.3)
    assert np.array_equal(there, backbeat().drawn(EVEN, index, 0.3))


def test_a_mixed_theme_lies_between_its_two_and_keeps_the_visits_of_the_first() -> None:
    one, still = backbeat(), Theme.primed(np.stack([RESTED] * PLACES), 0, METER)
    mixed = one.mixed(still, 0.25)
    assert mixed.struck[4, SNARE] == 0.75 * one.struck[4, SNARE] == 0.75
    assert (mixed.visits == one.visits).all()
    assert (one.mixed(Theme.unstated(METER), 0.25).struck == one.struck).all()
