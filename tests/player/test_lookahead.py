"""A wire that knows the future: what it is given, what is taken back, and what the ledger says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.messages import Fire, SetLevel
from polyrhythmia_live.midi.base import SONG_POSITION
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Hit, Hits
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.future_wire import FutureWire
from polyrhythmia_live.testing.stage import KICK, SNARE, ClockStage, Stage

LOOKAHEAD = 0.043
"""Two periods of 1,024 frames."""
STEP_SECONDS = 0.125
START, STOP = b"\xfa", b"\xfc"
COMMANDS = [Fire(name) for name in ("play/stop", "start", "stop", "continue", "panic", "half time")]

hits = st.builds(
    Hit,
    lane=st.sampled_from((0, 1, 2)),
    velocity=st.integers(1, 127),
    microtiming_ticks=st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS),
)
bars = st.lists(st.tuples(hits), min_size=16, max_size=16)
lookaheads = st.floats(0.0, 0.2)


def played(lookahead: float, bar: list[Hits], steps: int = 16, period: float = 0.0) -> Stage:
    """The same bar over and over, from the top."""
    stage = Stage(lookahead=lookahead, period=period)
    stage.plan({step: bar[step % len(bar)] for step in range(64)})
    stage.timebase.advance_to(1.0)
    stage.start()
    stage.run_until(1.0 + steps * STEP_SECONDS)
    return stage


@given(bars, lookaheads)
def test_a_lookahead_moves_no_message(bar: list[Hits], lookahead: float) -> None:
    prompt, ahead = played(0.0, bar), played(lookahead, bar)
    end = 1.0 + 12 * STEP_SECONDS
    begin = 1.0 + 2 * STEP_SECONDS  # before, a start without a lead is late
    assert heard(ahead.wires[0], begin, end) == heard(prompt.wires[0], begin, end)


@pytest.mark.parametrize("command", ["stop", "panic"])
def test_what_was_handed_over_and_has_not_sounded_is_taken_back(command: str) -> None:
    stage = played(LOOKAHEAD, [KICK], steps=8)
    now = stage.timebase.now()
    assert stage.notes_on()[-1][0] > now, "the next hit was handed over already"
    stage.tell(Fire(command))
    assert stage.notes_on()[-1][0] <= now
    assert not stage.hanging()


def test_after_a_panic_the_groove_goes_on() -> None:
    stage = played(LOOKAHEAD, [KICK], steps=8)
    stage.tell(Fire("panic"))
    now = stage.timebase.now()
    stage.run_until(now + 1.0)
    assert [on for on, _, _ in stage.notes_on()][-1] > now + 0.8


@given(bars, lookaheads, st.lists(st.tuples(st.sampled_from(COMMANDS), st.floats(0.001, 0.4))))
def test_whatever_happens_the_ledger_holds_every_note_that_sounds(
    bar: list[Hits], lookahead: float, story: list[tuple[Fire, float]]
) -> None:
    stage = played(lookahead, bar, steps=4)
    for command, seconds in story:
        stage.tell(command, SetLevel("tempo", 60.0 + 500 * seconds))
        until = stage.timebase.now() + seconds
        while (deadline := stage.player.next_deadline()) is not None and deadline <= until:
            stage.player.turn()
            assert sounding(stage.wires[0], stage.timebase.now()) <= in_book(stage.ledger)
        stage.timebase.advance_to(until)
        assert sounding(stage.wires[0], until) <= in_book(stage.ledger)
    stage.tell(Fire("stop"))
    assert not stage.hanging()
    assert not in_book(stage.ledger)


WIRES = [(0.0, 0.0), (0.0033, 0.0013), (0.0127, 0.0107), (0.043, 0.0), (0.043, 0.0213)]
"""(lookahead, period) in seconds."""


@given(
    bars,
    st.sampled_from(WIRES),
    st.lists(st.floats(0.001, 0.4), min_size=1, max_size=8),
    st.sampled_from(("kick", "snare", "closed-hat", "kick snare")),
)
def test_a_mute_is_heard_after_a_period_and_costs_no_other_hit(
    bar: list[Hits], wire: tuple[float, float], pauses: list[float], muted: str
) -> None:
    lookahead, period = wire
    plain, mixed = played(lookahead, bar, 4), played(lookahead, bar, 4, period)
    notes = {"kick": 36, "snare": 38, "closed-hat": 42}
    silenced = {notes[lane] for lane in muted.split()}
    silent: list[tuple[float, float]] = []
    for number, seconds in enumerate(pauses):
        advance(mixed, seconds)
        now = mixed.timebase.now()
        mixed.tell(Fire("mute", word=muted))
        if number % 2 == 0:
            silent.append((mixed.wires[0].firm_until(now), 99.0))
        else:
            silent[-1] = (silent[-1][0], now)
    advance(mixed, 0.5)
    advance(plain, mixed.timebase.now() - plain.timebase.now())
    end = mixed.timebase.now()
    expected = [it for it in plain.notes_on() if it[0] < end]
    heard = [it for it in mixed.notes_on() if it[0] < end]
    for at, note, _ in heard:
        assert note not in silenced or not any(begin < at < till for begin, till in silent)
    assert others(heard, silenced) == others(expected, silenced)
    assert set(heard) <= set(expected)
    assert len(heard) == len(set(heard))
    mixed.tell(Fire("stop"))
    assert not mixed.hanging()
    assert not in_book(mixed.ledger)


def others(notes_on: list[tuple[float, int, int]], silenced: set[int]) -> list[object]:
    return [it for it in notes_on if it[1] not in silenced]


def advance(stage: Stage, seconds: float) -> None:
    """Let time pass; at every moment the ledger holds what sounds."""
    until = stage.timebase.now() + seconds
    while (deadline := stage.player.next_deadline()) is not None and deadline <= until:
        stage.player.turn()
        assert sounding(stage.wires[0], stage.timebase.now()) <= in_book(stage.ledger)
    stage.timebase.advance_to(until)
    assert sounding(stage.wires[0], until) <= in_book(stage.ledger)


def test_a_kick_that_was_handed_over_and_has_not_sounded_is_muted() -> None:
    stage = played(LOOKAHEAD, [KICK], steps=8)
    beat = 1.0 + 9 * STEP_SECONDS
    stage.run_until(beat - 0.002)
    stage.timebase.advance_to(beat - 0.002)
    assert beat in [at for at, _, _ in stage.notes_on()], "it was handed over already"
    stage.tell(Fire("mute", word="kick"))
    advance(stage, 0.5)
    assert stage.notes_on()[-1][0] == beat - STEP_SECONDS
    assert not stage.hanging()
    assert not in_book(stage.ledger)


def test_a_note_whose_end_is_past_is_in_the_ledger_no_more() -> None:
    stage = played(LOOKAHEAD, [KICK, (), (), SNARE], steps=1)
    kick = (9, 36)
    stage.run_until(1.0 + 0.05)
    assert kick in in_book(stage.ledger), "its end was handed over, and is not due"
    stage.run_until(1.0 + 2.5 * STEP_SECONDS)
    assert kick not in in_book(stage.ledger)


@given(bars)
def test_a_note_is_over_for_a_millisecond_before_it_is_struck_again(bar: list[Hits]) -> None:
    stage = played(LOOKAHEAD, bar)
    for note in (36, 38, 42):
        of_note = [(at, on) for at, on, which in notes(stage.wires[0]) if which == note]
        for (earlier, began), (later, struck) in pairwise(of_note):
            if struck and not began:
                assert later - earlier > 0.00099 or nearer_than_a_gap(of_note, later)


def nearer_than_a_gap(of_note: list[tuple[float, bool]], struck: float) -> bool:
    """Whether two hits on one note are themselves so near that there is no room."""
    return any(on and 0 < struck - at < 0.0011 for at, on in of_note)


@given(lookaheads)
def test_the_pulses_lie_where_they_would_and_start_comes_before_its_own(lookahead: float) -> None:
    prompt, ahead = (ClockStage(lookahead=seconds) for seconds in (0.0, lookahead))
    for stage in (prompt, ahead):
        stage.run_until(0.5)
        stage.start()
        stage.run_until(2.5)
    pulses = [at for at in ahead.pulses() if 0.2 < at < 2.5]
    spaces = [later - earlier for earlier, later in pairwise(pulses)]
    assert spaces == pytest.approx([0.5 / 24] * len(spaces))
    start = ahead.when(START)[0]
    first = min(at for at in ahead.pulses() if at > start)
    assert 0.0009 < first - start < 0.003


def test_a_stop_comes_after_the_pulses_that_were_handed_over() -> None:
    stage = ClockStage(nonstop=False, lookahead=LOOKAHEAD)
    stage.start()
    stage.run_until(2.0)
    stage.tell(Fire("stop"))
    (stopped,) = stage.when(STOP)
    assert stage.pulses()[-1] <= stopped <= stage.timebase.now() + LOOKAHEAD
    assert stage.heard()[-1][1][0] == SONG_POSITION


def test_a_song_that_is_under_way_is_joined_with_a_lookahead() -> None:
    stage = ClockStage(lookahead=LOOKAHEAD, under_way=Timeline(120.0, 0, -10.0))
    stage.run_until(3.0)
    assert stage.player.clock.transport is Transport.ROLLING
    pulses = stage.pulses()
    assert [later - earlier for earlier, later in pairwise(pulses)][5:] == pytest.approx(
        [0.5 / 24] * (len(pulses) - 6)
    )


def heard(wire: FutureWire, begin: float, end: float) -> list[tuple[float, bytes]]:
    return [(round(at, 9), message) for at, message in sorted(wire.messages) if begin <= at < end]


def notes(wire: FutureWire) -> list[tuple[float, bool, int]]:
    """(seconds, whether it begins, note) in the order in which a listener gets them."""
    return [(at, message[0] & 0xF0 == 0x90, message[1]) for at, message in wire.messages]


def sounding(wire: FutureWire, now: float) -> set[tuple[int, int]]:
    """The (channel, note) that a listener has heard begin and not end."""
    begun: set[tuple[int, int]] = set()
    for seconds, message in wire.messages:
        if seconds <= now and message[0] < 0xB0:
            note = (message[0] & 0x0F, message[1])
            (begun.add if message[0] & 0xF0 == 0x90 else begun.discard)(note)
    return begun


def in_book(ledger: Ledger) -> set[tuple[int, int]]:
    return set(ledger.open_notes(0))
