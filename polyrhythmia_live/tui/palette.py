"""All there is to ask for, with its keys: to be read, narrowed by typing, and chosen from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.tui.row import Row

KEY_COLUMNS, NAME_COLUMNS = 10, 20
HINT = "type to narrow, arrows and Enter or a click to choose, Escape to go back"
MOVES = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to ask for, and what is called when it is chosen."""

    keys: str
    name: str
    about: str
    choose: Callable[[], object]


class Palette(Screen[None]):
    """A list over the whole screen, above the line of news, which goes on."""

    DEFAULT_CSS = "Palette { layout: vertical; } Palette OptionList { height: 1fr; }"

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self.found = dict(enumerate(self._entries))
        """Those that are listed, by their number among all."""
        self._about, self._news = Row(id="about"), Row()
        self._list = OptionList(*self._options(), compact=True)
        self._list.can_focus = False

    def compose(self) -> ComposeResult:
        yield Input(placeholder=HINT, compact=True)
        yield self._list
        yield self._about
        yield self._news

    def on_mount(self) -> None:
        """Begin with the first entry."""
        self.query_one(Input).cursor_blink = False
        self._list.highlighted = 0

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The whole of an explanation that may have been cut off."""
        self._about.put(self._entry(event.option).about)

    def show(self, news: str) -> None:
        """The news, while this covers the rest."""
        self._news.put(news)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what has every word that was typed in its name or its explanation."""
        words = event.value.casefold().split()
        first = choice.key(event.value)
        found = [
            (not choice.key(it.name).startswith(first), number)
            for number, it in enumerate(self._entries)
            if all(word in f"{it.keys} {it.name} {it.about}".casefold() for word in words)
        ]
        self.found = {number: self._entries[number] for _, number in sorted(found)}
        self._list.set_options(self._options())
        self._list.highlighted = 0 if self.found else None

    async def on_key(self, event: events.Key) -> None:
        """Escape, and what moves in the list."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.dismiss()
        elif event.key in MOVES:
            event.stop()
            await self._list.run_action(MOVES[event.key])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the entry that is marked."""
        event.stop()
        if (option := self._list.highlighted_option) is not None:
            self._choose(self._entry(option))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self._choose(self._entry(event.option))

    def _choose(self, entry: Entry) -> None:
        self.dismiss()
        self.app.call_later(entry.choose)

    def _entry(self, option: Option) -> Entry:
        return self._entries[int(option.id or 0)]

    def _options(self) -> Iterator[Option]:
        for number, entry in self.found.items():
            words = Content.assemble(
                (f" {entry.keys:<{KEY_COLUMNS - 1}}", "bold"),
                f"{entry.name:<{NAME_COLUMNS}}",
                (entry.about, "dim"),
            )
            yield Option(words, id=str(number))
