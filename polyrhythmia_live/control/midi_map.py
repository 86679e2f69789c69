"""From MIDI messages on the control port to commands for the brain."""

from __future__ import annotations

from collections.abc import Sequence

from polyrhythmia_live.control.base import CONTROLS, LEVELS, TRIGGERS
from polyrhythmia_live.messages import ChooseGenre, Fill, SetLevel
from polyrhythmia_live.midi.base import DATA_MAX, is_control_change
from polyrhythmia_live.rhythm.control import PEDAL_DOWN, Consumer, Curve, Level

GENRE_HYSTERESIS = 1
"""CC units that a genre knob must travel past a border, so that it does not flicker on it."""

Command = SetLevel | ChooseGenre | Fill


class MidiMap:
    """Listens on every channel. Anything it does not know, or that is malformed, is counted.

    Threads: brain only.
    """

    def __init__(self, genres: Sequence[str]) -> None:
        self.ignored = 0
        self._genre_count = len(genres)
        self._genre_index: int | None = None
        self._levels = {
            level.cc: level
            for level in LEVELS.values()
            if level.cc is not None and level.consumer is Consumer.BRAIN
        }
        self._fill_ccs = frozenset(TRIGGERS["fill"].ccs)
        self._elsewhere = frozenset(
            cc
            for control in CONTROLS
            if control.consumer is Consumer.PLAYER
            for cc in ((control.cc,) if isinstance(control, Level) else control.ccs)
        )
        self._pedals_down: set[int] = set()

    def commands(self, message: bytes) -> tuple[Command, ...]:
        """What a message asks of the brain; usually one command or none."""
        if not is_control_change(message):
            self.ignored += 1
            return ()
        cc, value = message[1], message[2]
        level = self._levels.get(cc)
        if level is not None:
            if level.curve is Curve.CHOICE:
                return self._genre(value)
            return (SetLevel(level.name, level.from_unit(value / DATA_MAX)),)
        if cc in self._fill_ccs:
            return self._pedal(cc, value)
        if cc not in self._elsewhere:
            self.ignored += 1
        return ()

    def _genre(self, value: int) -> tuple[Command, ...]:
        """The knob's travel is divided evenly among the genres."""
        width = (DATA_MAX + 1) / self._genre_count
        index = int(value / width)
        current = self._genre_index
        if current is not None:
            low, high = current * width, (current + 1) * width
            if low - GENRE_HYSTERESIS <= value < high + GENRE_HYSTERESIS:
                return ()
        self._genre_index = index
        return (ChooseGenre(index),)

    def _pedal(self, cc: int, value: int) -> tuple[Command, ...]:
        """A pedal acts when it goes down, once."""
        if value < PEDAL_DOWN:
            self._pedals_down.discard(cc)
            return ()
        if cc in self._pedals_down:
            return ()
        self._pedals_down.add(cc)
        return (Fill(),)
