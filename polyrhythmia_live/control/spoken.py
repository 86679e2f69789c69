"""Commands in words, for what no key says: an exact value, a style by name, a tempo to arrive at.

tempo 140 (or just 140)           at once
tempo +4                          by so much
tempo 140 over 8 (bars)           evenly, from the next pulse on; while stopped, from the start on
tempo 120 -> 140 over 8 bars      the same, from 120
energy 90 over 16                 as the tempo
density 70 (70%, 0.7, +10, -5%)   any level of the control table
level kick 80%                    a level that each lane has, or (without one) the whole voice
mute hats (or mute kick, toms)    a trigger, and the lanes that it is for
genre jazz (or just jazz)         any style of the network
genre jazz now (or jazz now)      the same, without waiting for the bar line
rock 60 jazz                      60 % rock and 40 % jazz; also rock 60% jazz 40%
half time                         any trigger of the control table, and its word if it takes one

Names need neither capitals nor blanks nor hyphens, nor more than tells them from others. Where a
name could be two things, the trigger comes before the level, and that before the style; but a
level needs a value, so swing alone is the style.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.keys import HELP_KEY, QUIT_KEY
from polyrhythmia_live.control.mixture import read_mixture
from polyrhythmia_live.control.word import read_lanes, read_word
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Choose, Command, Fire, SetLevel, ShiftLevel
from polyrhythmia_live.rhythm import choice

EXAMPLES = "tempo 120 -> 140 over 8 bars, density 70%, genre jazz, half time"

KEYS_IN_WORDS = {"q": QUIT_KEY, "quit": QUIT_KEY, "exit": QUIT_KEY, "help": HELP_KEY, "?": HELP_KEY}
"""What is no command of the music: the key that does the same."""

WORDED = tuple(trigger.name for trigger in TRIGGERS.values() if trigger.word is not None)

RAMPS = {
    "tempo": "tempo 120 -> 140 over 8 bars",
    "energy": "energy 50% -> 90% over 16 bars",
}

_RAMP = re.compile(r"(?:(\S+) *-> *)?(\S+?(?: bpm)?)(?: +over +(\d{1,3})(?: +bars?)?)?")


def spoken(text: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    """What a line asks for that was typed at a moment; nothing typed asks for nothing.

    Raises ConfigError, in one line, for what cannot be understood or is out of range.
    """
    words = " ".join(text.casefold().split())
    try:
        return _understood(words, genres, at_seconds) if words else ()
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _understood(words: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    if mixed := _mixed(words, genres, at_seconds):
        return mixed
    if words[0].isdecimal():
        return _ramp("tempo", words, at_seconds)
    if fired := _worded(words, at_seconds):
        return (fired,)
    name, _, value = words.partition(" ")
    begun = choice.beginning(name, LEVELS) if value else ()
    level = choice.exactly(name, LEVELS) or (begun[0] if len(begun) == 1 else None)
    is_style = value in ("", "now") and choice.exactly(name, genres) is not None
    if level is not None and not is_style:
        return _level(level, value, genres, at_seconds)
    if genre := choice.exactly(words.removesuffix(" now"), genres):
        now = " now" if words.endswith(" now") else ""
        return _level("genre", genre + now, genres, at_seconds)
    if len(triggers := choice.beginning(words, TRIGGERS)) == 1:
        return (_fire(triggers[0], "", at_seconds),)
    found = choice.choose(words, (*TRIGGERS, *LEVELS, *genres), f"a command such as {EXAMPLES}")
    if found in TRIGGERS:
        return (_fire(found, "", at_seconds),)
    if found in LEVELS:
        return _level(found, "", genres, at_seconds)
    return _level("genre", found, genres, at_seconds)


def _worded(words: str, at_seconds: float) -> Fire | None:
    """The trigger whose whole name begins the words, and the word that it is told."""
    if trigger := choice.exactly(words, TRIGGERS):
        return _fire(trigger, "", at_seconds)
    parts = words.split()
    for told in range(len(parts) - 1, 0, -1):
        trigger = choice.exactly(" ".join(parts[:told]), WORDED)
        if trigger is not None:
            return _fire(trigger, " ".join(parts[told:]), at_seconds)
    return None


def _fire(name: str, word: str, at_seconds: float) -> Fire:
    return Fire(name, at_seconds, word=read_word(TRIGGERS[name], word))


def _mixed(words: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    """What a mixture of two genres asks for; nothing where the words are none."""
    wanted = words.removeprefix("genre ")
    mixture = read_mixture(wanted.removesuffix(" now"), genres)
    if mixture is None:
        return ()
    genre, towards, share = mixture
    numbers = list(genres)
    now = (Fire("now", at_seconds),) if wanted.endswith(" now") else ()
    return (
        Choose("genre", numbers.index(genre), at_seconds),
        Choose("towards", numbers.index(towards), at_seconds),
        SetLevel("morph", share, at_seconds),
        *now,
    )


def _level(name: str, value: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    if name == "genre":
        now = value.endswith(" now")
        chosen = choice.choose(value.removesuffix(" now"), genres, "a genre such as jazz")
        choose = Choose(name, list(genres).index(chosen), at_seconds)
        return (choose, Fire("now", at_seconds)) if now else (choose,)
    if name == "towards":
        chosen = choice.choose(value, genres, "a genre such as jazz")
        return (Choose(name, list(genres).index(chosen), at_seconds),)
    if LEVELS[name].ramps:
        return _ramp(name, value, at_seconds)
    if LEVELS[name].by_lane:
        return _by_lane(name, value, at_seconds)
    return (_change(name, value, at_seconds),)


def _by_lane(name: str, value: str, at_seconds: float) -> tuple[Command, ...]:
    """A change for each lane that is named before it; for the voice where none or all are."""
    named, _, amount = value.replace(" %", "%").rpartition(" ")
    change = _change(name, amount, at_seconds)
    if not named:
        return (change,)
    lanes = read_lanes(named, f"{name} kick 80%, or such")
    return tuple(replace(change, lane=lane) for lane in (lanes if len(lanes) < len(LANE) else [""]))


def _ramp(name: str, value: str, at_seconds: float) -> tuple[Command, ...]:
    found = _RAMP.fullmatch(value)
    if found is None:
        raise ValueError(f"expected {RAMPS[name]}, or part of it; got {value!r}")
    start, end, bars = found.groups()
    begin = () if start is None else (_change(name, start, at_seconds),)
    return (*begin, _change(name, end, at_seconds, int(bars or 0)))


def _change(name: str, text: str, at_seconds: float, bars: int = 0) -> SetLevel | ShiftLevel:
    level = LEVELS[name]
    if text[:1] in ("+", "-"):
        return ShiftLevel(name, level.read_change(text), at_seconds, bars)
    return SetLevel(name, level.read(text), at_seconds, bars)
