"""A DAW that loops and jumps while it plays: the song is there too, from the next pulse on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.messages import Fire
from polyrhythmia_live.player.conductor import AT_ONCE
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Hit, Hits
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.testing.stage import Stage

PULSE_SECONDS = 60.0 / (120 * 24)
KICK, SNARE = 36, 38
SONG_STEPS = 96
"""Six bars, all within reach of a plan."""

LOOKAHEADS = (0.0, 0.0033, 0.0127, 0.043)
"""Of wires: none, and JACK's at 64, 512 and, with two periods, 1,024 frames."""

WAYS: dict[str, tuple[bytes, bytes]] = {
    "song position": (b"", b""),
    "song position, continue": (b"", b"\xfb"),
    "stop, song position, continue": (b"\xfc", b"\xfb"),
}
"""What a DAW sends before the song position, and after it."""


def song_position(step: int) -> bytes:
    return bytes((0xF2, step & 0x7F, step >> 7))


def on_the_grid(step: int) -> Hits:
    return (Hit(0, 1 + step),)


def around_the_grid(early_ticks: int) -> Callable[[int], Hits]:
    """A late kick and an early snare."""
    return lambda step: (Hit(0, 1 + step, 400), Hit(1, 1 + step, early_ticks))


class Daw:
    """It plays, with a stage that follows it; what it has played, as (seconds, step)."""

    def __init__(
        self,
        hits: Callable[[int], Hits] = on_the_grid,
        late_seconds: float = 0.0,
        lookahead: float = 0.0,
    ) -> None:
        self.stage = Stage(groove=None, lookahead=lookahead)
        self.clock = MidiClock(120.0, MeterMap())
        self.stage._play_by(self.clock, AT_ONCE)
        self.stage.plan({step: hits(step) for step in range(SONG_STEPS)})
        self.now = 1.0
        self.pulse = 0
        self.steps: list[tuple[float, int]] = []
        self.late_seconds = late_seconds
        """How long after the song's own idea of it a pulse comes that follows a jump."""

    def send(self, *messages: bytes, at_seconds: float) -> None:
        for message in filter(None, messages):
            self.stage.run_until(at_seconds)
            self.stage.timebase.advance_to(at_seconds)
            self.stage.tell(ClockIn(message, at_seconds))

    def play(self, pulses: int) -> None:
        for _ in range(pulses):
            self.send(b"\xf8", at_seconds=self.now)
            if self.pulse % 6 == 0:
                self.steps.append((self.now, self.pulse // 6))
            self.pulse += 1
            self.now += PULSE_SECONDS

    def jump(self, step: int, way: tuple[bytes, bytes], phase: float = 0.5) -> None:
        """Between the last pulse and the next one."""
        before, after = way
        at_seconds = self.now - (1.0 - phase) * PULSE_SECONDS
        self.send(before, song_position(step), after, at_seconds=at_seconds)
        self.now += self.late_seconds
        self.pulse = 6 * step

    def start(self) -> None:
        self.send(b"\xfa", at_seconds=0.999)

    def heard(self) -> list[tuple[float, int, int]]:
        self.stage.run_until(self.now - PULSE_SECONDS / 2)
        return self.stage.notes_on()


def agrees(daw: Daw) -> None:
    """What sounds is each of the DAW's steps, when it plays it: none twice, none lost."""
    heard = daw.heard()
    assert [velocity - 1 for _, _, velocity in heard] == [step for _, step in daw.steps]
    for (seconds, _, _), (expected, _) in zip(heard, daw.steps, strict=True):
        assert seconds == pytest.approx(expected, abs=0.0005 + daw.late_seconds)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("begin", "pulses"), [(0, 96), (16, 192), (22, 36), (5, 6), (3, 50)])
def test_a_loop_is_played_as_the_daw_plays_it(way: str, begin: int, pulses: int) -> None:
    """Of two bars, of a sixteenth, from the middle of a bar, to the middle of a step."""
    daw = Daw()
    daw.start()
    daw.play(6 * begin + pulses)
    for _ in range(5):
        daw.jump(begin, WAYS[way])
        daw.play(pulses)
    agrees(daw)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("late_seconds", [0.0, 0.002, 0.009])
def test_the_step_that_the_daw_leaves_out_does_not_sound_with_the_one_it_jumps_to(
    way: str, late_seconds: float
) -> None:
    """However late the first pulse at the new place is."""
    daw = Daw(late_seconds=late_seconds)
    daw.start()
    daw.play(96)
    daw.jump(40, WAYS[way])
    daw.play(48)
    agrees(daw)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 120),
            st.integers(0, SONG_STEPS - 24),
            st.sampled_from(sorted(WAYS)),
            st.floats(0.05, 0.95),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_row_of_jumps_puts_the_song_where_the_daw_is(
    jumps: Sequence[tuple[int, int, str, float]],
) -> None:
    daw = Daw()
    daw.start()
    daw.play(48)
    for pulses, step, way, phase in jumps:
        daw.jump(step, WAYS[way], phase)
        daw.play(pulses)
        assert daw.clock.timeline.tick_origin == 280 * (daw.pulse - 1)
    agrees(daw)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(60, 200),
    st.integers(0, 60),
    st.sampled_from(sorted(WAYS)),
    st.sampled_from(LOOKAHEADS),
    st.integers(MICROTIMING_MIN_TICKS, -1),
    st.floats(0.05, 0.95),
)
def test_from_the_jump_on_nothing_of_the_old_place_sounds(
    pulses: int, step: int, way: str, lookahead: float, early_ticks: int, phase: float
) -> None:
    """Not even the early hits of a step there that was yet to come, nor late ones of the last."""
    # Told of the place it is at anyway, a song just goes on: its early hits there have sounded.
    assume(6 * step != pulses or way.startswith("stop"))
    daw = Daw(around_the_grid(early_ticks), lookahead=lookahead)
    daw.start()
    daw.play(pulses)
    at_seconds = daw.now
    daw.jump(step, WAYS[way], phase)
    daw.play(96)
    told_seconds = at_seconds - PULSE_SECONDS * (1.0 - phase)
    late = [it for it in daw.heard() if it[0] > told_seconds]
    kept = -(-pulses // 6)
    assert {it[2] - 1 for it in late if it[0] < at_seconds} <= {kept - 2, kept - 1}
    after = [it for it in late if it[0] >= at_seconds]
    played = sorted((velocity - 1, note) for _, note, velocity in after)
    assert played[:24] == [(step + i, note) for i in range(12) for note in (KICK, SNARE)]
    assert all(step <= it[0] < step + 18 for it in played)


@settings(max_examples=30, deadline=None)
@given(st.integers(10, 20), st.sampled_from(LOOKAHEADS), st.integers(MICROTIMING_MIN_TICKS, -1))
def test_a_jump_that_is_taken_back_at_once_costs_no_hit_and_doubles_none(
    steps: int, lookahead: float, early_ticks: int
) -> None:
    daw, other = (Daw(around_the_grid(early_ticks), lookahead=lookahead) for _ in range(2))
    for each in (daw, other):
        each.start()
        each.play(6 * steps)
    told_seconds = daw.now - PULSE_SECONDS / 2
    daw.send(song_position(4), song_position(steps), at_seconds=told_seconds)
    for each in (daw, other):
        each.play(48)
    heard, expected = daw.heard(), other.heard()
    assert [it[1:] for it in heard] == [it[1:] for it in expected]
    assert [it[0] for it in heard] == pytest.approx([it[0] for it in expected])


def test_a_song_position_that_says_where_the_song_is_anyway_changes_nothing() -> None:
    """Some programs send one every bar."""
    daw = Daw()
    daw.start()
    for bar in range(1, 5):
        daw.play(96)
        epoch = daw.stage.voice.epoch
        daw.send(song_position(16 * bar), at_seconds=daw.now - PULSE_SECONDS / 2)
    daw.play(6)
    assert daw.stage.voice.epoch == epoch
    agrees(daw)


def test_a_jump_that_is_taken_back_before_its_pulse_is_none() -> None:
    daw = Daw()
    daw.start()
    daw.play(96)
    daw.send(song_position(4), song_position(16), at_seconds=daw.now - PULSE_SECONDS / 2)
    daw.play(48)
    agrees(daw)


def test_a_place_that_is_told_ahead_is_reached_with_the_pulse_after_the_continue() -> None:
    daw = Daw()
    daw.start()
    daw.play(96)
    daw.jump(40, WAYS["song position"])
    daw.play(12)
    daw.send(b"\xfb", at_seconds=daw.now - PULSE_SECONDS / 2)
    daw.play(1)
    assert daw.clock.timeline.tick_origin == 240 * 280


def test_what_a_daw_says_when_it_is_stopped_located_and_played() -> None:
    """The transcript: Stop, the place where it stopped, a place, pulses all the while, Continue."""
    daw = Daw()
    daw.start()
    daw.play(100)
    stopped = daw.now - PULSE_SECONDS / 2
    daw.send(b"\xfc", song_position(17), song_position(32), at_seconds=stopped)
    for _ in range(60):
        daw.send(b"\xf8", at_seconds=daw.now)
        daw.now += PULSE_SECONDS
    assert [note for note in daw.heard() if note[0] > stopped] == []
    daw.send(b"\xfb", at_seconds=daw.now - PULSE_SECONDS / 2)
    daw.pulse = 32 * 6
    daw.play(48)
    agrees(daw)


def test_half_time_lies_on_the_bars_of_a_loop() -> None:
    """Two of the DAW's bars are one of the song's, from the bar line on that the loop begins at."""
    daw = Daw()
    daw.start()
    daw.play(90)
    daw.stage.tell(Fire("half time"))
    daw.play(6 + 96)
    for _ in range(3):
        daw.jump(16, WAYS["song position"])
        daw.play(192)
    bar = [(seconds, velocity - 1) for seconds, _, velocity in daw.heard()][-16:]
    assert [step for _, step in bar] == [*range(16, 32)]
    assert bar[0][0] == pytest.approx(daw.now - 192 * PULSE_SECONDS, abs=0.0005)


def test_half_time_keeps_its_bar_where_the_loop_begins_in_the_middle_of_one() -> None:
    daw = Daw()
    daw.start()
    daw.play(90)
    daw.stage.tell(Fire("half time"))
    daw.play(6 + 96)
    daw.jump(24, WAYS["song position"])
    daw.play(144)
    bar = [(seconds, velocity - 1) for seconds, _, velocity in daw.heard()][-12:]
    assert [step for _, step in bar] == [*range(20, 32)]
    assert bar[0][0] == pytest.approx(daw.now - 144 * PULSE_SECONDS, abs=0.0005)


def test_the_groove_does_not_wait_for_the_pulse_of_a_jump_that_never_comes() -> None:
    daw = Daw()
    daw.start()
    daw.play(96)
    daw.send(song_position(40), at_seconds=daw.now - PULSE_SECONDS / 2)
    last = daw.now
    daw.stage.run_until(last + 1.0)
    assert len([it for it in daw.stage.notes_on() if it[0] > last + 0.3]) >= 5
    daw.now = last + 1.0
    daw.pulse = 240
    daw.play(12)
    assert daw.clock.timeline.tick_origin == 251 * 280
