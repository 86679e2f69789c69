from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.groove import kick_and_hat, parse_groove
from polyrhythmia_live.messages import Rung
from polyrhythmia_live.player.ladder import GHOST_VELOCITY, MAX_REPEATS, Ladder, varied
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.testing.stage import ROCK_GROOVE

BAR = 16
LAST_RESORT = kick_and_hat(Meter())
GHOST, ACCENT = Hit(1, 30), Hit(0, 110)


def a_planned_bar(ladder: Ladder, first: int = 0) -> None:
    ladder.plan(tuple(Step(first + step, (ACCENT, GHOST)) for step in range(BAR)), first)


def lanes(step: Step) -> set[int]:
    return {hit.lane for hit in step.hits}


def test_the_plan_comes_first() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    a_planned_bar(ladder)
    assert ladder.step(0) == (Step(0, (ACCENT, GHOST)), Rung.PLAN)


def test_a_late_bar_repeats_the_last_one() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    a_planned_bar(ladder)
    for index in range(BAR):
        ladder.step(index)
    step, rung = ladder.step(BAR)
    assert rung is Rung.LAST_BAR
    assert ACCENT.lane in lanes(step)


def test_a_repeated_bar_comes_back_varied_but_its_ghosts_return() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    a_planned_bar(ladder)
    for index in range(BAR):
        ladder.step(index)
    bars = [[ladder.step(BAR * bar + index)[0] for index in range(BAR)] for bar in (1, 2)]
    assert GHOST.lane not in lanes(bars[0][0])
    assert GHOST.lane in lanes(bars[1][0])


def test_a_bar_is_not_repeated_for_ever() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    a_planned_bar(ladder)
    rungs = [ladder.step(index)[1] for index in range(BAR * (MAX_REPEATS + 3))]
    assert rungs[BAR * MAX_REPEATS] is Rung.LAST_BAR
    assert rungs[BAR * (MAX_REPEATS + 1)] is Rung.GROOVE


def test_without_a_past_the_performances_groove_plays() -> None:
    step, rung = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT).step(4)
    assert rung is Rung.GROOVE
    assert step.hits == ROCK_GROOVE.steps[4]


def test_a_groove_of_another_meter_is_no_groove_so_kick_and_hat_it_is() -> None:
    step, rung = Ladder(MeterMap.of(Meter(7, 8)), ROCK_GROOVE, LAST_RESORT).step(0)
    assert rung is Rung.LAST_RESORT
    assert step.hits


def test_the_rung_is_left_as_soon_as_the_plan_is_back() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    assert ladder.step(0)[1] is Rung.GROOVE
    ladder.plan((Step(1, (GHOST,)),), 1)
    assert ladder.step(1) == (Step(1, (GHOST,)), Rung.PLAN)


def test_a_planned_silence_is_kept() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    ladder.plan((Step(0),), 0)
    assert ladder.step(0) == (Step(0), Rung.PLAN)


def test_memory_stays_bounded_over_a_long_night() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    for index in range(10_000):
        ladder.plan((Step(index),), index)
        ladder.step(index)
    out_of_reach = 10_000 - (MAX_REPEATS + 2) * BAR
    assert ladder.step(out_of_reach)[1] is Rung.GROOVE


def test_a_standby_is_taken_once() -> None:
    ladder = Ladder(MeterMap(), ROCK_GROOVE, LAST_RESORT)
    ladder.prepare(3, (Step(0, (GHOST,)),))
    ladder.prepare(3, (Step(1, (ACCENT,)),))
    assert ladder.take_standby() == 3
    assert [ladder.step(index)[0].hits for index in (0, 1)] == [(GHOST,), (ACCENT,)]
    assert ladder.take_standby() is None


def test_a_new_standby_replaces_the_old_one_whole() -> None:
    ladder = Ladder(MeterMap(), None, LAST_RESORT)
    ladder.prepare(1, (Step(0, (GHOST,)), Step(1, (GHOST,))))
    ladder.prepare(2, (Step(0, (ACCENT,)),))
    assert ladder.take_standby() == 2
    assert ladder.step(0)[0].hits == (ACCENT,)
    assert ladder.step(1)[1] is not Rung.PLAN


@given(st.integers(1, 100))
def test_a_repeated_bar_keeps_its_backbone(repetition: int) -> None:
    for hits in ROCK_GROOVE.steps:
        backbone = {hit.lane for hit in hits if hit.velocity >= GHOST_VELOCITY}
        assert backbone <= {hit.lane for hit in varied(hits, repetition)}


def test_a_repeated_note_is_as_long_as_it_was() -> None:
    (again,) = varied((Hit(0, 100, length_ticks=500),), 1)
    assert again.length_ticks == 500


def test_repetitions_of_a_bar_differ() -> None:
    bars = [[varied(hits, repetition) for hits in ROCK_GROOVE.steps] for repetition in range(4)]
    assert all(bars[i] != bars[i + 1] for i in range(3))


def test_grouping_the_notes_of_the_song_otherwise_keeps_the_groove() -> None:
    seven = parse_groove({"kick": "x...x...x....."}, Meter(7, 8))
    ladder = Ladder(MeterMap.of(Meter(7, 8, (2, 2, 3))), seven, LAST_RESORT)
    assert ladder.step(4) == (Step(4, seven.steps[4]), Rung.GROOVE)


def test_a_bar_that_is_longer_than_the_last_resort_has_it_again() -> None:
    ladder = Ladder(MeterMap.of(Meter(5, 4)), None, LAST_RESORT)
    assert ladder.step(16) == (Step(16, LAST_RESORT.steps[0]), Rung.LAST_RESORT)


def test_the_groove_is_played_where_its_meter_is() -> None:
    ladder = Ladder(MeterMap(((0, Meter(7, 8)), (1, Meter()))), ROCK_GROOVE, LAST_RESORT)
    assert ladder.step(13)[1] is Rung.LAST_RESORT
    step, rung = ladder.step(14 + 4)
    assert (step.hits, rung) == (ROCK_GROOVE.steps[4], Rung.GROOVE)
