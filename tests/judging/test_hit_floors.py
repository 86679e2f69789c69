from __future__ import annotations

import math

import numpy as np
import pytest

from polyrhythmia_live.judging.hit_floors import (
    ON_THE_GRID,
    TABLES,
    detail_figures,
    microtiming_floors,
    velocity_floors,
)
from polyrhythmia_live.judging.hit_scores import hit_figures, score_hits
from polyrhythmia_live.judging.listening import listen
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from tests.judging.listeners import BACKBEAT, Indifferent, candidate, take

KICKS, SNARES = [1] * 16, [2] * 16


def test_a_table_of_lanes_knows_that_the_snare_is_softer() -> None:
    train = [take(KICKS, velocity=100), take(SNARES, velocity=60)]
    figures = velocity_floors(train, [take(SNARES, velocity=60)])
    assert figures["everything alike"].mae == figures["everything alike"].mae_of_means == 20
    assert figures["everything alike"].mse == 400
    assert figures["lane"].mae == 0
    assert figures["lane"].nll < figures["everything alike"].nll


def test_a_style_that_was_never_heard_is_played_like_the_others() -> None:
    train = [take(KICKS, velocity=100)]
    figures = velocity_floors(train, [take(KICKS, velocity=90, genre="")])
    assert figures["lane, position, style"] == figures["lane, position"]
    assert figures["lane"].mae == 10


def test_medians_are_best_in_absolute_error_and_means_in_squared() -> None:
    train = [take(KICKS, velocity=velocity) for velocity in (20, 30, 100)]
    figures = velocity_floors(train, train)["everything alike"]
    assert figures.mae == pytest.approx(80 / 3)
    assert figures.mae_of_means == pytest.approx((30 + 20 + 50) / 3)
    assert figures.mse == pytest.approx((30**2 + 20**2 + 50**2) / 3)


def test_playing_on_the_grid_is_off_by_the_drummers_lateness() -> None:
    late = take(BACKBEAT, late_ticks=TICKS_PER_STEP // 4, tempo_bpm=60)
    figures = microtiming_floors([late], [late])
    assert list(figures) == [ON_THE_GRID, *TABLES]
    assert figures[ON_THE_GRID].mae == pytest.approx(62.5)
    assert figures[ON_THE_GRID].mse == pytest.approx(1 / 16)
    assert math.isnan(figures[ON_THE_GRID].nll)
    assert figures["everything alike"].mae == pytest.approx(0)


def test_a_network_is_judged_in_the_same_terms() -> None:
    heard = listen(candidate(Indifferent()), take(BACKBEAT, late_ticks=100))
    scores = score_hits(heard, np.random.default_rng(1))
    velocity, microtiming = detail_figures(scores)
    figures = hit_figures(scores)
    assert velocity.mae == figures.velocity_mae
    assert velocity.mse == pytest.approx(figures.velocity_rmse**2)
    assert microtiming.mae == figures.microtiming_mae_ms
    assert microtiming.mse == figures.microtiming_mse_steps
