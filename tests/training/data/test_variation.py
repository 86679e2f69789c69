from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import STEP_FIELDS, Performance
from polyrhythmia_live.training.data.variation import (
    VARIATIONS,
    Variation,
    drop_ornament,
    jitter_tempo,
    permute_toms,
    scale_velocities,
    swap_ride_and_hat,
    varied,
)

KICK, SNARE, CLOSED_HAT, OPEN_HAT, LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE = range(9)
PEDAL, BELL = 1, 1


def played(velocities: np.ndarray, articulations: np.ndarray | None = None) -> Performance:
    known = np.full(len(velocities), 0.5, np.float32)
    late = np.where(velocities > 0, velocities * 3 - 200, 0).astype(np.int16)
    return Performance(
        "take", "train", "rock", "rock", 120.0, Meter(), np.zeros(len(velocities), np.bool_),
        velocities, late, velocities * 0 if articulations is None else articulations,
        known, known, known,
    )  # fmt: skip


def hits(*struck: tuple[int, int, int]) -> Performance:
    """(step, lane, articulation), of one bar."""
    velocities, articulations = np.zeros((16, 9), np.int16), np.zeros((16, 9), np.int16)
    for step, lane, articulation in struck:
        velocities[step, lane] = 50 + step
        articulations[step, lane] = articulation
    return played(velocities, articulations)


def struck(take: Performance) -> list[tuple[int, int, int, int]]:
    """(step, lane, articulation, velocity)"""
    return [
        (int(s), int(lane), int(take.articulations[s, lane]), int(take.velocities[s, lane]))
        for s, lane in np.argwhere(take.velocities > 0)
    ]


performances = st.integers(1, 4).flatmap(
    lambda bars: st.builds(
        played,
        arrays.arrays(np.int16, (16 * bars, 9), elements=st.sampled_from([0, 0, 0, 1, 64, 127])),
        arrays.arrays(np.int16, (16 * bars, 9), elements=st.sampled_from([0])),
    )
)
generators = st.integers(0, 1000).map(np.random.default_rng)
each = pytest.mark.parametrize("variation", VARIATIONS)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@each
@given(take=performances, source=generators)
def test_no_variation_moves_the_bar_lines_or_leaves_what_midi_has(
    variation: Variation, take: Performance, source: np.random.Generator
) -> None:
    other = variation(take, source)
    assert (other.steps, other.meter, other.name, other.genre) == (
        take.steps, take.meter, take.name, take.genre,
    )  # fmt: skip
    assert other.velocities.dtype == other.microtimings_ticks.dtype == np.int16
    assert ((other.velocities >= 0) & (other.velocities <= 127)).all()
    assert (other.fills == take.fills).all()


@each
@given(take=performances, source=generators)
def test_no_variation_changes_what_it_was_given(
    variation: Variation, take: Performance, source: np.random.Generator
) -> None:
    before = {name: getattr(take, name).copy() for name in STEP_FIELDS}
    variation(take, source)
    assert all(np.array_equal(getattr(take, name), kept) for name, kept in before.items())


@each
@given(take=performances, seed=st.integers(0, 100))
def test_the_same_seed_varies_in_the_same_way(
    variation: Variation, take: Performance, seed: int
) -> None:
    one, other = (variation(take, np.random.default_rng(seed)) for _ in range(2))
    assert one.tempo_bpm == other.tempo_bpm
    assert (one.velocities == other.velocities).all()


@given(performances)
def test_the_right_hand_changes_places_and_back(take: Performance) -> None:
    once = swap_ride_and_hat(take, rng())
    assert (once.velocities[:, RIDE] == take.velocities[:, CLOSED_HAT]).all()
    twice = swap_ride_and_hat(once, rng())
    assert (twice.velocities == take.velocities).all()
    assert (np.where(twice.velocities > 0, twice.microtimings_ticks, 0) ==
            np.where(take.velocities > 0, take.microtimings_ticks, 0)).all()  # fmt: skip


def test_the_foot_stays_on_the_pedal_and_a_bell_becomes_no_pedal() -> None:
    jazz = hits((0, RIDE, 0), (4, RIDE, BELL), (4, KICK, 0), (6, CLOSED_HAT, PEDAL))
    assert struck(swap_ride_and_hat(jazz, rng())) == [
        (0, CLOSED_HAT, 0, 50),
        (4, KICK, 0, 54),
        (4, CLOSED_HAT, 0, 54),
        (6, CLOSED_HAT, PEDAL, 56),
    ]


def test_a_hat_struck_by_hand_is_heard_over_the_pedal() -> None:
    both = hits((4, RIDE, 0), (4, CLOSED_HAT, PEDAL))
    assert struck(swap_ride_and_hat(both, rng())) == [(4, CLOSED_HAT, 0, 54)]


@given(performances, generators)
def test_toms_change_places_among_themselves(
    take: Performance, source: np.random.Generator
) -> None:
    other = permute_toms(take, source)
    toms = [LOW_TOM, MID_TOM, HIGH_TOM]
    assert (np.sort(other.velocities[:, toms]) == np.sort(take.velocities[:, toms])).all()
    rest = np.setdiff1d(np.arange(9), toms)
    assert (other.velocities[:, rest] == take.velocities[:, rest]).all()
    assert (other.density_ranks == take.density_ranks).all()


def beat_with_a_crash() -> Performance:
    grid = np.zeros((32, 9), np.int16)
    grid[:, CLOSED_HAT] = 60
    grid[::4, SNARE] = 90
    grid[0, CRASH] = 120
    return played(grid)


def test_a_crash_now_and_then_can_be_left_out() -> None:
    take = drop_ornament(beat_with_a_crash(), rng())
    assert not take.velocities[:, CRASH].any()
    assert take.velocities[:, SNARE].any()
    assert np.isnan(take.density_ranks).all()


def test_a_lane_that_makes_the_groove_is_never_left_out() -> None:
    tom_groove = played(np.tile(hits((0, KICK, 0), (3, LOW_TOM, 0)).velocities, (4, 1)))
    assert drop_ornament(tom_groove, rng()) is tom_groove


def test_a_fill_keeps_its_toms() -> None:
    take = beat_with_a_crash()
    take.velocities[16:20, HIGH_TOM] = 100
    second_bar = np.arange(32) >= 16
    for marked in (replace(take, fills=second_bar), replace(take, fill_like=second_bar)):
        for seed in range(10):
            kept = drop_ornament(marked, np.random.default_rng(seed))
            assert (kept.velocities[16:] == marked.velocities[16:]).all()


@given(performances, generators)
def test_a_louder_hit_never_becomes_the_softer_one(
    take: Performance, source: np.random.Generator
) -> None:
    other = scale_velocities(take, source)
    assert ((other.velocities > 0) == (take.velocities > 0)).all()
    before = take.velocities[take.velocities > 0]
    after = other.velocities[take.velocities > 0]
    assert (np.diff(after[np.argsort(before, kind="stable")].astype(int)) >= 0).all()


@given(performances, generators)
def test_the_tempo_is_a_tenth_off_at_most(take: Performance, source: np.random.Generator) -> None:
    assert 108 <= jitter_tempo(take, source).tempo_bpm <= 132


def test_a_tempo_stays_one_that_can_be_played() -> None:
    for bpm in (20.0, 320.0):
        fast = replace(beat_with_a_crash(), tempo_bpm=bpm)
        tempos = [jitter_tempo(fast, np.random.default_rng(n)).tempo_bpm for n in range(20)]
        assert all(20 <= tempo <= 320 for tempo in tempos)


def test_chance_says_how_much_varies() -> None:
    take = beat_with_a_crash()
    assert varied(take, rng(), 0.0) is take
    other = varied(take, rng(), 1.0)
    assert other.tempo_bpm != take.tempo_bpm
    assert other.velocities[:, RIDE].any()
    assert not other.velocities[:, CLOSED_HAT].any()
