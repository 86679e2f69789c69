from __future__ import annotations

from polyrhythmia_live.judging.generation.phrases import cut
from polyrhythmia_live.judging.generation.takes import recorded
from polyrhythmia_live.rhythm.meter import Meter
from tests.judging.generation.doubles import HAT, PEDAL, ROCK, SILENCE, SNARE, performance, take


def test_a_generated_take_has_every_hit_where_it_was_played() -> None:
    played = take(SILENCE, ROCK)
    assert played.bars == 2
    assert not played.struck[0].any()
    assert played.velocities[1, 4, SNARE] == 90
    assert played.microtimings_ticks[1, 4, SNARE] == 168
    assert played.masks[1, 4] == (1 << SNARE) | (1 << HAT)


def test_articulations_come_along() -> None:
    from tests.judging.generation.doubles import JAZZ

    assert take(JAZZ).articulations[0, 4, HAT] == PEDAL


def test_only_beats_in_four_four_are_peoples_takes() -> None:
    from dataclasses import replace

    beat = performance("beat", [ROCK, ROCK])
    fill = performance("fill", [ROCK], fill=True)
    waltz = replace(beat, name="waltz", meter=Meter(2, 4))
    assert [found.source for found in recorded([beat, fill, waltz])] == ["beat"]


def test_the_stroke_that_a_recording_ends_with_is_no_bar() -> None:
    ending = (ROCK[0][:1], *SILENCE[1:])
    [found] = recorded([performance("a", [ROCK, ROCK, ending])])
    assert found.bars == 2
    [found] = recorded([performance("a", [ROCK, SILENCE, ROCK])])
    assert found.bars == 3


def test_a_recording_without_a_bar_is_left_out() -> None:
    assert recorded([performance("a", [SILENCE])]) == []


def test_phrases_are_two_bars_of_one_take() -> None:
    phrases = cut([take(ROCK), take(ROCK, SILENCE, ROCK), take(SILENCE, SILENCE, ROCK, ROCK)])
    assert phrases.takes.tolist() == [1, 2, 2]
    sounding = phrases.struck.any(axis=(2, 3))
    assert sounding.tolist() == [[True, False], [False, False], [True, True]]


def test_no_takes_have_no_phrases() -> None:
    assert len(cut([])) == 0
