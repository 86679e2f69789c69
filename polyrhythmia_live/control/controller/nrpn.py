"""Non-registered parameters: MIDI 1.0 names one with CC 99 and 98, and moves it with CC 6 and 38.

CC 96 and 97 move it by a click. What was named stays so until another is, or a registered one.
"""

from __future__ import annotations

from polyrhythmia_live.control.controller.base import FINE_MAX
from polyrhythmia_live.midi.base import DATA_MAX

DATA_HIGH, DATA_LOW, INCREMENT, DECREMENT = 6, 38, 96, 97
_NAMES_LOW, _NAMES_HIGH, _NAMES_OTHER = 98, 99, (100, 101)


class NrpnChannel:
    """What has been named on one channel, and where it stands.

    Threads: the port's own. Real-time: yes.
    """

    def __init__(self) -> None:
        self._name = FINE_MAX
        self._fine = 0

    @property
    def number(self) -> int | None:
        """The parameter that data is for; None = none, or a registered one."""
        return None if self._name == FINE_MAX else self._name

    def names(self, cc: int, value: int) -> bool:
        """Whether a control change names a parameter; it is then for the next data."""
        if cc == _NAMES_HIGH:
            self._name = value << 7 | self._name & DATA_MAX
        elif cc == _NAMES_LOW:
            self._name = self._name & DATA_MAX << 7 | value
        elif cc in _NAMES_OTHER:
            self._name = FINE_MAX
        else:
            return False
        return True

    def position(self, cc: int, value: int) -> float:
        """Where the parameter stands, in CC units, by the data of CC 6 or 38.

        The high byte counts at once; so that it reaches the end without a low one, it is both.
        """
        if cc == DATA_HIGH:
            self._fine = value << 7 | value
        else:
            self._fine = self._fine & DATA_MAX << 7 | value
        return self._fine / FINE_MAX * DATA_MAX
