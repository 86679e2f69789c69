"""Odd bars and silences cost themselves only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.drum_track import Note
from polyrhythmia_live.training.data.midi_file import Unusable
from polyrhythmia_live.training.data.parts import MAX_EMPTY_BARS, Part, parts_of

Signatures = list[tuple[int, tuple[int, int]]]
BAR = 4 * PPQN


def quarters(beats: int, first: int = 0) -> list[Note]:
    return [Note(first + PPQN * beat, 36, 90) for beat in range(beats)]


def cut(
    notes: list[Note], signatures: Signatures, meter: Meter | None = None
) -> tuple[tuple[Part, ...], list[str]]:
    told: list[str] = []
    return parts_of(notes, signatures, meter, told), told


def shapes(parts: tuple[Part, ...]) -> list[tuple[str, int, int]]:
    return [(str(part.meter), part.bars, len(part.notes)) for part in parts]


def test_a_track_in_one_meter_is_one_part() -> None:
    parts, told = cut(quarters(16), [(0, (4, 4))])
    assert (shapes(parts), told) == ([("4/4", 4, 16)], [])


def test_a_bar_of_two_four_costs_itself_only() -> None:
    signatures = [(0, (4, 4)), (4 * BAR, (2, 4)), (4 * BAR + 2 * PPQN, (4, 4))]
    parts, told = cut(quarters(16 + 2 + 16), signatures)
    assert shapes(parts) == [("4/4", 4, 16), ("4/4", 4, 16)]
    assert parts[1].notes[0].tick == 0
    assert told == ["2 notes in 1 odd bar (2/4) passed over", "cut into 2 parts"]


def test_a_pickup_costs_itself_only() -> None:
    parts, told = cut(quarters(1 + 16), [(0, (1, 4)), (PPQN, (4, 4))])
    assert shapes(parts) == [("4/4", 4, 16)]
    assert told == ["1 note in 1 odd bar (1/4) passed over"]


def test_both_halves_are_kept_where_the_meter_changes() -> None:
    parts, _ = cut(quarters(8 + 9), [(0, (4, 4)), (2 * BAR, (3, 4))])
    assert shapes(parts) == [("4/4", 2, 8), ("3/4", 3, 9)]


def test_a_meter_that_no_grid_holds_costs_its_bars_only() -> None:
    parts, told = cut(quarters(8 + 2), [(0, (4, 4)), (2 * BAR, (5, 32))])
    assert (shapes(parts), told) == ([("4/4", 2, 8)], ["time signature 5/32"])
    with pytest.raises(Unusable, match="time signature 5/32"):
        cut(quarters(8), [(0, (5, 32))])


def test_a_hit_just_before_a_change_belongs_to_it() -> None:
    early = Note(2 * BAR - TICKS_PER_STEP // 4, 36, 90)
    notes = [*quarters(8), early, *quarters(6, 2 * BAR + PPQN)]
    parts, _ = cut(notes, [(0, (4, 4)), (2 * BAR, (3, 4))])
    assert shapes(parts) == [("4/4", 2, 8), ("3/4", 3, 7)]
    assert parts[1].notes[0].tick == -TICKS_PER_STEP // 4


def test_what_people_say_of_the_meter_counts_more() -> None:
    parts, _ = cut(quarters(16), [(0, (4, 4)), (BAR, (3, 4))], Meter(2, 4))
    assert shapes(parts) == [("2/4", 8, 16)]


def test_a_long_silence_is_cut_and_a_break_is_not() -> None:
    before, after = quarters(8), quarters(8, 1000 * BAR)
    parts, told = cut([*before, *after], [])
    assert shapes(parts) == [("4/4", 2, 8), ("4/4", 2, 8)]
    assert told == ["998 empty bars cut", "cut into 2 parts"]
    rest = quarters(8, (2 + MAX_EMPTY_BARS) * BAR)
    assert shapes(cut([*before, *rest], [])[0]) == [("4/4", 4 + MAX_EMPTY_BARS, 16)]


def test_a_silence_before_the_first_hit_is_cut() -> None:
    parts, told = cut(quarters(8, 3600 * BAR), [])
    assert (shapes(parts), told) == ([("4/4", 2, 8)], ["3600 empty bars cut"])


def test_a_stray_hit_hours_later_is_passed_over() -> None:
    parts, told = cut([*quarters(8), Note(9000 * BAR, 36, 90)], [])
    assert shapes(parts) == [("4/4", 2, 8)]
    assert told == ["1 note in 1 odd bar (4/4) passed over", "8998 empty bars cut"]


places = st.lists(st.integers(0, 60 * BAR), min_size=1, max_size=40).map(sorted)
meters = st.tuples(st.integers(1, 16), st.sampled_from((4, 8, 16)))
changes = st.lists(st.tuples(st.integers(0, 40 * BAR), meters), max_size=6).map(
    lambda said: sorted(dict(said).items())
)


@given(places, changes)
def test_every_hit_is_in_a_part_or_told(places: list[int], signatures: Signatures) -> None:
    notes = [Note(tick, 36, 90) for tick in places]
    parts, told = cut(notes, signatures)
    kept = sum(len(part.notes) for part in parts)
    assert kept == len(notes) or any("passed over" in said for said in told)
    for part in parts:
        assert set(part.ticks) <= set(places)
        for note in part.notes:
            step = (note.tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP
            assert 0 <= step < part.bars * part.meter.bar_steps
