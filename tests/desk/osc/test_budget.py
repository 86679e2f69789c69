from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.desk.osc.budget import Budget, Budgets


@given(st.lists(st.floats(0.0, 0.1), min_size=1, max_size=300))
def test_no_second_has_more_than_twice_what_a_second_may_have(pauses: list[float]) -> None:
    budget, now, heard = Budget(20), 100.0, []
    for pause in pauses:
        now += pause
        if budget.has_room(now):
            budget.spend(1, now)
            heard.append(now)
    for begin in heard:
        assert sum(begin <= it < begin + 1.0 for it in heard) <= 42


def test_a_second_of_silence_gives_all_of_it_back() -> None:
    budget = Budget(10)
    budget.spend(10, 5.0)
    assert budget.has_room(5.0)
    budget.spend(10, 5.0)
    assert not budget.has_room(5.5)
    assert budget.has_room(6.0)
    assert budget.is_untouched(7.0)


def test_one_who_sends_too_much_costs_the_others_nothing() -> None:
    budgets = Budgets(2, 10)
    loud, quiet = budgets.of("loud", 1.0), budgets.of("quiet", 1.0)
    assert loud is not None
    assert quiet is not None
    loud.spend(1000, 1.0)
    assert not loud.has_room(2.0)
    assert quiet.has_room(2.0)


def test_there_is_room_for_so_many_and_for_another_when_one_is_silent() -> None:
    budgets = Budgets(2, 10)
    for sender in ("one", "two"):
        found = budgets.of(sender, 1.0)
        assert found is not None
        found.spend(1, 1.0)
    assert budgets.of("three", 1.0) is None
    assert budgets.of("three", 3.0) is not None
