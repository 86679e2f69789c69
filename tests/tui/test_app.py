"""The whole terminal before a performer who types and points, and a desk that is a list."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import CHOICES, LEVELS, TRIGGERS
from polyrhythmia_live.control.keys import command_of
from polyrhythmia_live.desk.requests import as_request
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.messages import Applied, NudgeLevel, Outlook, Snapshot
from polyrhythmia_live.rhythm.bar import Hit, Step
from polyrhythmia_live.rhythm.control import Consumer, Curve, Level, Trigger, Word
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.system.signals import Signals
from tests.control.test_status_line import PLAYING, SNAPSHOT

pytest.importorskip("textual", reason="expected textual: scripts/setup brings it")

from textual.geometry import Offset
from textual.pilot import Pilot

from polyrhythmia_live.tui.app import FRAME_SECONDS, Whole, next_frame_seconds
from polyrhythmia_live.tui.board import Panel, Words
from polyrhythmia_live.tui.levels import NAME_COLUMNS, Entries, Slider
from polyrhythmia_live.tui.pads import Pad
from polyrhythmia_live.tui.palette import Palette
from polyrhythmia_live.tui.row import Row

BAR = tuple(Step(index, (Hit(0, 127),) if index % 4 == 0 else ()) for index in range(16))
SMALL, LARGE = (80, 24), (120, 40)

SHIMMER = Level("shimmer", 0.0, 4.0, 1.0, "", "at once", Consumer.BRAIN, about="not in any release")
BAPTISE = Trigger("baptise", "at once", Consumer.BRAIN, word=Word.NAME, bare=False)
MUTE = Trigger("mute", "next bar line", Consumer.BRAIN, word=Word.LANE, bare=False)


class Heard(Watch):
    """A desk that is always there: what it says, and what it is asked."""

    def __init__(self) -> None:
        self.genres, self.meters = ("rock", "jazz", "funk"), MeterMap()
        self.levels = (*LEVELS.values(), SHIMMER)
        self.triggers = (*TRIGGERS.values(), BAPTISE, MUTE)
        outlook = Outlook("drums", BAR, ())
        self.now = replace(SNAPSHOT, outlooks=(outlook,), seconds=0.01)
        self.errors: list[str] = []
        self.asked: list[dict[str, Any]] = []

    def snapshot(self) -> Snapshot:
        return self.now

    def hear(self) -> list[str]:
        errors, self.errors = self.errors, []
        return errors

    def send(self, **request: Any) -> None:
        self.asked.append(request)


class Before:
    """A performer before the terminal."""

    def __init__(self, desk: Heard, app: Whole, pilot: Pilot[None]) -> None:
        self.desk, self.app, self.pilot = desk, app, pilot

    async def see(self, **change: Any) -> None:
        """Something is otherwise from now on, and drawn so."""
        self.desk.now = replace(self.desk.now, **change)
        self.app.turn()
        await self.pilot.pause()

    def shown(self, id_: str) -> str:
        return self.app.screen.query_one(f"#{id_}", Row).text

    def slider(self, name: str) -> Slider:
        return next(it for it in self.app.screen.query(Slider) if it.level.name == name)

    def pad(self, name: str) -> Pad:
        return next(it for it in self.app.screen.query(Pad) if it.trigger.name == name)


def before(
    act: Callable[[Before], Awaitable[None]], size: tuple[int, int] = SMALL
) -> Callable[[], None]:
    """What is done before a terminal of a size, as a test."""

    async def run() -> None:
        desk = Heard()
        app = Whole(desk, Signals())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(Before(desk, app, pilot))

    def test() -> None:
        asyncio.run(run())

    test.__name__ = act.__name__
    return test


def on(size: tuple[int, int]) -> Callable[[Callable[[Before], Coroutine[Any, Any, None]]], Any]:
    return lambda act: before(act, size)


@before
async def test_every_row_of_the_table_has_its_widget(it: Before) -> None:
    sliders = [each.level for each in it.app.screen.query(Slider)]
    choices = [each.level for each in it.app.screen.query(Entries)]
    assert sliders == [level for level in it.desk.levels if level.curve is not Curve.CHOICE]
    assert choices == [LEVELS[name] for name in CHOICES]
    assert [each.trigger for each in it.app.screen.query(Pad)] == list(it.desk.triggers)


@before
async def test_the_keys_beside_a_level_and_on_a_pad_are_whole(it: Before) -> None:
    for name, keys in (("temperature", "[ ]"), ("intensity", "- ="), ("tempo", "↓ ↑")):
        assert it.slider(name).render().plain.rstrip().endswith(f"  {keys}")
    await it.pilot.press("pagedown", "pagedown")
    await it.pilot.pause()
    assert it.pad("pull").render().plain.endswith(" {]")


@before
async def test_home_and_end_pull_and_push(it: Before) -> None:
    await it.pilot.press("home", "end")
    assert [asked["fire"] for asked in it.desk.asked] == ["pull", "push"]


@on(LARGE)
async def test_on_a_large_terminal_every_panel_is_in_sight(it: Before) -> None:
    panels = list(it.app.screen.query(Panel))
    assert all(panel.region.area > 100 for panel in panels)
    assert all(pad.region.width >= 10 for pad in it.app.screen.query(Pad))


@before
async def test_on_a_small_one_page_down_brings_one_after_the_other_into_sight(it: Before) -> None:
    seen = []
    for _ in range(6):
        await it.pilot.press("pagedown")
        await it.pilot.pause()
        (shown,) = (panel for panel in it.app.screen.query(Panel) if panel.region.area > 0)
        inside = shown.query("Slider, Pad")
        assert all(each.region.bottom <= shown.region.bottom for each in inside), (
            "it needs no wheel"
        )
        seen.append(shown.id)
    assert seen == ["levels", "triggers", *CHOICES, "ports", "answers"]


@before
async def test_the_keys_of_play_ask_for_the_same(it: Before) -> None:
    for pressed, key in (("f", "f"), ("equals_sign", "="), ("left", "left"), ("up", "up"),
                         ("2", "2"), ("space", "space"), ("left_curly_bracket", "{"),
                         ("tab", "tab")):  # fmt: skip
        it.desk.asked.clear()
        await it.pilot.press(pressed)
        command = command_of(key, 0.0)
        assert command is not None
        assert it.desk.asked == [as_request(command)], pressed


@before
async def test_a_key_that_does_nothing_is_answered(it: Before) -> None:
    await it.pilot.press("ampersand")
    await it.see()
    assert it.shown("news") == "& does nothing: ? lists the keys"
    assert it.desk.asked == []


@before
async def test_the_arrows_move_the_slider_that_has_the_focus_until_escape(it: Before) -> None:
    await it.pilot.press("pagedown", "down", "down", "right")
    assert it.desk.asked == [{"nudge": "complexity", "presses": 1}]
    it.desk.asked.clear()
    await it.pilot.press("escape", "right")
    assert it.desk.asked == [{"nudge": "density", "presses": 1}]


@before
async def test_a_slider_goes_where_it_is_dragged_and_says_so_with_the_frames(it: Before) -> None:
    slider = it.slider("intensity")
    await it.pilot.mouse_down(slider, offset=(NAME_COLUMNS, 0))
    await it.pilot.hover(slider, offset=(NAME_COLUMNS + 3, 0))
    await it.pilot.mouse_up(slider, offset=(38, 0))
    await it.see()
    assert it.desk.asked[-1] == {"set": "intensity", "value": 1.0}
    assert len(it.desk.asked) <= 3


@before
async def test_a_slider_shows_what_the_snapshot_says(it: Before) -> None:
    levels = tuple((name, 0.8 if name == "intensity" else value)
                   for name, value in it.desk.now.levels)  # fmt: skip
    await it.see(levels=levels)
    assert "80%" in it.slider("intensity").render().plain
    assert "120.0 bpm" in it.slider("tempo").render().plain
    assert "1.00" in it.slider("shimmer").render().plain, "nobody says where it stands: as usual"


@before
async def test_a_pad_strikes_as_the_button_goes_down(it: Before) -> None:
    await it.pilot.press("pagedown", "pagedown")
    await it.pilot.mouse_down(it.pad("crash"))
    assert it.desk.asked == [{"fire": "crash"}]
    await it.pilot.mouse_up(it.pad("crash"))
    assert len(it.desk.asked) == 1


@before
async def test_a_pad_that_can_be_held_lasts_until_the_button_comes_up_anywhere(it: Before) -> None:
    await it.pilot.press("pagedown", "pagedown")
    await it.pilot.mouse_down(it.pad("push"))
    await it.pilot.mouse_up(it.pad("fill"))
    assert it.desk.asked == [
        {"fire": "push", "press": "down"},
        {"fire": "push", "press": "up"},
    ]


@before
async def test_words_are_no_keys_even_if_they_come_in_one_burst(it: Before) -> None:
    await it.pilot.press(*["colon", "s", "t", "o", "p", "enter"])
    await it.pilot.pause()
    assert it.desk.asked == [{"say": "stop"}]


@before
async def test_what_the_desk_makes_nothing_of_is_said(it: Before) -> None:
    it.desk.errors = ["expected a command such as tempo 120; got 'tmpo'"]
    await it.see()
    assert it.shown("news").startswith("expected a command such as")


@before
async def test_a_pad_that_needs_a_word_begins_the_line_for_it(it: Before) -> None:
    await it.pilot.press("pagedown", "pagedown")
    await it.pilot.mouse_down(it.pad("baptise"))
    await it.pilot.pause()
    assert it.app.screen.query_one(Words).value == "baptise "
    await it.pilot.press(*"verse", "enter")
    await it.pilot.pause()
    assert it.desk.asked == [{"say": "baptise verse"}]


@before
async def test_a_lane_that_is_clicked_on_offers_what_may_be_done_to_lanes(it: Before) -> None:
    await it.see()
    await it.pilot.click(offset=Offset(3, 11))
    await it.pilot.pause()
    assert isinstance(it.app.screen, Palette)
    await it.pilot.press("enter")
    await it.pilot.pause()
    assert it.desk.asked == [{"fire": "mute", "word": "kick"}]


@before
async def test_the_palette_is_narrowed_by_typing_and_enter_does_it(it: Before) -> None:
    await it.pilot.press("question_mark")
    await it.pilot.pause()
    await it.pilot.press(*"half", "enter")
    await it.pilot.pause()
    assert it.desk.asked == [{"fire": "half time"}]
    assert not isinstance(it.app.screen, Palette)


@before
async def test_the_palette_lists_every_control_and_goes_away_at_escape(it: Before) -> None:
    await it.pilot.press("question_mark")
    await it.pilot.pause()
    assert isinstance(it.app.screen, Palette)
    names = {entry.name for entry in it.app.screen.found.values()}
    assert names >= {*TRIGGERS, "density", "shimmer", "genre funk", "quit"}
    await it.pilot.press("escape", "f")
    await it.pilot.pause()
    assert it.desk.asked == [{"fire": "fill"}]


@before
async def test_a_genre_is_chosen_from_the_list(it: Before) -> None:
    await it.pilot.press("pagedown", "pagedown", "pagedown", "down", "enter")
    await it.pilot.pause()
    assert it.desk.asked == [{"choose": "genre", "index": 1}]


@before
async def test_what_every_surface_asked_for_is_listed_the_newest_first(it: Before) -> None:
    presses = [
        Applied(NudgeLevel("fills", 1, seconds), "drums", 20, 20 * TICKS_PER_STEP)
        for seconds in (1.0, 2.0)
    ]
    crash = Applied(command_of("x", 3.0), "drums", 32, 32 * TICKS_PER_STEP)  # type: ignore[arg-type]
    await it.see(answers=(crash, *presses[::-1]))
    await it.see(answers=(crash, *presses[::-1]))
    assert it.app.screen.query_one("#answers Row", Row).text.splitlines() == [
        "crash at 3.1",
        "fills 50% from 2.2",
    ]


@before
async def test_it_ends_when_the_performance_does_and_when_it_is_left(it: Before) -> None:
    await it.pilot.press("q")
    await it.pilot.pause()
    assert it.app.fault is None
    assert not it.app.is_running


@given(
    tempo_bpm=st.floats(20, 320),
    due_seconds=st.floats(0, 100),
    late_seconds=st.floats(0, 1),
)
def test_frames_are_a_tenth_of_a_second_apart_and_begin_with_a_step_where_one_is_near(
    tempo_bpm: float, due_seconds: float, late_seconds: float
) -> None:
    status = replace(PLAYING, song=Timeline(tempo_bpm))
    now_seconds = due_seconds + late_seconds
    found = next_frame_seconds(due_seconds, now_seconds, status)
    assert found >= now_seconds
    assert found - due_seconds >= FRAME_SECONDS - 1e-9
    assert found - max(now_seconds, due_seconds + FRAME_SECONDS) < FRAME_SECONDS
    step_seconds = status.song.seconds_per_tick * TICKS_PER_STEP
    if step_seconds <= FRAME_SECONDS:
        assert status.song.tick_at(found) % TICKS_PER_STEP == 0
