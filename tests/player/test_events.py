import math
from dataclasses import replace

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Key, Kit, on_channel
from polyrhythmia_live.player.events import CHOKE, STRIKE, Event, step_events
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import PPQN


def strikes(events: list[Event]) -> list[Event]:
    return [event for event in events if event.purpose == STRIKE]


def test_a_hit_becomes_a_strike_on_the_kits_channel_that_ends_after_the_gate() -> None:
    (event,) = strikes(step_events(Step(4, (Hit(0, 100, 10),)), GENERAL_MIDI, 120.0, 0))
    assert event.message == bytes((0x99, 36, 100))
    assert event.tick == PPQN + 10
    assert event.end_tick - event.tick == round(0.060 * 2 * PPQN)


def test_a_hit_with_a_length_ends_by_it_and_not_by_the_gate() -> None:
    long_hit = Hit(0, 100, 10, length_ticks=3 * PPQN)
    (event,) = strikes(step_events(Step(4, (long_hit,)), GENERAL_MIDI, 90.0, 0))
    assert (event.tick, event.end_tick) == (PPQN + 10, 4 * PPQN + 10)


def test_a_closed_hat_chokes_the_open_one_before_it_sounds() -> None:
    events = sorted(step_events(Step(0, (Hit(2, 80),)), GENERAL_MIDI, 120.0, 0))
    assert [event.purpose for event in events] == [CHOKE, CHOKE, CHOKE, STRIKE]
    assert bytes((0x89, 46, 0)) in [event.message for event in events]


def test_a_note_that_is_struck_again_has_been_over_for_the_kits_gap() -> None:
    off = bytes((0x89, 36, 0))
    for kit, gap_seconds in ((GENERAL_MIDI, 0.001), (replace(GENERAL_MIDI, gap_ms=5.0), 0.005)):
        end, strike = sorted(step_events(Step(4, (Hit(0, 100),)), kit, 120.0, 0))
        assert (end.purpose, end.message, strike.purpose) == (CHOKE, off, STRIKE)
        assert strike.tick - end.tick == math.ceil(gap_seconds * 2 * PPQN)


def test_two_hits_on_one_note_play_the_louder() -> None:
    machine = Kit("one drum", on_channel(0, {"low-tom": 41, "mid-tom": 41}))
    (event,) = strikes(step_events(Step(0, (Hit(4, 50), Hit(5, 90))), machine, 120.0, 0))
    assert event.message == bytes((0x90, 41, 90))


def test_a_lane_that_the_machine_has_not_is_silent() -> None:
    machine = Kit("one drum", on_channel(0, {"low-tom": 41}))
    assert step_events(Step(0, (Hit(0, 100),)), machine, 120.0, 0) == []


def test_a_machine_with_a_channel_for_each_sound_is_struck_and_ended_there() -> None:
    machine = Kit("split", {"kick": Key(0, 60), "snare": Key(1, 60)})
    events = sorted(step_events(Step(0, (Hit(0, 90), Hit(1, 80))), machine, 120.0, 0))
    assert [event.message for event in strikes(events)] == [b"\x90\x3c\x5a", b"\x91\x3c\x50"]
    assert [event.message for event in events if event.purpose == CHOKE] == [
        bytes((0x80, 60, 0)),
        bytes((0x81, 60, 0)),
    ]
