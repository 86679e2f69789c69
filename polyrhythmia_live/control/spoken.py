"""Commands in words, for what no key says: an exact value, a style by name, a tempo to arrive at.

tempo 140                         at once
tempo 140 over 8 bars             evenly, from the next pulse on
tempo 120 -> 140 over 8 bars      the same, from 120
density 70%                       any level of the control table
genre jazz                        any style of the network
genre jazz now                    the same, without waiting for the bar line
half time                         any trigger of the control table
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Choose, Command, Fire, SetLevel
from polyrhythmia_live.rhythm.control import Level

EXAMPLES = "tempo 120 -> 140 over 8 bars, density 70%, genre jazz, half time"

_TEMPO = re.compile(r"(?:(\S+) *-> *)?(\S+?)(?: +over +(\d{1,3}) +bars?)?")


def spoken(text: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    """What a line asks for that was typed at a moment; nothing typed asks for nothing.

    Raises ConfigError, in one line, for what cannot be understood or is out of range.
    """
    words = " ".join(text.casefold().split())
    if not words:
        return ()
    if words in TRIGGERS:
        return (Fire(words, at_seconds),)
    name, _, value = words.partition(" ")
    if name == "genre":
        chosen = Choose(name, _genre(value.removesuffix(" now"), genres), at_seconds)
        return (chosen, Fire("now", at_seconds)) if value.endswith(" now") else (chosen,)
    if name == "tempo":
        return _tempo(value, at_seconds)
    if name in LEVELS:
        return (SetLevel(name, _number(LEVELS[name], value), at_seconds),)
    raise ConfigError(f"expected a command such as {EXAMPLES}; got {text.strip()!r}")


def _genre(name: str, genres: Sequence[str]) -> int:
    if name not in genres:
        raise ConfigError(f"expected one of the genres {', '.join(genres)}; got {name!r}")
    return list(genres).index(name)


def _tempo(value: str, at_seconds: float) -> tuple[Command, ...]:
    found = _TEMPO.fullmatch(value)
    if found is None:
        raise ConfigError(f"expected tempo 120 -> 140 over 8 bars, or part of it; got {value!r}")
    level, (start, end, bars) = LEVELS["tempo"], found.groups()
    begin = () if start is None else (SetLevel(level.name, _number(level, start), at_seconds),)
    return (*begin, SetLevel(level.name, _number(level, end), at_seconds, int(bars or 0)))


def _number(level: Level, text: str) -> float:
    """A value within the level's range. Raises ConfigError."""
    per_cent = level.unit == "%"
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if not level.low <= value <= level.high or (text.endswith("%") and not per_cent):
        low, high = (f"{end:.0%}" if per_cent else f"{end:g}" for end in (level.low, level.high))
        raise ConfigError(f"expected {level.name} {low} to {high}; got {text!r}")
    return value
