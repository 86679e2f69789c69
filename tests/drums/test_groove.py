import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.groove import (
    GHOST_VELOCITY,
    ROCK_GROOVE,
    kick_and_hat,
    parse_groove,
    varied,
)
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


@given(st.integers(1, 100))
def test_a_repeated_bar_keeps_its_backbone(repetition: int) -> None:
    for hits in ROCK_GROOVE.steps:
        backbone = {hit.lane for hit in hits if hit.velocity >= GHOST_VELOCITY}
        assert backbone <= {hit.lane for hit in varied(hits, repetition)}


def test_repetitions_of_a_bar_differ() -> None:
    bars = [[varied(hits, repetition) for hits in ROCK_GROOVE.steps] for repetition in range(4)]
    assert all(bars[i] != bars[i + 1] for i in range(3))


@pytest.mark.parametrize("meter", [Meter(4, 4), Meter(7, 8), Meter(5, 16)])
def test_the_last_resort_fits_every_meter(meter: Meter) -> None:
    bar = kick_and_hat(meter)
    assert bar.steps[0] == (Hit(0, 100),)
