"""The board: header, grid, panels, news and the line for words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from polyrhythmia_live.control.answers import to_come
from polyrhythmia_live.control.keys import HELP_KEY, QUIT_KEY, WORDS_KEY
from polyrhythmia_live.control.spoken import EXAMPLES
from polyrhythmia_live.control.status_line import news_line
from polyrhythmia_live.desk.watch import Watch
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.control import Curve
from polyrhythmia_live.tui.levels import Ask, Entries, Slider
from polyrhythmia_live.tui.pads import Pad
from polyrhythmia_live.tui.picture import Picture
from polyrhythmia_live.tui.report import header, ports
from polyrhythmia_live.tui.row import Row

WIDTHS: list[tuple[int, str]] = [(0, "-slim"), (76, "-narrow"), (110, "-wide")]
"""Fewer sliders and pads in a row; one panel at a time; all in sight if it is tall as well."""

HEIGHTS: list[tuple[int, str]] = [(0, "-low"), (20, "-high"), (34, "-tall")]
"""No room for the grid; for that and a panel; for all."""

HINT = f"{HELP_KEY} all keys and commands   {WORDS_KEY} words   PgDn panels   {QUIT_KEY} quits"


LIST, TEXT = "-list", "-text"
"""The kinds of panels that are no grid of sliders or pads."""

STYLE = """
#header { text-style: bold; }
#panels { height: 1fr; layout: vertical; }
Panel, #below { display: none; height: 1fr; }
Panel { scrollbar-size-vertical: 1; }
Panel.-in-front, #below.-in-front { display: block; }
#levels { layout: grid; grid-size: 2; grid-rows: 1; grid-gutter: 0 1; }
#triggers { layout: grid; grid-size: 6; grid-rows: 1; }
Panel > Row { height: auto; }
.-slim #levels { grid-size: 1; }
.-slim #triggers { grid-size: 3; }
.-low Picture { display: none; }
Entries { scrollbar-size-vertical: 1; height: auto; max-height: 1000; }
OptionList > .option-list--option-highlighted {
    color: ansi_default; background: ansi_default; text-style: none;
}
.input--cursor { color: ansi_default; background: ansi_default; text-style: reverse; }
OptionList:focus > .option-list--option-highlighted, Palette .option-list--option-highlighted {
    color: ansi_default; background: ansi_default; text-style: reverse;
}
Palette OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
Palette #about { height: 2; }
OptionList > .option-list--option-hover { background: ansi_default; text-style: underline; }
.-wide.-tall #tabs { display: none; }
.-wide.-tall Picture { margin-bottom: 1; }
.-wide.-tall Panel, .-wide.-tall #below { display: block; }
.-wide.-tall Panel { border-top: solid ansi_default; border-title-style: bold; }
.-wide.-tall #levels { grid-size: 3; height: auto; }
.-wide.-tall #triggers { grid-size: 7; height: auto; }
.-wide.-tall Panel.-list { width: 22; }
"""


class Panel(VerticalScroll):
    """A part of the board that may be the only one there is room for; it scrolls if it must.

    One of mere text has the focus itself, for the arrows to scroll it.
    """

    def __init__(self, title: str, inside: Iterable[Widget], kind: str = "") -> None:
        super().__init__(*inside, id=title, classes=kind, can_focus=kind == TEXT)
        self.border_title = title

    @property
    def first_stop(self) -> Widget | None:
        """What takes the focus, where anything does."""
        return next((it for it in (self, *self.children) if it.can_focus), None)


class Words(Input):
    """A command in words, while it has the focus; at other times it says what else there is."""

    def __init__(self, names: Sequence[str]) -> None:
        suggested = SuggestFromList(names, case_sensitive=False)
        super().__init__(compact=True, placeholder=HINT, suggester=suggested, select_on_focus=False)
        self.cursor_blink = False

    def open(self, begun: str) -> None:
        """Take words, with some of them typed already."""
        self.value = begun
        self.cursor_position = len(begun)
        self.placeholder = EXAMPLES
        self.screen.set_focus(self)

    def on_focus(self) -> None:
        """It was clicked on."""
        self.placeholder = EXAMPLES

    def on_blur(self) -> None:
        """What was begun is given up."""
        self.value = ""
        self.placeholder = HINT


class Board(Screen[None], inherit_bindings=False):
    """A function of the snapshot; what is touched goes to `ask`, and what needs a word says so.

    The panels are made from the table. Threads: the event loop's.
    """

    AUTO_FOCUS = ""  # the keys are the performance's until a panel is asked for
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "panel(1)", show=False, priority=True),
        Binding("pageup", "panel(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        watch: Watch,
        ask: Ask,
        on_word: Callable[[str], None],
        on_lane: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._meters = watch.meters
        self.sliders = [Slider(it, ask) for it in watch.levels if it.curve is not Curve.CHOICE]
        self.choices = [
            Entries(it, watch.genres, watch.meters, ask)
            for it in watch.levels
            if it.curve is Curve.CHOICE
        ]
        self.pads = [Pad(it, ask, on_word) for it in watch.triggers]
        self._text = {name: Row(id=name) for name in ("header", "tabs", "news")}
        self._picture = Picture(watch.meters, on_lane)
        self._ports, self._answers = Row(), Row()
        self._panels = [
            Panel("levels", self.sliders),
            Panel("triggers", self.pads),
            *(Panel(it.level.name, [it], LIST) for it in self.choices),
            Panel("ports", [self._ports], TEXT),
            Panel("answers", [self._answers], TEXT),
        ]
        self._front = self._panels[0]
        self._below = Horizontal(*self._panels[2:], id="below")
        names = [*(it.name for it in watch.triggers), *(it.name for it in watch.levels)]
        self.words = Words([*names, *watch.genres])

    def compose(self) -> ComposeResult:
        yield self._text["header"]
        yield self._picture
        yield self._text["tabs"]
        with Vertical(id="panels"):
            yield from (*self._panels[:2], self._below)
        yield self._text["news"]
        yield self.words

    def on_mount(self) -> None:
        """What stands still."""
        self._bring_to_front(self._front)

    def show(self, snapshot: Snapshot, answers: Iterable[str]) -> None:
        """Draw what has changed."""
        columns = self.size.width
        self._text["header"].put(header(snapshot, self._meters, columns))
        self._text["news"].put(news_line(snapshot, self._meters, columns))
        self._picture.show(snapshot)
        for slider in self.sliders:
            slider.show(snapshot)
        for entries in self.choices:
            entries.show(snapshot)
        going_on = {name for name, _ in to_come(snapshot, self._meters)}
        for pad in self.pads:
            pad.show(going_on)
        self._ports.put("\n".join(ports(snapshot)), grows=True)
        self._answers.put("\n".join(answers), grows=True)

    # panels

    def action_panel(self, way: int) -> None:
        """The next panel, or the one before: into sight, and its first part under the arrows."""
        is_inside = self.focused is not None and self._front in self.focused.ancestors_with_self
        at = self._panels.index(self._front) + (way if is_inside else 0)
        self._bring_to_front(self._panels[at % len(self._panels)])
        self.set_focus(self._front.first_stop)

    def action_front(self, title: str) -> None:
        """A panel by its title: its tab was clicked on."""
        self._bring_to_front(next(it for it in self._panels if it.id == title))

    def _bring_to_front(self, front: Panel) -> None:
        self._front = front
        tabs = []
        for panel in self._panels:
            panel.set_class(panel is front, "-in-front")
            self._below.set_class(front in self._panels[2:], "-in-front")
            style = "reverse " if panel is front else ""
            tabs.append(f"[{style}@click=screen.front('{panel.id}')] {panel.id} [/]")
        self._text["tabs"].put_markup(" ".join(tabs))

    def walk(self, arrow: str) -> bool:
        """To the nearest slider or pad in a direction; False where neither has the focus."""
        here = self.focused
        if not isinstance(here, Slider | Pad):
            return False
        stops = self.sliders if isinstance(here, Slider) else self.pads
        found = [
            (distance, number)
            for number, it in enumerate(stops)
            if (distance := _distance(here.region, it.region, arrow))
        ]
        if found:
            self.set_focus(stops[min(found)[1]])
        return True


def _distance(here: Region, there: Region, arrow: str) -> tuple[int, int] | None:
    """How far away in a direction, the lesser turn first; None where it is not on that side."""
    across, down = there.x - here.x, there.y - here.y
    if arrow in ("left", "right"):
        along = across if arrow == "right" else -across
        return (abs(down), along) if along > 0 else None
    along = down if arrow == "down" else -down
    return (abs(across), along) if along > 0 else None
