from polyrhythmia_live.drums.groove import ROCK_GROOVE, kick_and_hat, varied
from polyrhythmia_live.messages import Rung
from polyrhythmia_live.player.ladder import MAX_REPEATS, Ladder
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import Meter

BAR = 16
GHOST, ACCENT = Hit(1, 30), Hit(0, 110)


def a_ladder(meter: Meter | None = None) -> Ladder:
    meter = meter or Meter()
    return Ladder(meter, ROCK_GROOVE, kick_and_hat(meter), varied)


def a_planned_bar(ladder: Ladder, first: int = 0) -> None:
    ladder.plan(tuple(Step(first + step, (ACCENT, GHOST)) for step in range(BAR)), first)


def lanes(step: Step) -> set[int]:
    return {hit.lane for hit in step.hits}


def test_the_plan_comes_first() -> None:
    ladder = a_ladder()
    a_planned_bar(ladder)
    assert ladder.step(0) == (Step(0, (ACCENT, GHOST)), Rung.PLAN)


def test_a_late_bar_repeats_the_last_one() -> None:
    ladder = a_ladder()
    a_planned_bar(ladder)
    for index in range(BAR):
        ladder.step(index)
    step, rung = ladder.step(BAR)
    assert rung is Rung.LAST_BAR
    assert ACCENT.lane in lanes(step)


def test_a_repeated_bar_comes_back_varied_but_its_ghosts_return() -> None:
    ladder = a_ladder()
    a_planned_bar(ladder)
    for index in range(BAR):
        ladder.step(index)
    bars = [[ladder.step(BAR * bar + index)[0] for index in range(BAR)] for bar in (1, 2)]
    assert GHOST.lane not in lanes(bars[0][0])
    assert GHOST.lane in lanes(bars[1][0])


def test_a_bar_is_not_repeated_for_ever() -> None:
    ladder = a_ladder()
    a_planned_bar(ladder)
    rungs = [ladder.step(index)[1] for index in range(BAR * (MAX_REPEATS + 3))]
    assert rungs[BAR * MAX_REPEATS] is Rung.LAST_BAR
    assert rungs[BAR * (MAX_REPEATS + 1)] is Rung.GROOVE


def test_without_a_past_the_performances_groove_plays() -> None:
    step, rung = a_ladder().step(4)
    assert rung is Rung.GROOVE
    assert step.hits == ROCK_GROOVE.steps[4]


def test_a_groove_of_another_meter_is_no_groove_so_kick_and_hat_it_is() -> None:
    step, rung = a_ladder(Meter(7, 8)).step(0)
    assert rung is Rung.KICK_AND_HAT
    assert step.hits


def test_the_rung_is_left_as_soon_as_the_plan_is_back() -> None:
    ladder = a_ladder()
    assert ladder.step(0)[1] is Rung.GROOVE
    ladder.plan((Step(1, (GHOST,)),), 1)
    assert ladder.step(1) == (Step(1, (GHOST,)), Rung.PLAN)


def test_a_planned_silence_is_kept() -> None:
    ladder = a_ladder()
    ladder.plan((Step(0),), 0)
    assert ladder.step(0) == (Step(0), Rung.PLAN)


def test_memory_stays_bounded_over_a_long_night() -> None:
    ladder = a_ladder()
    for index in range(10_000):
        ladder.plan((Step(index),), index)
        ladder.step(index)
    assert len(ladder._plan) <= (MAX_REPEATS + 1) * BAR


def test_a_standby_is_taken_once() -> None:
    ladder = a_ladder()
    ladder.prepare(3, (Step(0, (GHOST,)),))
    ladder.prepare(3, (Step(1, (ACCENT,)),))
    assert ladder.take_standby() == 3
    assert [ladder.step(index)[0].hits for index in (0, 1)] == [(GHOST,), (ACCENT,)]
    assert ladder.take_standby() is None


def test_a_new_standby_replaces_the_old_one_whole() -> None:
    ladder = a_ladder()
    ladder.prepare(1, (Step(0, (GHOST,)), Step(1, (GHOST,))))
    ladder.prepare(2, (Step(0, (ACCENT,)),))
    assert ladder.take_standby() == 2
    assert ladder.step(0)[0].hits == (ACCENT,)
    assert ladder.step(1)[1] is not Rung.PLAN
