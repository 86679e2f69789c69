import pytest

from polyrhythmia_live.drums.groove import kick_and_hat, parse_groove
from polyrhythmia_live.rhythm.bar import Hit
from polyrhythmia_live.rhythm.meter import Meter


def test_a_written_groove_reads_as_it_looks() -> None:
    bar = parse_groove({"kick": "X... o...", "pedal-hat": "..x. ...."}, Meter(2, 4))
    assert bar.steps[0] == (Hit(0, 115),)
    assert bar.steps[2] == (Hit(2, 85, articulation=1),)
    assert bar.steps[4] == (Hit(0, 45),)
    assert all(not bar.steps[step] for step in (1, 3, 5, 6, 7))


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ({"cowbell": "x..."}, "expected one of kick"),
        ({"kick": "x..."}, "16 steps, got 4"),
        ({"kick": "y" * 16}, "got 'y'"),
    ],
)
def test_a_miswritten_groove_says_what_was_expected(rows: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_groove(rows, Meter(4, 4))


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(7, 8), Meter(5, 16)])
def test_the_last_resort_fits_every_meter(meter: Meter) -> None:
    bar = kick_and_hat(meter)
    assert bar.steps[0] == (Hit(0, 100),)
