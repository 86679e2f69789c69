"""The whole terminal: what a performer sees and may touch, drawn ten times a second at the most."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from polyrhythmia_live.control.keys import (
    HELP_KEY,
    NAMED,
    OTHER_KEY,
    QUIT_KEY,
    WORDS_KEY,
    is_in_foreground,
)
from polyrhythmia_live.control.presses import Presses
from polyrhythmia_live.control.spoken import EXAMPLES, KEYS_IN_WORDS
from polyrhythmia_live.control.status_line import news_line
from polyrhythmia_live.desk.requests import as_request
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import Choose, Command, Fire, Snapshot, Status
from polyrhythmia_live.rhythm.control import Word
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.system.signals import Signals
from polyrhythmia_live.tui.board import STYLE, Board
from polyrhythmia_live.tui.levels import level_keys, short_keys
from polyrhythmia_live.tui.palette import Entry, Palette
from polyrhythmia_live.tui.report import Answers

FRAME_SECONDS = 0.1
"""No two frames are closer than this."""

STDIN = 0

ARROWS = ("up", "down", "left", "right")
ENDS = ("home", "end")
"""They pull and push, where nothing that has the focus scrolls."""


class Whole(App[None]):
    """Draws what a watch has heard, and sends it what is asked for. Threads: the process's main.

    It ends when it is left, when signals ask for that, or with a `fault`.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "leave", priority=True, show=False),
        Binding("ctrl+z", "suspend_job", priority=True, show=False),
    ]
    CSS = STYLE

    def __init__(self, watch: Watch, signals: Signals) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"  # of it, only what the terminal has: light or dark is its own
        self.fault: PolyrhythmiaError | None = None
        self._watch = watch
        self._presses = Presses(watch.genres)
        self._answers = Answers(watch.genres, watch.meters)
        self._board = Board(watch, self.ask, self.ask_in_words, self._open_lane)
        self._due_seconds = 0.0
        self._signals = signals

    def get_default_screen(self) -> Screen[Any]:
        """The board, for as long as nothing is before it."""
        return self._board

    def on_mount(self) -> None:
        """Begin to draw."""
        self.run_worker(self._frames())

    # frames

    async def _frames(self) -> None:
        """Draw what has come, again and again, until it is left or there is nothing to see."""
        try:
            while not self._signals.ending:
                status = self.turn().status
                now_seconds = time.monotonic()
                self._due_seconds = next_frame_seconds(self._due_seconds, now_seconds, status)
                await asyncio.sleep(self._due_seconds - now_seconds)
        except PolyrhythmiaError as error:
            self.fault = error
        self.exit()

    def turn(self) -> Snapshot:
        """One frame. Raises PolyrhythmiaError where the performance has ended, or the desk."""
        for error in self._watch.hear():
            self._answers.say(error)
            self._presses.remark(error, time.monotonic())
        snapshot = self._watch.snapshot()
        self._answers.follow(snapshot)
        self._draw(self._presses.remarked(snapshot))
        return snapshot

    def _draw(self, snapshot: Snapshot) -> None:
        if isinstance(self.screen, Palette):
            self.screen.show(news_line(snapshot, self._watch.meters, self.size.width))
        else:
            self._board.show(snapshot, self._answers.lines)

    # what is asked for

    def ask(self, command: Command) -> None:
        """Send a command; what becomes of it comes with a snapshot."""
        self._presses.forget()
        self._send(**as_request(command))

    def _send(self, **request: Any) -> None:
        try:
            self._watch.send(**request)
        except PolyrhythmiaError as error:
            self.fault = error
            self.exit()

    def ask_in_words(self, begun: str = "") -> None:
        """Open the line for words, with a name typed already."""
        self._board.words.open(f"{begun} " if begun else "")

    def on_key(self, event: events.Key) -> None:
        """The keys of `play`, where nothing that has the focus has use for the key."""
        if isinstance(self.screen, Palette):
            return
        if event.key == "escape":
            event.prevent_default()
            self._board.set_focus(None)
        elif self.focused is self._board.words:
            if event.is_printable and event.character:  # typed before it had the focus
                self._board.words.insert_text_at_cursor(event.character)
        elif event.key in ARROWS and self._board.walk(event.key):
            event.prevent_default()  # it would scroll the panel
        elif event.key not in self.active_bindings:
            self._press(_name(event))

    def _press(self, key: str) -> None:
        if key == QUIT_KEY:
            self.exit()
        elif key == HELP_KEY:
            self.push_screen(Palette(tuple(self._entries())))
        elif key == WORDS_KEY:
            self.ask_in_words()
        elif command := self._presses.command(key, time.monotonic()):
            self._send(**as_request(command))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was typed, to the desk, which knows the words."""
        words = " ".join(event.value.split())
        self._board.set_focus(None)
        if key := KEYS_IN_WORDS.get(words.casefold(), ""):
            self._press(key)
        elif words:
            self._presses.forget()
            self._send(say=words)

    def _open_lane(self, lane: str) -> None:
        """What may be done to a lane, where the table has anything of that kind."""
        entries = [
            Entry("", f"{it.name} {lane}", it.about, partial(self.ask, Fire(it.name, word=lane)))
            for it in self._watch.triggers
            if it.word is Word.LANE
        ]
        for level in self._watch.levels:
            if level.by_lane:
                words = f"{level.name} {lane}"
                entries.append(Entry("", words, level.about, partial(self.ask_in_words, words)))
        if entries:
            self.push_screen(Palette(entries))

    def _entries(self) -> Iterator[Entry]:
        """All that there is to ask for."""
        for pad in self._board.pads:
            it = pad.trigger
            about = f"{it.takes_effect}: {it.about}" if it.about else it.takes_effect
            yield Entry(short_keys(it.keys[:1]), it.name, about, pad.strike)
        for slider in self._board.sliders:
            level = slider.level
            yield Entry(
                level_keys(level), level.name, level.about, partial(self.ask_in_words, level.name)
            )
        for entries in self._board.choices:
            level = entries.level
            for index, name in enumerate(self._watch.genres):
                choose = partial(self.ask, Choose(level.name, index))
                key = level.entry_keys[index : index + 1]
                yield Entry(key, f"{level.name} {name}", level.takes_effect, choose)
        about = "the next one; arrows and Enter within it, Escape leaves it"
        yield Entry("PgDn PgUp", "panels", about, partial(self._board.action_panel, 1))
        yield Entry(WORDS_KEY, "words", f"then Enter: {EXAMPLES}", self.ask_in_words)
        yield Entry(QUIT_KEY, "quit", "ends `play`, or leaves what plays", self.exit)

    # ends

    def action_leave(self) -> None:
        """As `q`, also while something else has the keys."""
        self.exit()

    def action_suspend_job(self) -> None:
        """Ctrl-Z, as a terminal has it: every process of the job is stopped."""
        with self.suspend():  # the shell has the terminal as it was, before it has it at all
            os.killpg(0, signal.SIGTSTP)
            while not is_in_foreground(STDIN):  # continued by `bg`, and no signal tells of `fg`
                time.sleep(FRAME_SECONDS)


def next_frame_seconds(due_seconds: float, now_seconds: float, status: Status | None) -> float:
    """When the next frame is due, if the last one was at `due_seconds`, on the monotonic clock.

    As a step begins, where one soon does: the playhead is to be where the sound is.
    """
    next_seconds = max(due_seconds + FRAME_SECONDS, now_seconds)
    if status is None or status.transport is Transport.STOPPED:
        return next_seconds
    step = status.song.tick_at(next_seconds) // TICKS_PER_STEP + 1
    begins_seconds = status.song.time_at(step * TICKS_PER_STEP)
    return begins_seconds if begins_seconds - next_seconds < FRAME_SECONDS else next_seconds


def _name(event: events.Key) -> str:
    """The key, as `control.keys` names it."""
    character = event.character or ""
    if event.key in (*ARROWS, *ENDS):
        return event.key
    if character in NAMED:
        return NAMED[character]
    return character.lower() if len(character) == 1 and character.isprintable() else OTHER_KEY
