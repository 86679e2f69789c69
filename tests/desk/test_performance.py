"""What sounded, as one song: stops are not waited for, and bar lines stay bar lines."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.config import Head
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.desk.performance import Performance, Take, take_of
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.engine import Engine, repeat
from polyrhythmia_live.messages import Choose, Committed, Fire, Moved, SetLevel
from polyrhythmia_live.midi.base import is_note_on
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import STRAIGHT, Swing
from polyrhythmia_live.testing.drummers import ROCK, SEED, DiceDrummer
from polyrhythmia_live.testing.stage import ROCK_GROOVE
from tests.desk.again import Act, acts_in, performed
from tests.desk.doubles import HEAD, STOPPED, head_in, moved, read_back, sounded

SEVEN = Meter(7, 8)


def take(*events: Moved | Committed, meters: MeterMap | None = None) -> Take:
    head = HEAD if meters is None else head_in(meters)
    return take_of(Performance(head, events, 0))


def played(first: int, end: int, bpm: float = 120.0) -> list[Committed]:
    return [sounded(index, bpm) for index in range(first, end)]


def velocities(found: Take) -> dict[int, int]:
    """Where each kick is, and which step it was."""
    return {step.index: step.hits[0].velocity - 1 for step in found.steps if step.hits}


def test_a_song_without_a_stop_is_as_it_was() -> None:
    found = take(moved(0), *played(0, 40))
    assert velocities(found) == {index: index for index in range(0, 40, 2)}
    assert (found.bars, found.whole_bars) == (3, 2)
    assert found.tempos == ((0, 120.0),)


def test_after_a_stop_the_next_start_is_on_the_next_bar_line() -> None:
    found = take(moved(0), *played(0, 20), moved(20, STOPPED), moved(0, epoch=3), *played(0, 4))
    places = velocities(found)
    assert [places[index] for index in (0, 18, 32, 34)] == [0, 18, 0, 2]
    assert len(found.steps) == 36


def test_a_song_that_goes_on_where_it_stopped_goes_on_there() -> None:
    found = take(moved(0), *played(0, 20), moved(20, STOPPED), moved(20, epoch=3), *played(20, 24))
    assert velocities(found) == {index: index for index in range(0, 24, 2)}


def test_what_a_stop_took_back_did_not_sound() -> None:
    found = take(moved(0), *played(0, 21), moved(18, STOPPED))
    assert max(velocities(found)) == 16


def test_a_song_that_was_joined_in_its_middle_begins_as_far_into_its_bar() -> None:
    found = take(moved(164), *played(164, 180))
    assert min(velocities(found)) == 4
    assert found.bars == 2


def test_where_a_player_was_lost_the_steps_that_nobody_played_are_rests() -> None:
    found = take(moved(0), *played(0, 20), moved(32, epoch=0), *played(32, 48))
    assert set(velocities(found)) == {*range(0, 20, 2), *range(32, 48, 2)}


def test_a_jump_is_no_gap() -> None:
    found = take(moved(0), *played(0, 16), moved(1600, epoch=2), *played(1600, 1616))
    assert len(found.steps) == 32


def test_bars_keep_their_meters() -> None:
    meters = MeterMap(((0, Meter()), (1, SEVEN)))
    found = take(
        moved(0), *played(0, 30), moved(30, STOPPED), moved(16, epoch=3), *played(16, 44),
        meters=meters,
    )  # fmt: skip
    assert found.meters.changes == ((0, Meter()), (1, SEVEN))
    assert found.bars == 4
    assert velocities(found)[30] == 16


def test_tempos_stand_where_they_changed() -> None:
    found = take(moved(0), *played(0, 8), *played(8, 12, 90.0), *played(12, 40, 100.0))
    assert found.tempos == ((0, 120.0), (8, 90.0), (12, 100.0))
    assert found.excerpt(1, 2).tempos == ((0, 100.0),)
    assert found.excerpt(0, 1).tempos == found.tempos


@given(st.integers(1, 70), st.integers(0, 4), st.integers(1, 5))
def test_an_excerpt_is_so_many_bars_and_begins_on_the_first(
    steps: int, first: int, bars: int
) -> None:
    whole = take(moved(0), *played(0, steps))
    part = whole.excerpt(first, first + bars)
    assert [step.index for step in part.steps] == list(range(len(part.steps)))
    there = [step.hits for step in whole.steps[16 * first : 16 * (first + bars)]]
    assert [step.hits for step in part.steps] == there


def test_a_repeat_sends_what_was_sent() -> None:
    engine = Engine(Horizon(DiceDrummer(), MeterMap(), ROCK, SEED), MeterMap(), ROCK_GROOVE)
    engine.perform(Fire("start"))
    engine.play_until(20)
    engine.perform(SetLevel("tempo", 150.0))
    engine.play_until(64)
    found = take(*engine.committed)
    messages = repeat(found.steps, found.meters, found.tempos, GENERAL_MIDI)
    strikes = [(tick, message) for tick, message in messages if is_note_on(message)]
    sent = [(tick, message) for tick, message in engine.wire.messages if is_note_on(message)]
    assert sorted(strikes)[: len(sent)] == sorted(sent)
    assert found.tempos == ((0, 120.0), (20, 150.0))


@pytest.mark.parametrize("meter", ["4/4", "7/8=2+2+3"])
def test_a_song_that_swung_is_sent_as_it_swung(meter: str, tmp_path: Path) -> None:
    meters = MeterMap.of(Meter.parse(meter))
    engine = Engine(Horizon(DiceDrummer(), meters, ROCK, SEED), meters, None)
    acts: list[Act] = [
        (5, SetLevel("swing", 0.62)),
        (22, SetLevel("swing8", 0.7)),
        (37, SetLevel("swing", 0.5)),
    ]
    events = performed(engine, acts, 64)
    found = take_of(read_back(tmp_path / "log.jsonl", events, head_in(meters)))
    swings = [step.swing for step in found.steps]
    assert swings[4:6] == [STRAIGHT, Swing(0.62)]
    assert swings[-1] == Swing(0.5, 0.7)
    messages = repeat(found.steps, found.meters, found.tempos, GENERAL_MIDI)
    strikes = [(tick, message) for tick, message in messages if is_note_on(message)]
    sent = [(tick, message) for tick, message in engine.wire.messages if is_note_on(message)]
    assert strikes[: len(sent)] == sent


def test_the_same_seed_commands_and_network_give_the_notes_that_were_logged(
    tmp_path: Path,
) -> None:
    card = load_card("medium")
    drummer = open_drummer(card)
    controls = ControlState((("rock", 1.0),), density=0.6)
    head = replace(HEAD, digest=card.digest, seed=SEED, controls=controls)
    acts: list[Act] = [
        (9, SetLevel("density", 0.9, 1.0)),
        (20, Fire("fill", 2.0)),
        (37, Choose("genre", card.genres.index("funk"), 3.0)),
        (50, SetLevel("tempo", 140.0, 4.0)),
        (58, Fire("remember", 5.0, word="verse")),
        (61, Fire("veto", 6.0)),
        (66, Fire("again", 7.0)),
        (71, Fire("undo", 8.0)),
        (85, Fire("recall", 9.0, word="verse now")),
    ]

    def engine_of(head: Head) -> Engine:
        horizon = Horizon(drummer, head.meters, head.controls, head.seed)
        return Engine(horizon, head.meters, None, head.kit, head.tempo_bpm)

    log = read_back(tmp_path / "log.jsonl", performed(engine_of(head), acts, 96), head)
    assert acts_in(log) == acts
    assert [it.obeyed_at for it in log.applied] == [None, 9, 20, 37, None, 58, 61, 66, 71, 85]
    again = engine_of(log.head)
    performed(again, acts_in(log), 96)
    assert [it.step for it in again.committed] == [it.step for it in log.sounded]
    assert len({it.step.hits for it in log.sounded}) > 48
    other = engine_of(log.head)
    performed(other, acts_in(log)[1:], 96)
    assert [it.step for it in other.committed] != [it.step for it in log.sounded]


def test_a_step_that_was_mixed_anew_is_there_once_as_it_sounded_last() -> None:
    silent = replace(sounded(6, 120.0), step=Step(6))
    found = take(moved(0), *played(0, 8), silent, *played(8, 12))
    assert velocities(found) == {index: index for index in range(0, 12, 2) if index != 6}
    assert len(found.steps) == 12
