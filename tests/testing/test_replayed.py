"""The judge of what was heard: it forgives a receiver's clock, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.testing.replayed import Strike, compare, hanging_seconds

STRIKES = st.lists(
    st.builds(
        Strike,
        seconds=st.integers(0, 200).map(lambda step: step / 20),
        note=st.sampled_from((36, 38, 42)),
        velocity=st.integers(1, 127),
    ),
    # A drummer's velocities differ; two alike in a row of four may be matched in more than one way.
    unique_by=(lambda it: (it.seconds, it.note), lambda it: (it.note, it.velocity)),
    max_size=40,
).map(sorted)
LATE_SECONDS = 100.0


def heard(strikes: list[Strike], jitters: list[float]) -> list[Strike]:
    late = [it._replace(seconds=it.seconds + LATE_SECONDS + jitter)
            for it, jitter in zip(strikes, jitters, strict=True)]  # fmt: skip
    return sorted(late)


@given(STRIKES, st.data())
def test_what_a_slow_receiver_heard_is_what_was_written(
    strikes: list[Strike], data: st.DataObject
) -> None:
    jitters = data.draw(st.lists(st.floats(0, 0.02), min_size=len(strikes), max_size=len(strikes)))
    comparison = compare(strikes, heard(strikes, jitters))
    assert len(comparison.matched) == len(strikes)
    assert comparison.unheard == comparison.unwritten == ()
    assert all(abs(it) <= 0.021 for it in comparison.jitter_seconds(lambda _: True))


@given(STRIKES.filter(bool), st.data())
def test_a_strike_that_one_of_them_has_not_is_told_of(
    strikes: list[Strike], data: st.DataObject
) -> None:
    lost = data.draw(st.sampled_from(strikes))
    others = [it for it in strikes if it != lost]
    assert len(compare(strikes, heard(others, [0.0] * len(others))).unheard) == 1
    assert len(compare(others, heard(strikes, [0.0] * len(strikes))).unwritten) == 1


def test_a_pause_is_measured_from_the_last_strike_before_it() -> None:
    written = [Strike(step / 10, 36, 1 + step) for step in range(20)]
    late = [it._replace(seconds=it.seconds + (0.3 if it.seconds > 0.95 else 0.0)) for it in written]
    assert compare(written, late).late_seconds(0.95, 1.0) is not None
    assert round(compare(written, late).late_seconds(0.95, 1.0) or 0.0, 6) == 0.3
    assert compare(written, late).late_seconds(50.0, 1.0) is None


def test_a_note_that_never_ends_is_the_longest() -> None:
    messages = [(1.0, note_on(9, 36, 90)), (1.1, note_off(9, 36)), (1.2, note_on(9, 38, 90))]
    assert round(hanging_seconds(messages[:2], 5.0), 6) == 0.1
    assert round(hanging_seconds(messages, 5.0), 6) == 3.8
