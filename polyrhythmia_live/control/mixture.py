"""Two genres in one line: `rock 60 jazz`, `rock 60% jazz 40%`, `60% rock 40% jazz`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Weights

_SHARE, _NAME = r"(\d{1,3})(?: ?%)?", r"([^\d%]+)"
_FIRST_THEN = re.compile(rf"{_NAME} {_SHARE} {_NAME}(?: {_SHARE})?")
_SHARES_FIRST = re.compile(rf"{_SHARE} {_NAME} {_SHARE} {_NAME}")


def read_mixture(words: str, genres: Sequence[str]) -> tuple[str, str, float] | None:
    """The genre, the one that it morphs towards, and how far; None where no two are named.

    One share is that of the genre before it, in per cent; of two, what counts is their proportion.
    Raises ValueError, in one line, for shares that there cannot be.
    """
    if found := _SHARES_FIRST.fullmatch(words):
        first_share, first, second_share, second = found.groups()
    elif found := _FIRST_THEN.fullmatch(words):
        first, first_share, second, second_share = found.groups()
    else:
        return None
    begun = [_genre(typed, genres) for typed in (first, second)]
    if begun[0] is None or begun[1] is None:
        return None
    one = int(first_share)
    other = 100 - one if second_share is None else int(second_share)
    if other < 0 or one + other == 0:
        raise ValueError(f"expected a mixture such as rock 60 jazz; got {words!r}")
    return begun[0], begun[1], other / (one + other)


def read_genre(typed: str, genres: Sequence[str], expected: str) -> Weights:
    """A genre, or a mixture of two, as `ControlState.genre_words` writes it among others.

    Raises ValueError, in one line, for what is none.
    """
    mixture = read_mixture(" ".join(typed.casefold().split()), genres)
    if mixture is None:
        return ((choice.choose(typed, genres, expected), 1.0),)
    genre, towards, share = mixture
    return ControlState(((genre, 1.0),)).with_towards(towards).with_morph(share).genre


def _genre(typed: str, genres: Sequence[str]) -> str | None:
    begun = choice.beginning(typed, genres)
    return choice.exactly(typed, genres) or (begun[0] if len(begun) == 1 else None)
