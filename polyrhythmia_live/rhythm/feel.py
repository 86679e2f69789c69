"""Half time, normal time, double time: how fast the drummer goes through bars of the same pulse."""

from __future__ import annotations

import enum


class Feel(enum.Enum):
    """The value is how many of its own bars the song plays in a bar of the clock's."""

    HALF = 0.5
    NORMAL = 1.0
    DOUBLE = 2.0

    @property
    def halved(self) -> Feel:
        """Half as fast; there is nothing slower than half time."""
        return Feel(max(Feel.HALF.value, self.value / 2))

    @property
    def doubled(self) -> Feel:
        """Twice as fast; there is nothing faster than double time."""
        return Feel(min(Feel.DOUBLE.value, self.value * 2))

    def __str__(self) -> str:
        return f"{self.name.lower()} time"
