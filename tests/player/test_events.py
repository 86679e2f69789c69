from types import MappingProxyType

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit
from polyrhythmia_live.player.events import CHOKE, STRIKE, step_events
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.meter import PPQN


def test_a_hit_becomes_a_strike_on_the_kits_channel_that_ends_after_the_gate() -> None:
    (event,) = step_events(Step(4, (Hit(0, 100, 10),)), GENERAL_MIDI, 120.0, 0)
    assert event.message == bytes((0x99, 36, 100))
    assert event.tick == PPQN + 10
    assert event.end_tick - event.tick == round(0.060 * 2 * PPQN)


def test_a_hit_with_a_length_ends_by_it_and_not_by_the_gate() -> None:
    (event,) = step_events(
        Step(4, (Hit(0, 100, 10, length_ticks=3 * PPQN),)), GENERAL_MIDI, 90.0, 0
    )
    assert (event.tick, event.end_tick) == (PPQN + 10, 4 * PPQN + 10)


def test_a_closed_hat_chokes_the_open_one_before_it_sounds() -> None:
    events = sorted(step_events(Step(0, (Hit(2, 80),)), GENERAL_MIDI, 120.0, 0))
    assert [event.purpose for event in events] == [CHOKE, CHOKE, STRIKE]
    assert bytes((0x89, 46, 0)) in [event.message for event in events]


def test_two_hits_on_one_note_play_the_louder() -> None:
    machine = Kit("one drum", 0, MappingProxyType({"low-tom": 41, "mid-tom": 41}))
    (event,) = step_events(Step(0, (Hit(4, 50), Hit(5, 90))), machine, 120.0, 0)
    assert event.message == bytes((0x90, 41, 90))


def test_a_lane_that_the_machine_has_not_is_silent() -> None:
    machine = Kit("one drum", 0, MappingProxyType({"low-tom": 41}))
    assert step_events(Step(0, (Hit(0, 100),)), machine, 120.0, 0) == []
