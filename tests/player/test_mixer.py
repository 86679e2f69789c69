"""The mixer: what is heard of what is played, at once, and true to what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import Applied, Command, Committed, Fire, Press, SetLevel, Unchanged
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, MICROTIMING_MIN_TICKS, Hit, Hits
from polyrhythmia_live.testing.stage import Stage

STEP_SECONDS = 0.125
KICK, SNARE, HAT, OPEN = 36, 38, 42, 46
BAR: dict[int, Hits] = {
    step: tuple(
        hit
        for hit, each in ((Hit(0, 100), 4), (Hit(1, 90), 8), (Hit(2, 60), 1))
        if step % each == 0
    )
    for step in range(64)
}


def playing(*before: Command) -> Stage:
    """Kick on each beat, snare on each second one, hats throughout: a step is 125 ms."""
    stage = Stage()
    stage.plan(BAR)
    stage.timebase.advance_to(1.0)
    stage.tell(*before)
    stage.start()
    return stage


def until(stage: Stage, seconds: float) -> None:
    stage.run_until(seconds)
    stage.timebase.advance_to(seconds)


def at(step: float) -> float:
    return 1.0 + step * STEP_SECONDS


def struck(stage: Stage, note: int, first: float = 0, end: float = 64) -> list[int]:
    """The steps of the song at which a note was struck."""
    return [
        round((when - 1.0) / STEP_SECONDS)
        for when, which, _ in stage.notes_on()
        if which == note and at(first) - 0.01 <= when < at(end) - 0.01
    ]


def sounded(stage: Stage) -> dict[int, Committed]:
    """What was said of each step last."""
    return {it.step.index: it for it in stage.reports if isinstance(it, Committed)}


def test_a_muted_lane_is_silent_at_once_and_at_its_place_when_it_is_heard_again() -> None:
    stage = playing()
    until(stage, at(7.9))
    stage.tell(Fire("mute", word="kick"))
    until(stage, at(23.9))
    stage.tell(Fire("mute", word="kick"))
    until(stage, at(31.5))
    assert struck(stage, KICK) == [0, 4, 24, 28]
    assert struck(stage, HAT) == list(range(32))


def test_a_kick_that_is_brought_in_just_before_its_beat_is_heard_on_it() -> None:
    stage = playing(Fire("mute", word="kick"))
    until(stage, at(8) - 0.01)
    stage.tell(Fire("unmute", word="kick"))
    until(stage, at(12.5))
    assert struck(stage, KICK) == [8, 12]


def test_what_sounded_is_said_and_what_the_drummer_played_beside_it() -> None:
    stage = playing()
    until(stage, at(8) - 0.01)
    stage.tell(Fire("mute", word="kick"))
    until(stage, at(12.5))
    said = sounded(stage)
    assert [hit.lane for hit in said[8].step.hits] == [1, 2]
    assert said[8].played == BAR[8]
    assert said[4].played is None, "it sounded as it was played"


def test_several_lanes_are_soloed_and_none_when_solo_stands_alone() -> None:
    stage = playing(Fire("solo", word="kick"), Fire("solo", word="snare"))
    until(stage, at(15.9))
    stage.tell(Fire("solo"))
    until(stage, at(23.5))
    assert struck(stage, KICK) == [0, 4, 8, 12, 16, 20]
    assert struck(stage, SNARE) == [0, 8, 16]
    assert struck(stage, HAT) == list(range(16, 24))


def test_a_muted_lane_is_not_heard_though_it_is_soloed() -> None:
    stage = playing(Fire("solo", word="kick"), Fire("mute", word="kick"))
    until(stage, at(16))
    assert not stage.notes_on()


def test_the_drums_are_muted_and_come_back_with_the_mutes_they_had() -> None:
    stage = playing(Fire("mute", word="snare"), Fire("mute"))
    until(stage, at(15.9))
    assert not stage.notes_on()
    stage.tell(Fire("mute"))
    until(stage, at(31.5))
    assert struck(stage, KICK) == [16, 20, 24, 28]
    assert not struck(stage, SNARE)


def test_unmute_alone_lets_everything_be_heard() -> None:
    stage = playing(Fire("mute", word="snare"), Fire("mute"), Fire("unmute"))
    until(stage, at(9))
    assert struck(stage, SNARE) == [0, 8]


def test_a_pad_mutes_for_as_long_as_it_is_held() -> None:
    stage = playing(Fire("mute", press=Press.DOWN, word="closed-hat"))
    until(stage, at(7.9))
    stage.tell(Fire("mute", press=Press.UP, word="closed-hat"))
    until(stage, at(11.5))
    assert struck(stage, HAT) == [8, 9, 10, 11]


def test_levels_of_a_lane_and_of_all_multiply_and_stay_within_what_midi_can_say() -> None:
    stage = playing(SetLevel("level", 0.5, lane="kick"), SetLevel("level", 2.0))
    until(stage, at(1))
    velocities = {note: velocity for _, note, velocity in stage.notes_on()}
    assert velocities == {KICK: 100, SNARE: 127, HAT: 120}
    stage.tell(SetLevel("level", 0.001))
    until(stage, at(5))
    assert stage.notes_on()[-1][2] == 1
    stage.tell(SetLevel("level", 0.0))
    quiet = len(stage.notes_on())
    until(stage, at(9))
    assert len(stage.notes_on()) == quiet


@pytest.mark.parametrize(
    "command",
    [Fire("unmute"), Fire("unmute", word="kick"), Fire("solo"), SetLevel("level", 1.0),
     SetLevel("level", float("nan")), SetLevel("level", 0.5, lane="cowbell"),
     Fire("mute", word="cowbell")],
)  # fmt: skip
def test_what_changes_nothing_is_answered_so(command: Command) -> None:
    stage = playing()
    stage.reports.clear()
    stage.tell(command)
    assert stage.reports == [Unchanged(command)]


def test_the_answer_says_when_it_was_obeyed() -> None:
    stage = playing()
    until(stage, at(5.5))
    stage.tell(Fire("mute", word="kick"))
    applied = next(
        it for it in stage.reports if isinstance(it, Applied) and it.command.name == "mute"
    )
    assert applied.tick == pytest.approx(5.5 * 1680, abs=2)


def test_a_count_in_is_heard_whatever_is_muted() -> None:
    from polyrhythmia_live.player.conductor import Upbeat

    stage = Stage(upbeat=Upbeat(count_in=((Hit(2, 90),), (), (), ()) * 4))
    stage.tell(Fire("mute"))
    stage.start()
    until(stage, 1.9)
    assert len(stage.notes_on()) == 4


def test_a_muted_open_hat_that_sounds_is_ended_and_the_ledger_is_empty() -> None:
    stage = Stage()
    stage.plan({0: (Hit(3, 90, length_ticks=20_000),), 4: (Hit(2, 90),)})
    stage.start()
    until(stage, 0.2)
    assert stage.hanging()
    stage.tell(Fire("mute", word="open-hat"))
    until(stage, 0.6)
    assert not stage.hanging(), "the closed hat has ended it"
    until(stage, 1.0)
    stage.tell(Fire("stop"))
    assert not list(stage.ledger.open_notes(0))


def test_after_a_stop_a_change_of_the_mix_brings_nothing_back() -> None:
    stage = playing(Fire("mute"))
    until(stage, at(7.95))
    stage.tell(Fire("stop"), Fire("mute"))
    until(stage, at(20))
    assert not stage.notes_on()


hits = st.builds(
    Hit,
    lane=st.sampled_from((0, 1, 2, 3)),
    velocity=st.integers(1, 127),
    microtiming_ticks=st.integers(MICROTIMING_MIN_TICKS, MICROTIMING_MAX_TICKS),
)
steps = st.lists(hits, max_size=4, unique_by=lambda hit: hit.lane).map(
    lambda found: tuple(sorted(found, key=lambda hit: hit.lane))
)
mixes = st.one_of(
    st.builds(
        Fire,
        st.sampled_from(("mute", "unmute", "solo")),
        word=st.sampled_from(("", "kick", "snare", "closed-hat open-hat")),
    ),
    st.builds(
        SetLevel, st.just("level"), st.floats(0, 2), lane=st.sampled_from(("", "kick", "snare"))
    ),
)
stories = st.lists(st.tuples(mixes, st.floats(0.001, 0.3)), max_size=12)


@given(
    st.lists(steps, min_size=16, max_size=16),
    stories,
    st.sampled_from(((0.0, 0.0), (0.0033, 0.0013), (0.043, 0.0), (0.043, 0.0213), (0.2, 0.0))),
)
def test_what_is_said_to_have_sounded_is_what_every_wire_lets_out(
    bar: list[Hits], story: list[tuple[Command, float]], wire: tuple[float, float]
) -> None:
    lookahead, period = wire
    stage = Stage(lookahead=lookahead, offsets=(0.0, 0.03), period=period)
    stage.plan({step: bar[step % 16] for step in range(96)})
    stage.timebase.advance_to(1.0)
    stage.start()
    for command, seconds in story:
        until(stage, stage.timebase.now() + seconds)
        stage.tell(command)
    until(stage, stage.timebase.now() + 0.5)
    last = max(sounded(stage)) - 4
    for number in range(2):
        said = [
            (step, hit.lane, hit.velocity)
            for step, it in sounded(stage).items()
            if 3 < step < last
            for hit in it.step.hits
        ]
        assert sent(stage, number, last) == sorted(said)


def sent(stage: Stage, number: int, last: int) -> list[tuple[int, int, int]]:
    """The strikes of a wire: step, lane, velocity. They lie within half a step of their own."""
    lanes = {KICK: 0, SNARE: 1, HAT: 2, OPEN: 3}
    offset = (0.0, 0.03)[number]
    found = []
    for when, note, velocity in stage.notes_on(number):
        step = round((when - offset - 1.0) / STEP_SECONDS + 1e-6)
        if 3 < step < last:
            found.append((step, lanes[note], velocity))
    return sorted(found)


@given(st.lists(steps, min_size=16, max_size=16), stories)
def test_whatever_is_mixed_what_the_drummer_played_is_the_same(
    bar: list[Hits], story: list[tuple[Command, float]]
) -> None:
    stage = Stage()
    stage.plan({step: bar[step % 16] for step in range(96)})
    stage.start()
    for command, seconds in story:
        until(stage, stage.timebase.now() + seconds)
        stage.tell(command)
    for step, it in sounded(stage).items():
        played = it.step.hits if it.played is None else it.played
        assert played == bar[step % 16]
    stage.tell(Fire("stop"))
    assert not stage.hanging()


def test_all_lanes_can_be_named() -> None:
    stage = playing(Fire("mute", word=" ".join(LANE)))
    until(stage, at(8))
    assert not stage.notes_on()
