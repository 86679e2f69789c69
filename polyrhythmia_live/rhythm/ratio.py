"""A voice's ratio to the beat: how fast it goes through bars of the same clock."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"\s*(\d+)\s*:\s*(\d+)\s*", flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of the voice's own beats, or bars, in the time of so many of the clock's; 3:2, 7:4.

    It is kept in its lowest terms, so 4:2 is 2:1. Raises ValueError for a number below 1.
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.numerator < 1 or self.denominator < 1:
            raise ValueError(
                f"both numbers of a ratio must be 1 or more, "
                f"got {self.numerator}:{self.denominator}"
            )
        common = math.gcd(self.numerator, self.denominator)
        object.__setattr__(self, "numerator", self.numerator // common)
        object.__setattr__(self, "denominator", self.denominator // common)

    @classmethod
    def parse(cls, text: str) -> Ratio:
        """The ratio in `3:2`; spaces mean nothing. `str` writes it again.

        Raises ValueError with what was expected and what came.
        """
        written = _WRITTEN.fullmatch(text)
        if written is None or 0 in (numbers := [int(number) for number in written.groups()]):
            raise ValueError(f"expected a ratio such as 3:2 or 7:4, got {text!r}")
        return cls(*numbers)

    @property
    def halved(self) -> Ratio:
        """Half as fast; what would be slower than half time stays as it is."""
        slower = Ratio(self.numerator, 2 * self.denominator)
        return slower if slower.denominator <= 2 * slower.numerator else self

    @property
    def doubled(self) -> Ratio:
        """Twice as fast; what would be faster than double time stays as it is."""
        faster = Ratio(2 * self.numerator, self.denominator)
        return faster if faster.numerator <= 2 * faster.denominator else self

    @property
    def in_words(self) -> str:
        """For the performer: `half time`, `normal time`, `double time`, else `3:2`."""
        return _WORDS.get(self, str(self))

    def __str__(self) -> str:
        return f"{self.numerator}:{self.denominator}"


HALF_TIME, NORMAL_TIME, DOUBLE_TIME = Ratio(1, 2), Ratio(1, 1), Ratio(2, 1)
_WORDS = {HALF_TIME: "half time", NORMAL_TIME: "normal time", DOUBLE_TIME: "double time"}
