from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Hit, Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.part import Part, carried
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio

ratios = st.builds(Ratio, st.integers(1, 16), st.integers(1, 16))
steps = st.builds(
    lambda index, late: Step(index, (Hit(8, 90, late),)),
    st.integers(0, 100_000),
    st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS),
)


def test_a_part_is_written_as_it_is_read() -> None:
    part = Part("bell", ("ride", "crash"), Ratio(7, 4), Meter(7, 8, (2, 2, 3)))
    assert str(part) == "bell 7:4 7/8=2+2+3 ride crash"
    assert Part.parse(str(part)) == part
    assert str(Part("hats", ("closed-hat",))) == "hats closed-hat"


@given(steps, ratios, ratios)
def test_a_hit_sounds_at_the_same_moment_on_any_voices_grid(
    step: Step, own: Ratio, to: Ratio
) -> None:
    ((index, hit),) = carried(step, own, to)
    there = (Step(index).tick + hit.microtiming_ticks) * to.denominator / to.numerator
    here = (step.tick + step.hits[0].microtiming_ticks) * own.denominator / own.numerator
    assert abs(there - here) <= 0.5 * to.denominator / to.numerator + 1e-6
    assert hit.velocity == 90


@given(steps)
def test_on_its_own_grid_a_hit_stays_what_it_is(step: Step) -> None:
    assert list(carried(step, NORMAL_TIME, NORMAL_TIME)) == [(step.index, step.hits[0])]
