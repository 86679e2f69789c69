"""The shell has the terminal for a while: nothing sounds, and nobody follows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.messages import Fire, Moved, Resume, Suspend
from polyrhythmia_live.player.inbox import WireBack
from polyrhythmia_live.rhythm.meter import first_pulse_from
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.gear import CONTINUE, START, STOP, Gear
from polyrhythmia_live.testing.stage import KICK, ClockStage, Stage

BAR_SECONDS = 2.0


def test_what_sounds_is_ended_and_nothing_sounds_until_the_bar_line_after() -> None:
    stage = Stage()
    stage.plan(dict.fromkeys(range(0, 320, 2), KICK))
    stage.start()
    stage.run_until(1.01)
    stage.tell(Suspend())
    assert stage.hanging() == set()
    heard = len(stage.notes_on())
    stage.run_until(20.0)
    stage.timebase.advance_to(20.3)
    stage.tell(Resume())
    stage.run_until(23.0)
    later = [seconds for seconds, _, _ in stage.notes_on()[heard:]]
    assert later[0] == pytest.approx(11 * BAR_SECONDS), "it went on in silence"
    assert stage.player.clock.timeline.tempo_bpm == 120.0


def test_the_drummer_is_told_where_the_song_is_when_it_goes_on() -> None:
    stage = Stage()
    stage.start()
    stage.tell(Suspend())
    stage.timebase.advance_to(5.0)
    stage.tell(Resume())
    assert stage.moved() == Moved("drums", 1, 48, stage.player.clock.transport, 120.0)


def test_a_song_that_stands_stands_afterwards_too() -> None:
    stage = Stage()
    stage.tell(Suspend(), Resume())
    stage.run_until(10.0)
    assert stage.notes_on() == []
    stage.start()
    stage.play_until(8)


def test_gear_that_follows_is_stopped_and_taken_along_again() -> None:
    stage = ClockStage()
    stage.start()
    stage.run_until(1.0)
    stage.tell(Suspend())
    stopped_at = len(stage.clock_messages())
    assert stage.clock_messages()[-1] == b"\xfc"
    stage.run_until(5.0)
    assert len(stage.clock_messages()) == stopped_at
    stage.timebase.advance_to(5.0)
    stage.tell(Resume())
    stage.run_until(6.0)
    told = stage.clock_messages()[stopped_at:]
    assert [message[0] for message in told if message != b"\xf8"][-2:] == [0xF2, 0xFB]
    assert told.count(b"\xf8") > 40


A_MOMENT = 1e-4
"""More than a tick, which is what a clock's place is known to."""


class Followed:
    """A stage, and gear that does as it says; the gear may be exchanged for one that is new."""

    def __init__(self, lookahead: float = 0.0) -> None:
        self.stage = ClockStage(lookahead=lookahead)
        self.gear = Gear()
        self.needless_stops = 0
        self._knows_nothing = True
        self._heard = 0

    def hear(self) -> None:
        heard = self.stage.clock_messages()
        for message in heard[self._heard :]:
            stands = not self.gear.rolling and not self.gear.armed
            self.needless_stops += message == STOP and stands and not self._knows_nothing
            if message in (START, CONTINUE, STOP):
                self._knows_nothing = False
            self.gear.receive(message)
        self._heard = len(heard)

    def do(self, what: str) -> None:
        asked = {"suspend": Suspend(), "resume": Resume(), "new gear": WireBack(self.stage.wire)}
        if what == "new gear":
            self.gear, self._knows_nothing = Gear(), True
        self.stage.tell(asked.get(what, Fire(what)))
        self.hear()

    def pass_time(self, seconds: float, at_work: bool) -> None:
        """A busy machine may keep us from work for as long."""
        until = self.stage.timebase.now() + seconds
        if at_work:
            self.stage.run_until(until)
        self.stage.timebase.advance_to(until)
        self.hear()

    @property
    def next_pulse(self) -> set[int]:
        """Of the song, as its clock has it: two where one falls on this very moment."""
        timeline, now = self.stage.player.clock.timeline, self.stage.timebase.now()
        moments = (now - A_MOMENT, now + A_MOMENT)
        return {first_pulse_from(timeline.tick_at(moment) + 1) for moment in moments}


ORDERS = ("suspend", "resume", "start", "stop", "continue", "new gear")
ASIDE = st.tuples(
    st.sampled_from(ORDERS), st.sampled_from((0.0, 0.003, 0.1, 0.4, 1.3)), st.booleans()
)


def test_gear_is_told_a_place_again_that_it_was_told_before_it_rolled_on() -> None:
    """It stopped at step 1, was started, and is past it when the song comes there once more."""
    followed = Followed()
    story = (("start", 0.1), ("stop", 0.0), ("start", 0.1), ("suspend", 0.0), ("start", 0.1))
    for place, (what, seconds) in enumerate(story):
        followed.do(what)
        followed.pass_time(seconds, at_work=place == 2)
    followed.do("resume")
    followed.pass_time(1.51, at_work=True)
    assert followed.gear.position in followed.next_pulse


@settings(max_examples=60, deadline=None)
@given(st.lists(ASIDE, max_size=10))
def test_whatever_the_shell_and_the_song_do_gear_stops_once_and_counts_with_us(
    story: list[tuple[str, float, bool]],
) -> None:
    followed = Followed()
    followed.pass_time(0.3, at_work=True)
    for what, seconds, at_work in story:
        followed.do(what)
        followed.pass_time(seconds, at_work)
    followed.do("resume")
    followed.pass_time(1.51, at_work=True)
    gear = followed.gear
    assert followed.needless_stops == 0
    assert gear.violations == []
    rolls = followed.stage.player.clock.transport is Transport.ROLLING
    assert gear.rolling == rolls
    if rolls:
        assert gear.position in followed.next_pulse
