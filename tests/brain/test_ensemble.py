"""Voices of one brain: each plays its own lanes, and hears what the others play."""

from collections.abc import Sequence
from typing import Any

import pytest

from polyrhythmia_live.brain.ensemble import Ensemble
from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.engine import Engine, record
from polyrhythmia_live.messages import DRUMS, Committed, Fire, SetLevel
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.testing.drummers import ROCK, SEED, DiceDrummer
from polyrhythmia_live.testing.stage import ROCK_GROOVE

BELL, HATS = Part.parse("bell 7:4 ride"), Part.parse("hats 5/4 closed-hat open-hat")
METERS = MeterMap()


def ensemble(drummer: Drummer[Any] | None = None, controls: ControlState = ROCK) -> Ensemble:
    player = DiceDrummer() if drummer is None else drummer
    return Ensemble(
        player, METERS, SEED, lambda band: Horizon(player, METERS, controls, SEED, band=band)
    )


def on_stage(*parts: Part) -> Engine:
    engine = Engine(ensemble(), METERS, ROCK_GROOVE, parts=parts)
    engine.perform(Fire("start"))
    return engine


def lanes_of(committed: Sequence[Committed], voice: str) -> set[int]:
    return {hit.lane for it in committed if it.voice == voice for hit in it.step.hits}


def test_a_lane_has_one_owner() -> None:
    engine = on_stage(BELL, HATS)
    engine.play_until(64)
    assert lanes_of(engine.committed, "bell") == {LANE["ride"]}
    assert lanes_of(engine.committed, "hats") == {LANE["closed-hat"], LANE["open-hat"]}
    others = {LANE["ride"], LANE["closed-hat"], LANE["open-hat"]}
    assert lanes_of(engine.committed, DRUMS) == set(LANE.values()) - others


def test_a_lane_goes_over_with_the_bar_line_and_comes_back_with_another() -> None:
    engine = on_stage()
    engine.play_until(8)
    engine.perform(Fire("voice", word=str(BELL)))
    engine.play_until(40)
    engine.perform(Fire("voice", word="bell off"))
    engine.play_until(96)
    ride = LANE["ride"]
    struck = {
        it.step.index
        for it in engine.committed
        if it.voice == DRUMS and any(hit.lane == ride for hit in it.step.hits)
    }
    assert struck & set(range(16))
    assert not struck & set(range(16, 48))
    assert struck & set(range(48, 96))


def test_every_step_of_every_voice_is_planned() -> None:
    engine = on_stage(BELL, HATS)
    engine.play_until(160)
    for voice in engine.player.voices:
        assert voice.rung_steps[1:] == [0, 0, 0], voice.name


def test_alone_the_first_voice_plays_what_it_would_without_an_ensemble() -> None:
    alone = Engine(Horizon(DiceDrummer(), METERS, ROCK, SEED), METERS, ROCK_GROOVE)
    alone.perform(Fire("start"))
    among = on_stage()
    for engine in (alone, among):
        engine.play_until(32)
        engine.perform(SetLevel("density", 0.8))
        engine.play_until(64)
    assert among.wire.messages == alone.wire.messages


def test_a_level_is_everybodys() -> None:
    engine = on_stage(BELL)
    engine.play_until(16)
    engine.perform(SetLevel("density", 0.0))
    engine.play_until(24)
    before = len(engine.wire.messages)
    engine.play_until(64)
    assert [message for _, message in engine.wire.messages[before:] if message[0] == 0x99] == []


def test_the_same_seed_and_the_same_voices_give_the_same_notes() -> None:
    one, other = on_stage(BELL, HATS), on_stage(BELL, HATS)
    for engine in (one, other):
        engine.play_until(96)
    assert one.wire.messages == other.wire.messages


@pytest.fixture(scope="module")
def drummer() -> Drummer[Any]:
    return open_drummer(load_card("small"))


@pytest.mark.parametrize("genre", ["rock", "jazz", "samba"])
def test_no_voice_is_dead_and_none_is_stuck(drummer: Drummer[Any], genre: str) -> None:
    """Whatever its lanes are to the style: in rock nobody plays the ride beside the hats."""
    played = record(
        ensemble(drummer, ControlState(((genre, 1.0),))),
        METERS, ROCK_GROOVE, GENERAL_MIDI, 120.0, 12, parts=(BELL,),
    )  # fmt: skip
    bars = [played.steps[bar * 16 : bar * 16 + 16] for bar in range(2, 12)]
    bells = [
        tuple((step.index % 16, hit.microtiming_ticks // 200) for step in bar for hit in step.hits
              if hit.lane == LANE["ride"])
        for bar in bars
    ]  # fmt: skip
    assert all(2 <= len(bell) <= 28 for bell in bells[::2]), bells
    assert len(set(bells)) > 3
