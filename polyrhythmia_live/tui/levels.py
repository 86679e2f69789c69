"""A level of the control table: a slider for a number, a list for a choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from polyrhythmia_live.control.answers import position, value_of
from polyrhythmia_live.control.base import CHOICES, ControlState
from polyrhythmia_live.control.frame import AHEAD, TRAVELLED
from polyrhythmia_live.messages import Choose, Command, NudgeLevel, SetLevel, ShiftLevel, Snapshot
from polyrhythmia_live.rhythm.control import Level
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap

Ask = Callable[[Command], None]

KNOB = "●"
NAME_COLUMNS, VALUE_COLUMNS, KEY_COLUMNS = 13, 11, 5
FOCUSED = "▸"

SHORT_KEYS = {"left": "←", "right": "→", "up": "↑", "down": "↓", "space": "spc"}


def short_keys(keys: Sequence[str]) -> str:
    """Keys as there is room for them."""
    return " ".join(SHORT_KEYS.get(key, key) for key in keys)


def level_keys(level: Level) -> str:
    """The two keys that move a level, as there is room for them: less, more."""
    return short_keys(level.keys[1::-1]) if level.keys else ""


NOTCHES = 20
"""From end to end, for a level that has no keys."""


class Slider(Widget, can_focus=True):
    """A number: dragged, wheeled, nudged by the arrows while it has the focus; double click: usual.

    What it shows is what the snapshot says, but for while it is dragged. What a drag asks for goes
    out with the frames, ten a second.
    """

    DEFAULT_CSS = "Slider { height: 1; }"

    def __init__(self, level: Level, ask: Ask) -> None:
        super().__init__()
        self.level = level
        self._ask = ask
        self._value = level.default
        self._wanted: float | None = None
        """Where it was dragged to, and nobody has been told."""
        self._dragged = False

    def show(self, snapshot: Snapshot) -> None:
        """Take the level's value; ask for what it was dragged to."""
        if self._wanted is not None:
            self._ask(SetLevel(self.level.name, self._wanted))
            self._wanted = None
        elif not self._dragged and (value := value_of(self.level, snapshot)) != self._value:
            self._value = value
            self.refresh()

    def render(self) -> Content:
        """Name, travel, value, keys."""
        level = self.level
        room = self._travel_columns
        at = round(level.to_unit(self._value) * (room - 1))
        travel = TRAVELLED * at + KNOB + AHEAD * (room - 1 - at)
        keys = level_keys(level)
        mark, style = (FOCUSED, "reverse") if self.has_focus else (" ", "")
        return Content.assemble(
            mark,
            (f"{level.name:<{NAME_COLUMNS - 2}}", style),
            f" {travel}{level.written(self._value):>{VALUE_COLUMNS - 1}} ",
            (f" {keys:<{KEY_COLUMNS - 1}}"[: max(0, self.size.width)], "dim"),
        )

    @property
    def _travel_columns(self) -> int:
        return max(4, self.size.width - NAME_COLUMNS - VALUE_COLUMNS - KEY_COLUMNS)

    def nudge(self, presses: int) -> None:
        """As by its keys; a level without any goes a twentieth of its range."""
        level = self.level
        if level.key_step:
            self._ask(NudgeLevel(level.name, presses))
        else:
            self._ask(ShiftLevel(level.name, presses * (level.high - level.low) / NOTCHES))

    def _drag(self, column: int) -> None:
        share = (column - NAME_COLUMNS) / (self._travel_columns - 1)
        self._wanted = self._value = round(self.level.from_unit(min(1.0, max(0.0, share))), 3)
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the knob, where the travel was touched."""
        if NAME_COLUMNS <= event.x < NAME_COLUMNS + self._travel_columns and event.button == 1:
            self._dragged = True
            self.capture_mouse()
            self._drag(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along while the button is down."""
        if self._dragged:
            self._drag(event.x)

    def on_mouse_up(self) -> None:
        """Let go of the knob."""
        if self._dragged:
            self._dragged = False
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Twice: as it usually is."""
        if event.chain == 2:
            self._wanted = self._value = self.level.default
            self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """More."""
        event.stop()
        self.nudge(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Less."""
        event.stop()
        self.nudge(-1)

    def on_key(self, event: events.Key) -> None:
        """The arrows, while it has the focus."""
        if event.key in ("left", "right"):
            event.stop()
            self.nudge(1 if event.key == "right" else -1)


class Entries(OptionList):
    """A choice: its entries, with the one that sounds and the one that was asked for."""

    def __init__(self, level: Level, entries: Sequence[str], meters: MeterMap, ask: Ask) -> None:
        keys = [*level.entry_keys, *" " * len(entries)]
        self._labels = [f"{key} {entry}" for key, entry in zip(keys, entries, strict=False)]
        super().__init__(*(Option(f"  {label}") for label in self._labels), compact=True)
        self.level = level
        self._entries = tuple(entries)
        self._meters = meters
        self._ask = ask
        self._marks = [" "] * len(entries)

    def show(self, snapshot: Snapshot) -> None:
        """Mark what sounds, and what comes."""
        chosen = ControlState.of(snapshot.levels).genre
        at = CHOICES.index(self.level.name)
        wanted = chosen[at][0] if at < len(chosen) else ""
        turn = snapshot.turn if at == 0 else None
        waits = turn is not None and snapshot.tick < turn.line * TICKS_PER_STEP
        sounding = turn.genre if turn is not None and waits else wanted
        for index, entry in enumerate(self._entries):
            mark = "●" if entry == sounding else " "
            label = self._labels[index]
            if waits and turn is not None and entry == wanted:
                mark = "→"
                label += f" at {position(turn.line * TICKS_PER_STEP, self._meters)}"
            if mark != self._marks[index]:
                self._marks[index] = mark
                self.replace_option_prompt_at_index(index, Content(f"{mark} {label}"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose one."""
        event.stop()
        self._ask(Choose(self.level.name, event.option_index))
