from __future__ import annotations

import pytest

from polyrhythmia_live.judging.generation import counts
from polyrhythmia_live.judging.generation.estimate import Estimate
from polyrhythmia_live.judging.long import figures
from polyrhythmia_live.judging.long.figures import FIGURES, drift, passes
from polyrhythmia_live.judging.recital import Steps
from polyrhythmia_live.rhythm.bar import Hit
from tests.judging.generation.doubles import JAZZ, ROCK, SILENCE, take

BY_NAME = {figure.name: figure for figure in FIGURES}


def loud(velocity: int) -> Steps:
    return tuple(tuple(Hit(hit.lane, velocity) for hit in hits) for hits in ROCK)


def test_a_loop_repeats_every_bar_and_has_one_bar_in_sixty_four() -> None:
    loop = take(*[ROCK] * 128)
    assert figures.exact_repeats(loop) == (127, 127)
    assert figures.different(loop) == (2, 128)


def test_a_groove_that_comes_back_after_eight_bars_is_found_there() -> None:
    verse, chorus = [ROCK] * 4, [JAZZ] * 4
    form = take(*(verse + chorus) * 2)
    shared, hits = counts.repetition(form, bars_on=8)
    assert shared == hits
    assert figures.exact_repeats(form) == (12, 15)


def test_a_drummer_who_stops_for_two_bars_is_silent_for_two_bars() -> None:
    stopped = take(ROCK, ROCK, SILENCE, SILENCE, ROCK, ROCK)
    assert figures.sparse(stopped) == (2, 4)
    assert figures.silence(stopped)[0] == pytest.approx(2 + 1 / 16)


def test_coming_in_late_and_ending_early_is_not_stopping() -> None:
    assert figures.sparse(take(SILENCE, ROCK, ROCK, SILENCE))[0] == 0


def test_ghosts_are_no_backbeat() -> None:
    assert figures.loud_snare(take(loud(90))) == (2, 2)
    assert figures.loud_snare(take(loud(30))) == (0, 2)
    assert figures.loud_snare(take(JAZZ)) == (0, 2)


def test_growing_loud_is_a_walk_and_a_drift_and_staying_loud_is_neither() -> None:
    steady, grown = take(*[loud(110)] * 32), take(*[loud(60)] * 16, *[loud(100)] * 16)
    assert figures.loudness_walk(steady) == (0.0, 1)
    assert figures.loudness_walk(grown) == (20.0, 1)
    assert figures.loudness_range(grown) == (40.0, 1)
    assert drift(figures.loudness, grown) == (40.0, 1)


def test_losing_the_backbeat_is_a_drift_of_all_of_it() -> None:
    assert drift(figures.loud_snare, take(*[ROCK] * 16, *[JAZZ] * 16)) == (1.0, 1)


def test_a_take_that_is_too_short_for_a_figure_has_none() -> None:
    short = take(ROCK)
    assert figures.different(short) == (0, 0)
    assert figures.loudness_walk(short) == (0.0, 0)


def test_within_peoples_interval_or_near_them_passes() -> None:
    people = Estimate(0.6, 0.4, 0.62)
    steady = BY_NAME["bar-to-bar F1"]
    verdicts = [passes(steady, value, people) for value in (0.39, 0.41, 0.65, 0.66)]
    assert verdicts == [False, True, True, False]


def test_stopping_less_than_people_do_passes() -> None:
    stops = BY_NAME["bars under 3 hits"]
    assert passes(stops, 0.0, Estimate(0.01, 0.005, 0.02))
    assert not passes(stops, 0.015, Estimate(0.01, 0.005, 0.02))
    assert passes(stops, 0.0, Estimate(float("nan"), 0.0, 0.0)) is None
