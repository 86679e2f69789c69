from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.lstm import strokes
from polyrhythmia_live.drummer.lstm.encoding import ARTICULATIONS, LANES, MASK_LANES, MASKS
from polyrhythmia_live.drummer.lstm.strokes import Details, as_recorded, lean_ticks, strike
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Hit, Hits
from polyrhythmia_live.testing.drummers import ROCK, ToyNetwork

KICK, HAT = 0, 2
TOY = ToyNetwork().details(np.zeros(3, np.float32), MASK_LANES[0])


def struck(
    mask: int,
    details: Details = TOY,
    controls: ControlState = ROCK,
    lean: int = 0,
    seed: int = 0,
    lift: float = 0.0,
) -> Hits:
    return strike(mask, details, controls, lean, lift, np.random.default_rng(seed))


@given(st.integers(0, MASKS - 1), st.integers(0, 2**32), st.floats(0.4, 2.5), st.floats(0, 1))
@settings(deadline=None)
def test_every_lane_of_the_mask_is_struck_once_and_no_other(
    mask: int, seed: int, temperature: float, humanise: float
) -> None:
    controls = replace(ROCK, temperature=temperature, humanise=humanise)
    hits = struck(mask, controls=controls, seed=seed)
    assert [hit.lane for hit in hits] == np.flatnonzero(MASK_LANES[mask]).tolist()


def test_a_lift_makes_the_same_hits_louder() -> None:
    def loudness(lift: float) -> float:
        hits = [struck(MASKS - 1, seed=seed, lift=lift) for seed in range(20)]
        return float(np.mean([hit.velocity for of_one in hits for hit in of_one]))

    assert loudness(-3.0) < loudness(0.0) < loudness(3.0)


def test_with_both_hands_busy_the_hat_is_played_by_foot() -> None:
    hits = struck(0b100000110)
    assert {hit.lane: hit.articulation for hit in hits}[HAT] == 1


def test_the_articulation_is_the_networks() -> None:
    velocity, microtiming, _ = TOY
    articulation = np.full((LANES, ARTICULATIONS), -50.0, np.float32)
    articulation[:, 2] = 50.0
    assert {hit.articulation for hit in struck(0b10, (velocity, microtiming, articulation))} == {2}


def test_a_lane_that_rests_takes_no_chance_from_one_that_is_struck() -> None:
    alone, among = struck(0b000000001), struck(0b100000101)
    assert among[0] == alone[0]


def test_a_cool_drummer_has_steadier_hands_and_a_hot_one_no_wilder_ones() -> None:
    spreads = [
        np.std(
            [
                struck(1, controls=replace(ROCK, temperature=temperature), seed=seed)[0].velocity
                for seed in range(300)
            ]
        )
        for temperature in (0.4, 1.0, 2.5)
    ]
    assert spreads[0] < 0.8 * spreads[1]
    assert spreads[2] == spreads[1]


def test_hits_of_one_step_are_early_or_late_together() -> None:
    pairs = [[hit.microtiming_ticks for hit in struck(0b11, seed=seed)] for seed in range(1000)]
    correlation = np.corrcoef(np.array(pairs).T)[0, 1]
    assert correlation == pytest.approx(strokes.KIT_TIMING_CORRELATION, abs=0.08)


@given(st.integers(0, 2**32), st.integers(-400, 400), st.floats(0, 1))
@settings(deadline=None)
def test_however_the_recordings_lean_a_hit_stays_within_its_step(
    seed: int, lean: int, humanise: float
) -> None:
    for hit in struck(MASKS - 1, controls=replace(ROCK, humanise=humanise), lean=lean, seed=seed):
        assert MICROTIMING_MIN_TICKS <= hit.microtiming_ticks <= MICROTIMING_MAX_TICKS


@given(st.integers(-200, 200), st.integers(-400, 400))
def test_the_network_hears_the_lean_that_was_taken_out_of_a_hit(late: int, lean: int) -> None:
    sounded = (Hit(KICK, 100, late - lean),)
    assert as_recorded(sounded, lean) == (Hit(KICK, 100, late),)


@pytest.mark.parametrize(("tempo_bpm", "ticks"), [(60.0, -67), (120.0, -134), (240.0, -269)])
def test_a_lean_is_so_many_milliseconds_at_any_tempo(tempo_bpm: float, ticks: int) -> None:
    assert lean_ticks(-10.0, tempo_bpm) == ticks
