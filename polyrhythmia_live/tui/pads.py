"""A trigger of the control table, as a pad that is struck, or held."""

from __future__ import annotations

from collections.abc import Callable, Collection

from textual import events
from textual.content import Content
from textual.widget import Widget

from polyrhythmia_live.control.columns import cut_to
from polyrhythmia_live.messages import Fire, Press
from polyrhythmia_live.rhythm.control import Trigger
from polyrhythmia_live.tui.levels import FOCUSED, Ask, short_keys

GOES_ON = "●"
"""What was asked for is still to come, or not over."""

TOLD = "…"
"""It takes a word."""


class Pad(Widget, can_focus=True):
    """Strikes as the button goes down; a trigger that can be held lasts until it comes up again.

    `on_word` is called with the name of a trigger that is to be told a word: one that needs one, or
    any that takes one, by the other button. Enter strikes the pad that has the focus.
    """

    DEFAULT_CSS = "Pad { height: 1; }"
    FOCUS_ON_CLICK = False  # the arrows stay what they were

    def __init__(self, trigger: Trigger, ask: Ask, on_word: Callable[[str], None]) -> None:
        super().__init__()
        self.trigger = trigger
        self._ask = ask
        self._on_word = on_word
        self._down = self._goes_on = False

    def show(self, going_on: Collection[str]) -> None:
        """Mark it while what it asked for goes on."""
        goes_on = self.trigger.name in going_on
        if goes_on != self._goes_on:
            self._goes_on = goes_on
            self.refresh()

    def render(self) -> Content:
        """Its name and its keys, between brackets."""
        trigger = self.trigger
        mark = FOCUSED if self.has_focus else GOES_ON if self._goes_on else "["
        name = trigger.name + (TOLD if trigger.word is not None else "")
        keys = short_keys(trigger.keys[:1])
        room = self.size.width - 3  # brackets, and a column to the next one
        label = f"{cut_to(name, room - len(keys) - 1):<{max(0, room - len(keys))}}"
        down = self._down or self.has_focus
        style = "reverse" if down else "bold" if self._goes_on else ""
        return Content.assemble(mark, (label, style), (keys, style or "dim"), "]")

    def strike(self) -> None:
        """Fire it, or ask for the word that it needs."""
        if not self.trigger.bare:
            self._on_word(self.trigger.name)
        else:
            self._ask(Fire(self.trigger.name))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """As early as the button."""
        if event.button != 1:
            if self.trigger.word is not None:
                self._on_word(self.trigger.name)
            return
        if not self.trigger.held:
            self.strike()
            return
        self._down = True
        self.capture_mouse()
        self._ask(Fire(self.trigger.name, press=Press.DOWN))
        self.refresh()

    def on_mouse_up(self) -> None:
        """Let go of what was held."""
        if self._down:
            self._down = False
            self.release_mouse()
            self._ask(Fire(self.trigger.name, press=Press.UP))
            self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Enter, while it has the focus."""
        if event.key == "enter":
            event.stop()
            self.strike()
