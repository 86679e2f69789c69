from __future__ import annotations

import numpy as np
import pytest

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.labels import label, references_of
from polyrhythmia_live.training.data.performance import Performance

KICK, SNARE, CLOSED_HAT, HIGH_TOM = 0, 1, 2, 6


def played(
    bars: list[np.ndarray], *, genre: str = "rock", fill: bool = False, meter: Meter | None = None
) -> Performance:
    grid = np.concatenate(bars)
    zero = np.zeros_like(grid)
    fills = np.full(len(grid), fill)
    return Performance(
        "take", "train", genre, genre, 120.0, meter or Meter(), fills, grid, zero, zero
    )


def bar(hats: int = 8, velocity: int = 90, toms: int = 0) -> np.ndarray:
    grid = np.zeros((16, 9), np.int16)
    grid[[0, 8], KICK] = velocity
    grid[[4, 12], SNARE] = velocity
    grid[:hats, CLOSED_HAT] = velocity
    grid[16 - toms :, HIGH_TOM] = velocity
    return grid


def test_a_bar_ranks_among_the_bars_of_its_genre() -> None:
    rock = played([bar(hats) for hats in range(16)] * 4)
    samba = played([bar(16)] * 60, genre="latin")
    known = references_of([rock, samba])
    busy_rock, busy_samba = label([played([bar(15)]), played([bar(16)], genre="latin")], known)
    assert busy_rock.density_ranks[0] > 0.9
    assert busy_samba.density_ranks[0] == 0.5, "as everyone plays it"


def test_all_steps_of_a_bar_have_its_label() -> None:
    takes = [played([bar(2, 30), bar(14, 120)])]
    [take] = label(takes, references_of(takes))
    for ranks in (take.density_ranks, take.intensity_ranks):
        assert ranks.dtype == np.float32
        assert (ranks[:16] == 0).all()
        assert (ranks[16:] == 1).all()


def test_a_silent_bar_has_no_intensity() -> None:
    takes = [played([bar(), bar() * 0, bar(velocity=50)])]
    [take] = label(takes, references_of(takes))
    assert np.isnan(take.intensity_ranks).reshape(3, 16).all(axis=1).tolist() == [
        False,
        True,
        False,
    ]
    assert np.isfinite(take.density_ranks).all()


def test_labels_do_not_change_what_was_played() -> None:
    takes = [played([bar(n) for n in range(10)])]
    [take] = label(takes, references_of(takes))
    assert take.velocities is takes[0].velocities
    assert np.array_equal(label([take], references_of([take]))[0].density_ranks, take.density_ranks)


@pytest.fixture
def long_beat() -> Performance:
    """Forty bars, the eighth and every sixteenth after it with a roll on the toms."""
    return played([bar(toms=8 if n in (7, 23) else 0) for n in range(40)])


def fill_like_bars(take: Performance) -> list[int]:
    labelled = label([take], references_of([take]))[0]
    return np.flatnonzero(labelled.fill_like[:: take.meter.bar_steps]).tolist()


def test_a_roll_on_the_toms_within_a_beat_is_like_a_fill(long_beat: Performance) -> None:
    assert fill_like_bars(long_beat) == [7, 23]


def test_a_bar_unlike_those_before_it_is_like_a_fill() -> None:
    snares = bar()
    snares[8:, SNARE] = 110
    assert fill_like_bars(played([snares if n == 15 else bar() for n in range(40)])) == [15]


def test_beginning_ending_and_break_are_not_like_fills() -> None:
    roll, one_hit = bar(toms=8), bar() * 0
    one_hit[0, KICK] = 100
    odd = {1: roll, 20: one_hit, 39: roll}
    found = fill_like_bars(played([odd.get(n, bar()) for n in range(40)]))
    assert not set(odd) & set(found)


def test_a_short_beat_has_nothing_to_stand_out_from(long_beat: Performance) -> None:
    short = played([bar()] * 5 + [bar(toms=8), bar()])
    [take] = label([short], references_of([long_beat]))
    assert not take.fill_like.any()


def test_bars_of_a_recorded_fill_are_not_labelled_as_like_a_fill(long_beat: Performance) -> None:
    fill = played([bar(toms=8)] * 10, fill=True)
    [take] = label([fill], references_of([long_beat]))
    assert not take.fill_like.any()
    assert np.isfinite(take.density_ranks).all()


def test_odd_meters_are_labelled_too() -> None:
    takes = [played([bar(n)[:14] for n in range(10)], meter=Meter(7, 8))]
    [take] = label(takes, references_of(takes))
    assert take.density_ranks.reshape(10, 14)[:, 0].tolist() == sorted(
        take.density_ranks.reshape(10, 14)[:, 0].tolist()
    )


def test_ones_own_playing_is_ranked_by_a_models_references(long_beat: Performance) -> None:
    mine = played([bar(hats=16)] * 3, genre="")
    [take] = label([mine], references_of([long_beat]))
    assert (take.density_ranks > 0.9).all()
