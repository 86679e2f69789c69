from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM, Timeline

tempos = st.floats(TEMPO_MIN_BPM, TEMPO_MAX_BPM)
ticks = st.integers(-(10**9), 10**9)
moments = st.floats(0, 10**6)


@given(tempos, ticks, moments, ticks)
def test_every_tick_is_found_again_at_its_time(
    tempo_bpm: float, tick_origin: int, time_origin: float, tick: int
) -> None:
    timeline = Timeline(tempo_bpm, tick_origin, time_origin)
    assert timeline.tick_at(timeline.time_at(tick)) == tick


@given(tempos, tempos, moments)
def test_a_tempo_change_keeps_the_current_tick(
    before_bpm: float, after_bpm: float, now_seconds: float
) -> None:
    timeline = Timeline(before_bpm)
    assert timeline.at_tempo(after_bpm, now_seconds).tick_at(now_seconds) == timeline.tick_at(
        now_seconds
    )


def test_a_thousand_tempo_changes_in_one_place_do_not_drift() -> None:
    timeline = Timeline(120.0, tick_origin=10**12, time_origin_seconds=5.0)
    for change in range(1000):
        timeline = timeline.at_tempo(60.0 + change / 10, 5.0)
    assert timeline.tick_at(5.0) == 10**12


def test_at_120_bpm_a_beat_is_half_a_second() -> None:
    assert Timeline(120.0).time_at(PPQN) == 0.5
