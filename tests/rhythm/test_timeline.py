from fractions import Fraction

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


def place(timeline: Timeline, seconds: float) -> Fraction:
    """Where the song is at a moment, in ticks and parts of them."""
    elapsed = Fraction(seconds) - Fraction(timeline.time_origin_seconds)
    return timeline.tick_origin + elapsed * Fraction(timeline.tempo_bpm) * PPQN / 60


@given(tempos, tempos, moments)
def test_a_tempo_change_does_not_move_the_song(
    before_bpm: float, after_bpm: float, now_seconds: float
) -> None:
    before = Timeline(before_bpm)
    after = before.at_tempo(after_bpm, now_seconds)
    assert after.tempo_bpm == after_bpm
    assert abs(place(after, now_seconds) - place(before, now_seconds)) < 1e-4


@given(st.lists(st.tuples(tempos, st.floats(0.0, 0.02)), max_size=300), st.floats(0, 10**5))
def test_dense_tempo_changes_do_not_make_the_song_creep(
    changes: list[tuple[float, float]], start_seconds: float
) -> None:
    timeline = Timeline(120.0, time_origin_seconds=start_seconds)
    now, travelled = start_seconds, Fraction(0)
    for tempo_bpm, seconds in changes:
        later = now + seconds
        travelled += (Fraction(later) - Fraction(now)) * Fraction(timeline.tempo_bpm) * PPQN / 60
        now = later
        timeline = timeline.at_tempo(tempo_bpm, now)
    assert abs(place(timeline, now) - travelled) < 0.01


@given(tempos, st.lists(st.tuples(tempos, st.integers(0, 10**5)), max_size=50), moments)
def test_a_tempo_that_changes_on_a_tick_leaves_that_tick_where_it_was(
    tempo_bpm: float, changes: list[tuple[float, int]], origin_seconds: float
) -> None:
    timeline, tick = Timeline(tempo_bpm, 0, origin_seconds), 0
    for after_bpm, ticks in changes:
        tick += ticks
        after = timeline.from_tick(tick, after_bpm)
        assert after.tick_origin == tick
        assert after.time_at(tick) == timeline.time_at(tick)
        timeline = after


def test_a_thousand_tempo_changes_in_one_place_do_not_drift() -> None:
    timeline = Timeline(120.0, tick_origin=10**12, time_origin_seconds=5.0)
    for change in range(1000):
        timeline = timeline.at_tempo(60.0 + change / 10, 5.0)
    assert timeline.tick_at(5.0) == 10**12


def test_at_120_bpm_a_beat_is_half_a_second() -> None:
    assert Timeline(120.0).time_at(PPQN) == 0.5
