import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.ratio import DOUBLE_TIME, HALF_TIME, NORMAL_TIME, Ratio

ratios = st.builds(Ratio, st.integers(1, 99), st.integers(1, 99))


@pytest.mark.parametrize(
    ("written", "ratio"),
    [("3:2", Ratio(3, 2)), (" 7 : 4 ", Ratio(7, 4)), ("4:2", DOUBLE_TIME), ("5:5", NORMAL_TIME)],
)
def test_a_ratio_is_read_in_its_lowest_terms(written: str, ratio: Ratio) -> None:
    assert Ratio.parse(written) == ratio


@given(ratios)
def test_a_written_ratio_reads_as_the_same_one(ratio: Ratio) -> None:
    assert Ratio.parse(str(ratio)) == ratio


@pytest.mark.parametrize("written", ["", "3", "3/2", "0:2", "3:0", "-3:2", "1.5:1"])
def test_a_wrong_ratio_is_refused_with_examples(written: str) -> None:
    with pytest.raises(ValueError, match="expected a ratio such as 3:2 or 7:4, got"):
        Ratio.parse(written)


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (1, 0), (-1, -1)])
def test_both_numbers_of_a_ratio_are_above_zero(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Ratio(numerator, denominator)


def test_half_and_double_time_lead_to_each_other_and_no_further() -> None:
    assert NORMAL_TIME.halved == HALF_TIME == HALF_TIME.halved
    assert NORMAL_TIME.doubled == DOUBLE_TIME == DOUBLE_TIME.doubled
    assert HALF_TIME.doubled == DOUBLE_TIME.halved == NORMAL_TIME


def test_three_over_two_can_be_halved_and_is_too_fast_to_be_doubled() -> None:
    assert Ratio(3, 2).halved == Ratio(3, 4)
    assert Ratio(3, 2).doubled == Ratio(3, 2)


def test_only_the_three_times_have_names() -> None:
    words = [ratio.in_words for ratio in (HALF_TIME, NORMAL_TIME, DOUBLE_TIME, Ratio(3, 2))]
    assert words == ["half time", "normal time", "double time", "3:2"]
