"""What we make of a session's state: bars of ours, at a tempo that we can play."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.link.base import LinkState, company_of, lag_ticks
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM, Timeline
from polyrhythmia_live.testing.link_session import VirtualSession

tempos = st.floats(20.0, 999.0)
meters = st.sampled_from([Meter(), Meter(3, 4), Meter(7, 8), Meter(5, 16)])
moments = st.floats(0.0, 1e5)
few = settings(max_examples=50)


@few
@given(tempos, meters, moments, moments)
def test_the_grid_is_everybodys_bars_whenever_it_is_read(
    tempo_bpm: float, meter: Meter, bar_seconds: float, now_seconds: float
) -> None:
    session = VirtualSession(tempo_bpm, MeterMap.of(meter))
    session.lead(tempo_bpm, bar_seconds)
    state = session.state(now_seconds)
    grid = state.grid(MeterMap.of(meter))
    assert TEMPO_MIN_BPM <= grid.tempo_bpm <= TEMPO_MAX_BPM
    assert grid.tempo_bpm * state.folds == pytest.approx(tempo_bpm)
    bar = meter.bar_ticks * grid.seconds_per_tick
    bars_apart = (bar_seconds - grid.time_origin_seconds) / bar
    assert bars_apart == pytest.approx(round(bars_apart), abs=1e-5)
    assert grid.time_origin_seconds - 1e-6 <= now_seconds <= grid.time_origin_seconds + bar + 1e-6


@pytest.mark.parametrize(
    ("session_bpm", "ours_bpm"), [(20.0, 20.0), (320.0, 320.0), (321.0, 160.5), (999.0, 249.75)]
)
def test_a_session_that_is_too_fast_for_us_is_played_at_half_or_a_quarter(
    session_bpm: float, ours_bpm: float
) -> None:
    assert LinkState(session_bpm, 0.0, 0.0).grid(MeterMap()).tempo_bpm == ours_bpm


@few
@given(meters, st.integers(-(10**9), 10**9), moments)
def test_a_lag_is_the_nearer_way_round_the_bar(meter: Meter, ticks: int, now: float) -> None:
    grid = Timeline(120.0)
    late = Timeline(120.0, 0, ticks * grid.seconds_per_tick)
    lag = lag_ticks(late, grid, MeterMap.of(meter), now)
    assert -meter.bar_ticks / 2 <= lag <= meter.bar_ticks / 2
    assert (lag - ticks + 1) % meter.bar_ticks <= 2


def test_the_company_in_a_session_is_named() -> None:
    assert [company_of(count).words for count in range(3)] == ["alone", "1 peer", "2 peers"]
