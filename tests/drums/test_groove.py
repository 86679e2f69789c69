import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.groove import (
    VELOCITIES,
    kick_and_hat,
    parse_groove,
    written_groove,
)
from polyrhythmia_live.drums.lanes import DRUM_LANES, places
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Bar, Hit
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


meters = st.sampled_from([Meter(), Meter(7, 8, (2, 2, 3)), Meter(5, 16), Meter(1, 4)])
written = st.sampled_from([velocity for velocity in VELOCITIES.values() if velocity])


@st.composite
def bars(
    draw: st.DrawFn, velocities: st.SearchStrategy[int], timings: st.SearchStrategy[int]
) -> Bar:
    """Each articulation once a step at the most, in the order of the lanes."""
    meter = draw(meters)
    strokes = st.sets(st.sampled_from(sorted(places().values())), max_size=4)
    return Bar(
        meter,
        tuple(
            tuple(
                Hit(lane, draw(velocities), draw(timings), articulation)
                for lane, articulation in sorted(draw(strokes))
            )
            for _ in range(meter.bar_steps)
        ),
    )


@given(bars(written, st.just(0)))
def test_a_groove_is_read_as_it_was_written(bar: Bar) -> None:
    assert parse_groove(written_groove(bar), bar.meter) == bar


@given(bars(st.integers(1, 127), st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS)))
def test_every_bar_can_be_written_and_no_stroke_is_lost_or_moved_or_nearer_another_sign(
    bar: Bar,
) -> None:
    read = parse_groove(written_groove(bar), bar.meter)
    for before, after in zip(bar.steps, read.steps, strict=True):
        assert [(hit.lane, hit.articulation) for hit in before] == [
            (hit.lane, hit.articulation) for hit in after
        ]
        for played, sign in zip(before, after, strict=True):
            off = abs(played.velocity - sign.velocity)
            assert off == min(abs(played.velocity - it) for it in VELOCITIES.values() if it)


def test_a_written_groove_has_a_line_a_sound_and_a_blank_a_beat() -> None:
    bar = parse_groove({"kick": "X...o...", "crash": "........"}, Meter(2, 4), DRUM_LANES)
    assert written_groove(bar) == {"kick": "X... o..."}


def test_of_two_strokes_in_one_place_the_harder_is_written() -> None:
    bar = Bar(Meter(1, 4), ((Hit(0, 30), Hit(0, 120)), (), (), ()))
    assert written_groove(bar) == {"kick": "X..."}
