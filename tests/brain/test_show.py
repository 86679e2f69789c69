"""A set list: songs and their sections, and how a performer leads through them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.brain.show import Show
from polyrhythmia_live.config import NO_SET_LIST, Section, SetList, Song
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.engine import Engine
from polyrhythmia_live.messages import Fire, SetLevel
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import FOUR_FOUR, IN_FOUR, ROCK, SEED, DiceDrummer

BAR = FOUR_FOUR.bar_steps
STEP_SECONDS = 0.125


def section(
    name: str, density: float, bars: int | None = None, tempo_bpm: float | None = None
) -> Section:
    return Section(name, ROCK.with_level("density", density), bars, tempo_bpm)


TUESDAY = SetList(
    "tuesday",
    (
        Song(
            "Blue Moon",
            (
                section("intro", 0.1, 2, 120.0),
                section("verse", 0.3, 4),
                section("chorus", 0.7, 4),
                section("verse", 0.3, 4),
                section("out", 0.2, 2),
            ),
            ends=True,
        ),
        Song("Second Street", (section("groove", 0.5, None, 96.0), section("bridge", 0.9, 8))),
    ),
)


def show(*commands: str, step: int = 0, rolling: bool = True) -> Show:
    walked = Show(TUESDAY, IN_FOUR)
    for command in commands:
        name, _, word = command.partition(" ")
        walked.obey(Fire(name, word=word), step, rolling)
    return walked


def names(walked: Show, bars: int) -> list[str]:
    """The section of each bar."""
    heard = []
    for step in range(bars * BAR):
        walked.heard(step)
        coming = walked.at(step)
        if step % BAR == 0:
            now = walked.now and walked.section(walked.now)
            heard.append((coming or now or section("none", 0)).name)
    return heard


def test_sections_that_have_bars_follow_each_other_by_themselves() -> None:
    heard = names(show(), 20)
    assert heard == ["intro"] * 2 + ["verse"] * 4 + ["chorus"] * 4 + ["verse"] * 4 + ["out"] * 6


@pytest.mark.parametrize(
    ("command", "heard"),
    [
        ("section chorus", "intro chorus chorus chorus chorus verse"),
        ("section chorus now", "intro chorus chorus chorus verse verse"),
        ("section chorus after 3", "intro intro verse chorus chorus chorus"),
        ("section chorus at the end", "intro intro chorus chorus chorus chorus"),
        ("section CHO", "intro chorus chorus chorus chorus verse"),
        ("section 5", "intro out out out out out"),
        ("next", "intro verse verse verse verse chorus"),
        ("song second", "intro groove groove groove groove groove"),
    ],
)
def test_a_section_comes_when_it_was_called_for(command: str, heard: str) -> None:
    walked = show(command, step=3)
    played = names(walked, 6)
    assert played == heard.split()


def test_next_pressed_twice_is_the_one_after_it() -> None:
    walked = show("next", "next", step=3)
    assert names(walked, 3) == ["intro", "chorus", "chorus"]


def test_previous_takes_back_what_next_has_called_for() -> None:
    walked = show("next", "next", "previous", step=3)
    assert names(walked, 3)[1] == "verse"


def test_a_section_that_vamps_goes_on_until_it_is_led_on() -> None:
    walked = show("vamp")
    assert set(names(walked, 12)) == {"intro"}
    assert walked.obey(Fire("next"), 12 * BAR, rolling=True) == 12 * BAR
    walked.heard(12 * BAR + 1)
    assert not walked.vamps
    assert walked.section_now() is not None


def test_the_verse_after_the_chorus_is_the_second_one() -> None:
    walked = show("section chorus now")
    walked.heard(1)
    assert walked.obey(Fire("section", word="verse"), BAR, rolling=True) == BAR
    assert walked.lines(2) == [BAR, 5 * BAR]
    walked.heard(5 * BAR + 1)
    now = walked.section_now()
    assert now is not None
    assert (now.name, now.then) == ("out", "")


def test_a_song_that_is_chosen_while_nothing_plays_begins_with_its_first_section() -> None:
    walked = show("song 2", rolling=False)
    walked.heard(1)
    first = walked.from_the_top()
    assert first is not None
    assert first.name == "groove"


@pytest.mark.parametrize("command", ["section bridge", "section 0", "song waltz", "previous"])
def test_what_is_not_there_changes_nothing(command: str) -> None:
    name, _, word = command.partition(" ")
    assert show().obey(Fire(name, word=word), 3, rolling=True) is None


def test_without_a_set_list_nothing_is_led() -> None:
    walked = Show(NO_SET_LIST, IN_FOUR)
    for name in ("section", "song", "next", "previous", "vamp"):
        assert walked.obey(Fire(name, word="verse"), 3, rolling=True) is None


@pytest.mark.parametrize(
    ("bar", "there"), [(0, "intro"), (3, "verse"), (9, "chorus"), (15, "out"), (40, "out")]
)
def test_a_daw_that_locates_finds_the_section_there(bar: int, there: str) -> None:
    walked = show()
    walked.jump(bar * BAR + 3)
    assert walked.now is not None
    assert walked.section(walked.now).name == there


# with the drummer


def on_stage(set_list: SetList = TUESDAY) -> Engine:
    controls = set_list.songs[0].sections[0].controls if set_list.begins else ROCK
    horizon = Horizon(DiceDrummer(), IN_FOUR, controls, SEED, set_list=set_list)
    engine = Engine(horizon, IN_FOUR, None)
    engine.perform(Fire("start"))
    return engine


def density_of(steps: list[Hits]) -> float:
    return sum(map(len, steps)) / (9 * len(steps))


def test_each_section_sounds_as_it_says_from_its_bar_line_on() -> None:
    engine = on_stage()
    engine.play_until(16 * BAR)
    steps = [committed.step.hits for committed in engine.committed]
    for first, end, density in ((0, 2, 0.1), (2, 6, 0.3), (6, 10, 0.7), (10, 14, 0.3)):
        assert density_of(steps[first * BAR : end * BAR]) == pytest.approx(density, abs=0.06)


def test_a_song_ends_on_one_and_the_next_one_stands_ready() -> None:
    engine = on_stage()
    engine.wait(60.0)
    assert engine.player.clock.transport is Transport.STOPPED
    assert engine.committed[-1].step.index == 16 * BAR
    assert engine.player.clock.timeline.tempo_bpm == 96.0
    engine.perform(Fire("start"))
    engine.play_until(8 * BAR)
    assert engine.player.clock.timeline.tempo_bpm == 96.0
    steps = [committed.step.hits for committed in engine.committed[16 * BAR + 1 :]]
    assert density_of(steps) == pytest.approx(0.5, abs=0.06)


def test_a_sections_tempo_holds_from_its_bar_line_to_the_tick() -> None:
    faster = (section("slow", 0.5, 2, 100.0), section("fast", 0.5, 4, 150.0))
    engine = on_stage(SetList("", (Song("one", faster),)))
    engine.play_until(3 * BAR)
    timeline = engine.player.clock.timeline
    assert timeline.tempo_bpm == 150.0
    assert timeline.tick_origin == 2 * FOUR_FOUR.bar_ticks


def test_a_section_that_is_called_for_comes_after_a_fill_and_with_all_its_levels() -> None:
    engine = on_stage()
    engine.play_until(3)
    engine.perform(SetLevel("density", 0.9), Fire("section", word="chorus"))
    cues = engine.horizon.cues()  # type: ignore[attr-defined]
    assert [cue.name for cue in cues.cues] == ["fill"]
    assert cues.section.then == "chorus"
    engine.play_until(BAR + 1)
    horizon: Any = engine.horizon
    assert horizon.controls.density == 0.7


def test_the_presets_are_sections_where_there_is_no_set_list() -> None:
    presets = SetList("", (Song("presets", (section("a", 0.1), section("b", 0.9))),), begins=False)
    engine = on_stage(presets)
    engine.play_until(BAR)
    horizon: Any = engine.horizon
    assert horizon.controls == ROCK
    engine.perform(Fire("section", word="2"))
    engine.play_until(2 * BAR + 1)
    assert horizon.controls.density == 0.9
    engine.perform(Fire("start"))
    assert horizon.controls.density == 0.9


# sections that bring a groove

KEPT_BAR = 3


def with_groove(groove: str = "verse", levels: tuple[tuple[str, float], ...] = ()) -> SetList:
    chorus = Section("chorus", ROCK, 2, groove=groove, levels=levels)
    return SetList("", (Song("one", (section("intro", 0.2, 6), chorus, section("out", 0.9))),))


def bars_of(engine: Engine) -> list[list[Hits]]:
    hits = [committed.step.hits for committed in engine.committed]
    return [hits[first : first + BAR] for first in range(0, len(hits), BAR)]


def remembering(set_list: SetList) -> tuple[Engine, Any]:
    engine = on_stage(set_list)
    engine.play_until(KEPT_BAR * BAR + 5)
    engine.perform(SetLevel("density", 0.6), Fire("remember", word="verse"))
    return engine, engine.horizon


def test_a_section_brings_the_groove_that_was_remembered_for_it() -> None:
    engine, horizon = remembering(with_groove())
    engine.play_until(6 * BAR + 1)
    assert horizon.controls.density == 0.6
    engine.play_until(10 * BAR)
    bars = bars_of(engine)
    assert bars[6] == bars[KEPT_BAR]
    assert density_of([*bars[8], *bars[9]]) == pytest.approx(0.9, abs=0.06)


def test_what_the_section_itself_names_goes_before_its_grooves_levels() -> None:
    engine, horizon = remembering(with_groove(levels=(("density", 0.1),)))
    engine.play_until(6 * BAR + 1)
    assert horizon.controls.density == 0.1


def test_a_section_whose_groove_nobody_remembers_plays_and_says_so() -> None:
    engine, horizon = remembering(with_groove(groove="bridge"))
    assert [cue.name for cue in horizon.cues().cues] == ["no groove bridge"]
    engine.play_until(7 * BAR)
    assert horizon.controls.density == ROCK.density


def test_a_section_that_is_called_for_by_hand_brings_its_groove_too_and_ends_keep() -> None:
    engine, horizon = remembering(with_groove())
    engine.perform(Fire("keep"))
    engine.play_until(5 * BAR + 2)
    engine.perform(Fire("section", word="chorus"))
    assert "groove verse" in {cue.name for cue in horizon.cues().cues}
    engine.perform(Fire("vamp"))
    engine.play_until(8 * BAR)
    bars = bars_of(engine)
    assert bars[4] == bars[KEPT_BAR]
    assert bars[6] == bars[KEPT_BAR]
    assert bars[7] != bars[6]


def test_a_song_may_begin_with_a_remembered_groove() -> None:
    chorus = Section("chorus", ROCK, groove="verse")
    engine, horizon = remembering(
        SetList("", (Song("one", (section("intro", 0.2), chorus)), Song("two", (chorus,))))
    )
    engine.play_until(4 * BAR)
    engine.perform(Fire("stop"), Fire("song", word="two"))
    assert horizon.controls.density == 0.6
    before = len(engine.committed)
    engine.perform(Fire("start"))
    engine.wait(BAR * STEP_SECONDS + 0.01)
    first = [committed.step.hits for committed in engine.committed[before:]][:BAR]
    assert first[2:] == bars_of(engine)[KEPT_BAR][2:]


COMMANDS = ("next", "previous", "vamp", "section chorus", "section verse after 2", "song 2", "now")


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(COMMANDS)), max_size=6))
def test_the_same_hand_on_the_same_set_list_gives_the_same_notes(
    led: list[tuple[int, str]],
) -> None:
    """Whether the brain thinks at once, or is always in a hurry."""

    def played(hasty: bool) -> list[Hits]:
        engine = on_stage()
        for later, command in led:
            for _ in range(1 if hasty else later):
                engine.wait(STEP_SECONDS * (later if hasty else 1))
            name, _, word = command.partition(" ")
            engine.perform(Fire(name, word=word))
        engine.wait(3 * BAR * STEP_SECONDS)
        return [committed.step.hits for committed in engine.committed]

    assert played(hasty=True) == played(hasty=False)


@given(st.floats(0, 1))
def test_a_section_says_nothing_of_how_the_drummer_draws(top_p: float) -> None:
    controls = ControlState(ROCK.genre, top_k=7, top_p=top_p)
    chart = Chart(IN_FOUR, controls, SEED, ("rock",), TUESDAY)
    held = chart.controls_at(3 * BAR)
    assert (held.top_k, held.top_p) == (7, top_p)
