"""One press is one press, however the switch trembles, bounces, rests or is wired."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.switch import TREMBLE, Switch
from polyrhythmia_live.messages import Press

Turns = list[tuple[float, int]]
"""Moments and values."""


def presses(switch: Switch, turns: Turns) -> list[float]:
    """When it was pressed."""
    return [at for at, value in turns if switch.turned(value, at) is Press.DOWN]


def test_a_half_pedal_that_trembles_about_the_middle_is_pressed_once_when_it_is_pressed() -> None:
    chance = random.Random(1)
    noise = [chance.randrange(58, 71) for _ in range(100)]
    values = [*noise, *[127] * 20, *noise[::-1], *noise, *[127] * 20, *noise, 0]
    turns = [(n / 100, value) for n, value in enumerate(values)]
    assert presses(Switch(pedal=True), turns) == [1.0, 3.2]


@given(
    st.integers(0, 128 - TREMBLE),
    st.lists(st.integers(0, TREMBLE - 1), min_size=1),
    st.booleans(),
    st.floats(0.001, 1.0),
)
def test_what_trembles_is_pressed_at_most_once(
    lowest: int, above: list[int], pedal: bool, gap_seconds: float
) -> None:
    turns = [(n * gap_seconds, lowest + value) for n, value in enumerate(above)]
    only_full = {value for _, value in turns} == {127}  # a button that never says that it is up
    assert only_full or len(presses(Switch(pedal), turns)) <= 1


@given(
    st.lists(st.integers(0, 40), max_size=10),
    st.lists(st.integers(88, 126), min_size=1, max_size=10),
)
def test_a_pedal_that_moves_by_degrees_is_pressed_once_each_way_down(
    up: list[int], down: list[int]
) -> None:
    way = [*sorted(up), *sorted(down), *sorted(down, reverse=True), 0]
    turns = [(n * 0.05, value) for n, value in enumerate(way * 3)]
    assert len(presses(Switch(pedal=True), turns)) == 3


@given(st.lists(st.floats(0.0, 0.002), max_size=12), st.lists(st.floats(0.0, 0.002), max_size=12))
def test_a_contact_that_bounces_is_pressed_once(closing: list[float], opening: list[float]) -> None:
    button, at, turns = Switch(), 0.0, [(0.0, 127)]
    for edges, last in ((closing, 127), (opening, 0)):
        for n, gap in enumerate(edges):
            at += gap
            turns.append((at, 0 if n % 2 == 0 else 127))
        turns.append((at, last))
        at += 0.2
    assert presses(button, turns) == [0.0]
    assert presses(button, [(at, 127)]) == [at]


def test_what_lasts_is_followed_bounces_included() -> None:
    turns = [(0.0, 127), (0.003, 0), (0.006, 127), (2.0, 0)]
    pushed = Switch(lasts=True)
    assert [pushed.turned(value, at) for at, value in turns] == [
        Press.DOWN, Press.UP, Press.DOWN, Press.UP,
    ]  # fmt: skip


def test_notes_that_join_are_as_many_presses() -> None:
    pad = Switch(contacts=False)
    turns = [(0.5 * n, value) for n in range(1, 5) for value in (0, 127)]
    assert presses(pad, [(0.0, 127), *turns]) == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_button_that_never_says_that_it_is_let_go_works_every_time() -> None:
    assert presses(Switch(), [(n * 0.2, 127) for n in range(4)]) == pytest.approx(
        [0.0, 0.2, 0.4, 0.6]
    )


def test_a_pedal_that_repeats_itself_while_it_is_down_is_pressed_once() -> None:
    assert presses(Switch(pedal=True), [(n * 0.01, 127) for n in range(200)]) == [0.0]


def test_what_rests_when_it_is_plugged_in_is_no_press_and_says_which_way_round_it_is() -> None:
    pedal = Switch(pedal=True)
    pedal.rest(127, 0.0)
    turns = [(2.0, 0), (2.3, 127), (9.0, 0), (9.2, 127)]
    assert presses(pedal, turns) == [2.0, 9.0]


def test_a_button_that_was_held_when_it_was_plugged_in_is_pressed_the_next_time() -> None:
    button = Switch()
    button.rest(127, 0.0)
    assert presses(button, [(2.0, 0), (2.3, 127)]) == [2.3]


@pytest.mark.parametrize(("first", "missed"), [([], 1), ([(0.0, 127)], 1), ([(0.0, 0)], 3)])
def test_a_pedal_that_is_the_other_way_round_is_known_after_a_few_presses(
    first: Turns, missed: int
) -> None:
    cues = [3.0, 10.0, 12.0, 30.0, 60.0]
    turns = [turn for at in cues for turn in ((at, 0), (at + 0.3, 127))]
    heard = presses(Switch(pedal=True), first + turns)
    assert heard[-(len(cues) - missed) :] == cues[missed:]
    assert len(heard) <= len(cues) + 1


@given(
    st.lists(st.tuples(st.floats(1.0, 60.0), st.floats(0.05, 0.9)), min_size=1),
    st.floats(0.05, 20.0),
)
def test_a_pedal_the_right_way_round_is_pressed_when_it_goes_down(
    cues: list[tuple[float, float]], first_held: float
) -> None:
    turns, at, pressed = [(0.0, 127), (first_held, 0)], first_held, [0.0]
    for pause, held in cues:
        at += pause
        pressed.append(at)
        turns.append((at, 127))
        at += held
        turns.append((at, 0))
    assert presses(Switch(pedal=True), turns) == pressed


def test_a_pedal_taken_for_the_other_way_round_is_found_to_be_right() -> None:
    pedal = Switch(pedal=True)
    pedal.rest(127, 0.0)  # somebody stood on it
    heard = presses(pedal, [(1.0, 0), (8.0, 127), (8.3, 0), (15.0, 127), (15.3, 0)])
    assert heard == [1.0, 8.0, 15.0]
