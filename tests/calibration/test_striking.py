import itertools

import pytest

from polyrhythmia_live.calibration import striking
from polyrhythmia_live.calibration.striking import PATIENCE_SECONDS, strike
from polyrhythmia_live.calibration.verdict import HITS
from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.midi.base import is_note_on
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.testing.future_wire import FutureWire
from polyrhythmia_live.wires.memory import MemoryWire

SNARE = GENERAL_MIDI.keys["snare"]


class Clock:
    """Time passes where one sleeps, and only there."""

    def __init__(self) -> None:
        self.now_seconds = 100.0

    def monotonic(self) -> float:
        return self.now_seconds

    def sleep(self, seconds: float) -> None:
        self.now_seconds += seconds


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> MemoryWire[float]:
    clock = Clock()
    monkeypatch.setattr(striking, "time", clock)
    return MemoryWire(clock.monotonic)


def test_hits_come_unevenly_and_leave_time_to_be_heard(wire: MemoryWire[float]) -> None:
    sent = strike(Route(wire, GENERAL_MIDI), SNARE)
    assert sent == [seconds for seconds, message in wire.messages if is_note_on(message)]
    assert len(sent) == HITS
    gaps = [after - before for before, after in itertools.pairwise(sent)]
    assert min(gaps) > PATIENCE_SECONDS + 0.1
    assert max(gaps) - min(gaps) > 0.03, "nothing regular can be taken for them"


def test_a_hit_is_handed_over_ahead_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(striking, "time", clock)
    wire = FutureWire(clock.monotonic, lookahead_seconds=0.03)
    due = strike(Route(wire, GENERAL_MIDI), SNARE)
    assert due == [seconds for seconds, message in wire.messages if is_note_on(message)]


def test_no_note_is_left_open_where_one_is_interrupted(wire: MemoryWire[float]) -> None:
    def interrupt(_hits: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        strike(Route(wire, GENERAL_MIDI), SNARE, interrupt)
    assert len(wire.messages) == 2
    assert wire.sounding() == frozenset()
