from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.drummer.lstm.encoding import LANES
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.primers import (
    METER,
    PHRASE_STEPS,
    PHRASES_PER_GENRE,
    Run,
    select_primers,
    typical_phrases,
)

KICK, SNARE, HAT, TOM, CRASH, RIDE = 0, 1, 2, 6, 7, 8
BAR = METER.bar_steps

BACKBEAT = {KICK: (0, 8), SNARE: (4, 12), HAT: range(0, 16, 2)}
SWING = {RIDE: (0, 4, 6, 8, 12, 14), HAT: (4, 12), SNARE: (7,)}
SNARE_ALONE = {SNARE: range(0, 16)}

Rows = Mapping[int, Sequence[int]]


def bars(rows: Rows, count: int) -> list[Hits]:
    bar = [
        tuple(Hit(lane, 90, 10) for lane in sorted(rows) if step in rows[lane])
        for step in range(BAR)
    ]
    return bar * count


def run(rows: Rows, count: int = 8, source: str = "toy, seed 1") -> Run:
    return Run(source, bars(rows, count))


PICKUP = {TOM: (15,)}
"""What people add to a bar, so that a run that plays the rest does not quote them."""


def recorded(genre: str, rows: Rows, meter: Meter = METER, also: Rows = PICKUP) -> Performance:
    steps = bars({**rows, **also}, 4)
    velocities = np.zeros((len(steps), LANES), np.int16)
    for step, hits in enumerate(steps):
        velocities[step, [hit.lane for hit in hits]] = 90
    nothing = np.zeros_like(velocities)
    whole = np.zeros(len(steps), np.bool_)
    return Performance(
        "a.mid", "train", genre, genre, 120.0, meter, whole, velocities, nothing, nothing
    )


def density(rows: Rows) -> float:
    return sum(len(steps) for steps in rows.values()) / BAR


def test_a_phrase_is_kept_as_the_card_has_it() -> None:
    chosen = select_primers({"rock": [run(BACKBEAT)]}, {"rock": density(BACKBEAT)})
    (phrase,) = chosen["rock"]
    assert phrase["source"] == "toy, seed 1"
    assert (phrase["bar"] - 1) % 2 == 0
    assert phrase["hits"][:3] == [[0, KICK, 90, 10, 0], [0, HAT, 90, 10, 0], [2, HAT, 90, 10, 0]]
    assert len(phrase["hits"]) == density(BACKBEAT) * PHRASE_STEPS


def test_the_phrase_that_plays_like_the_genres_drummers_comes_first() -> None:
    runs = {"rock": [run(SWING, source="swing"), run(BACKBEAT, source="backbeat")]}
    for rows, first in ((SWING, "swing"), (BACKBEAT, "backbeat")):
        train = [recorded("rock", rows)]
        chosen = select_primers(runs, {"rock": density(BACKBEAT)}, train)
        assert chosen["rock"][0]["source"] == first


def test_hits_that_set_a_genre_apart_count_more_than_hits_it_shares() -> None:
    shared: dict[int, Sequence[int]] = {KICK: (0, 8), SNARE: (4, 12)}
    everyones = shared | {HAT: (0, 4, 8, 12)}
    own = shared | {RIDE: (0, 4, 8, 12)}
    runs = {
        "rock": [run(everyones)],
        "jazz": [run(everyones, source="rock again"), run(own | {SNARE: (4,), KICK: (0,)})],
    }
    train = [recorded("jazz", own), recorded("rock", everyones)]
    chosen = select_primers(runs, {"rock": 0.5, "jazz": 0.5}, train)
    assert [phrase["source"] for phrase in chosen["jazz"]] == ["toy, seed 1", "rock again"]


def test_without_recordings_a_genre_is_what_its_runs_are_on_average() -> None:
    odd = run(SWING, source="odd")
    runs = [odd, *(run(BACKBEAT, source=f"{number}") for number in range(3))]
    chosen = select_primers({"rock": runs}, {"rock": density(BACKBEAT)})
    assert chosen["rock"][0]["source"] != "odd"


def test_recordings_in_other_meters_say_nothing() -> None:
    runs = {"rock": [run(BACKBEAT), run(SWING)]}
    waltz = [recorded("rock", SWING, Meter(3, 4))]
    rates = {"rock": 0.7}
    assert select_primers(runs, rates, waltz) == select_primers(runs, rates)


def test_where_drummers_differ_the_phrases_together_show_both_ways() -> None:
    played = [run(BACKBEAT, source=f"{number}") for number in range(5)] + [run(SWING)]
    train = [recorded("jazz", BACKBEAT), recorded("jazz", SWING)]
    chosen = select_primers({"jazz": played}, {"jazz": density(BACKBEAT)}, train)
    assert "toy, seed 1" in [phrase["source"] for phrase in chosen["jazz"][:2]]


def test_a_phrase_as_dense_as_its_genre_is_preferred() -> None:
    sixteenths: Rows = {**BACKBEAT, HAT: range(0, 16)}
    runs = {"rock": [run(BACKBEAT, source="eighths"), run(sixteenths, source="sixteenths")]}
    for rows, first in ((BACKBEAT, "eighths"), (sixteenths, "sixteenths")):
        chosen = select_primers(runs, {"rock": density(rows)})
        assert chosen["rock"][0]["source"] == first


def test_recordings_say_what_sets_a_genre_apart_even_if_it_alone_is_played() -> None:
    shared: dict[int, Sequence[int]] = {KICK: (0, 8), SNARE: (4, 12)}
    everyones = shared | {HAT: (0, 4, 8, 12)}
    own = shared | {RIDE: (0, 4, 8, 12)}
    train = [recorded("jazz", own), recorded("jazz", everyones)]
    train += [recorded("rock", everyones)] * 3
    runs = {"jazz": [run(everyones, source="rock again"), run(own)]}
    chosen = select_primers(runs, {"jazz": 0.5}, train)
    assert [phrase["source"] for phrase in chosen["jazz"]] == ["toy, seed 1", "rock again"]


def test_nobodys_own_bar_is_handed_on() -> None:
    runs = {"rock": [run(BACKBEAT, source="quoted"), run(SWING)]}
    train = [recorded("rock", BACKBEAT, also={})]
    chosen = select_primers(runs, {"rock": density(BACKBEAT)}, train)
    assert [phrase["source"] for phrase in chosen["rock"]] == ["toy, seed 1"]


def test_a_rock_phrase_without_its_backbeat_comes_last() -> None:
    without = {KICK: (0, 8), HAT: range(0, 16, 2), SNARE: (0, 8)}
    runs = {"rock": [run(without, source="no backbeat"), run(BACKBEAT)]}
    chosen = select_primers(runs, {"rock": density(BACKBEAT)}, [recorded("rock", BACKBEAT)])
    assert [phrase["source"] for phrase in chosen["rock"]] == ["toy, seed 1", "no backbeat"]


def test_what_people_play_most_is_heard_before_the_runs() -> None:
    train = [recorded("jazz", SWING, also={}), recorded("rock", BACKBEAT, also={})]
    heard = typical_phrases(train, {"jazz": density(SWING), "samba": 1.0}, lean_ms=0.0)
    assert list(heard) == ["jazz"]
    (phrase,) = heard["jazz"]
    assert [tuple(hit.lane for hit in hits) for hits in phrase[:5]] == [
        (RIDE,), (), (), (), (HAT, RIDE)
    ]  # fmt: skip


def test_a_snare_alone_is_no_groove() -> None:
    assert select_primers({"rock": [run(SNARE_ALONE)]}, {"rock": 1.0}) == {"rock": []}


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_shorter_than_a_phrase_gives_none(count: int) -> None:
    assert select_primers({"rock": [run(BACKBEAT, count)]}, {"rock": 1.0}) == {"rock": []}


def test_a_silent_run_gives_no_phrase() -> None:
    assert select_primers({"rock": [run({})]}, {"rock": 1.0}) == {"rock": []}


hit_rows = st.dictionaries(
    st.integers(0, LANES - 1), st.sets(st.integers(0, BAR - 1)).map(sorted), max_size=LANES
)


@given(st.lists(st.tuples(hit_rows, st.integers(0, 5)), max_size=9), st.floats(0.2, 2.0))
@settings(max_examples=50, deadline=None)
def test_phrases_are_quotations_of_the_runs_and_one_of_each_at_most(
    played: list[tuple[Rows, int]], rate: float
) -> None:
    runs = [run(rows, count, f"{number}") for number, (rows, count) in enumerate(played)]
    chosen = select_primers({"rock": runs}, {"rock": rate})["rock"]
    assert len(chosen) <= PHRASES_PER_GENRE
    sources = [phrase["source"] for phrase in chosen]
    assert len(set(sources)) == len(sources)
    for phrase in chosen:
        first = (phrase["bar"] - 1) * BAR
        steps = runs[int(phrase["source"])].steps[first : first + PHRASE_STEPS]
        quoted = [[step, hit.lane, 90, 10, 0] for step, hits in enumerate(steps) for hit in hits]
        assert phrase["hits"] == quoted
        assert len({hit[1] for hit in phrase["hits"]}) >= 3
