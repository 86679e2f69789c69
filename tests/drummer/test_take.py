from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.testing.drummers import FOUR_FOUR, ROCK, SEED, DiceDrummer, Memory


def take_of(steps: int, first_index: int = 0, controls: ControlState = ROCK) -> Take[Memory]:
    drummer = DiceDrummer()
    take = Take(drummer, first_index, drummer.start(SEED))
    extend(take, steps, controls)
    return take


def extend(take: Take[Memory], steps: int, controls: ControlState = ROCK) -> None:
    for _ in range(steps):
        take.extend(Place(take.end_index, FOUR_FOUR, 120.0), controls)


def notes(take: Take[Memory]) -> list[Hits]:
    return [take.hits(index) for index in range(take.first_index, take.end_index)]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 1000))
def test_rewound_and_played_again_with_the_same_controls_the_notes_are_the_same(
    length: int, back_to: int, first_index: int
) -> None:
    take = take_of(length, first_index)
    before = notes(take)
    take.rewind(first_index + min(back_to, length))
    extend(take, length - min(back_to, length))
    assert notes(take) == before


@given(st.integers(1, 40), st.data())
def test_rewound_and_played_with_other_controls_only_what_follows_changes(
    length: int, data: st.DataObject
) -> None:
    take = take_of(length)
    before = notes(take)
    back_to = data.draw(st.integers(0, length - 1))
    take.rewind(back_to)
    extend(take, length - back_to, ROCK.with_level("density", 0.0))
    assert notes(take)[:back_to] == before[:back_to]
    assert not any(notes(take)[back_to:])


def test_a_step_that_sounded_as_planned_changes_nothing() -> None:
    take = take_of(16)
    before = notes(take)
    assert not take.observe(5, take.hits(5))
    assert notes(take) == before


def test_a_step_that_sounded_otherwise_takes_the_place_of_the_plan_and_ends_it() -> None:
    take = take_of(16)
    silence: Hits = ()
    assert take.hits(5) != silence
    assert take.observe(5, silence)
    assert take.end_index == 6
    assert take.hits(5) == silence


def test_hits_that_sounded_shape_the_steps_after_them() -> None:
    as_planned, otherwise = take_of(16), take_of(16)
    otherwise.observe(5, (Hit(0, 127),))
    extend(otherwise, 10)
    assert notes(otherwise)[:5] == notes(as_planned)[:5]
    assert notes(otherwise)[6:] != notes(as_planned)[6:]


@given(st.integers(0, 30), st.integers(0, 40))
def test_forgetting_the_beginning_leaves_the_rest_and_its_states(length: int, upto: int) -> None:
    whole, short = take_of(length), take_of(length)
    short.forget_before(upto)
    assert short.first_index == min(upto, length)
    assert notes(short) == notes(whole)[short.first_index :]
    assert short.state(short.first_index) == whole.state(short.first_index)
    extend(short, 4)
    extend(whole, 4)
    assert notes(short)[-4:] == notes(whole)[-4:]


@pytest.mark.parametrize("index", [-1, 3, 20])
def test_a_step_that_is_not_in_the_take_cannot_be_heard(index: int) -> None:
    take = take_of(8, first_index=4)
    with pytest.raises(ValueError, match=f"step {index} is not in the take 4..12"):
        take.hits(index)


def test_a_take_has_no_holes() -> None:
    take = take_of(8)
    with pytest.raises(ValueError, match="the next step is 8, got 9"):
        take.extend(Place(9, FOUR_FOUR, 120.0), ROCK)


def test_there_is_no_going_back_beyond_the_beginning() -> None:
    take = take_of(8)
    take.forget_before(6)
    with pytest.raises(ValueError, match="step 5 is not in the take"):
        take.rewind(5)


def test_a_step_that_is_given_is_played_as_it_is_and_heard_by_the_drummer() -> None:
    drawn, told = take_of(8), take_of(8)
    place, snare = Place(8, FOUR_FOUR, 120.0), (Hit(1, 90),)
    drawn.extend(place, ROCK)
    assert told.extend(place, ROCK, given=snare) == snare
    assert (told.likelihood(7), told.likelihood(8)) == (0.5, None)
    extend(drawn, 4)
    extend(told, 4)
    assert notes(drawn)[9:] != notes(told)[9:]
    told.rewind(8)
    extend(told, 5)
    assert notes(told) == notes(drawn)


def test_a_step_can_be_played_from_another_state_and_again_without_it() -> None:
    take, plain = take_of(8), take_of(12)
    other = DiceDrummer().start(SEED + 1)
    take.extend(Place(8, FOUR_FOUR, 120.0), ROCK, state=other)
    assert take.hits(8) != plain.hits(8)
    take.rewind(8)
    extend(take, 4)
    assert notes(take) == notes(plain)
