import pytest

from polyrhythmia_live.calibration.verdict import judge
from polyrhythmia_live.errors import CalibrationError


def test_the_median_is_what_counts_and_two_stray_hits_do_not() -> None:
    lateness = judge([0.0123] * 9 + [0.0127] * 9 + [0.2, None])
    assert lateness.median_seconds == pytest.approx(0.0127)
    assert str(lateness) == "12.7 ms late (spread 0.4 ms, 19 of 20 hits heard)"


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ([None] * 20, "heard none of 20 hits: turn the output up"),
        ([0.01] * 14 + [None] * 6, "heard 14 of 20 hits above the noise, expected at least 15"),
        ([0.01 + 0.001 * hit for hit in range(20)], r"spread of 15\.2 ms \(at most 5\)"),
    ],
)
def test_hits_that_cannot_be_trusted_are_refused_with_what_to_do(
    heard: list[float | None], words: str
) -> None:
    with pytest.raises(CalibrationError, match=words):
        judge(heard)
