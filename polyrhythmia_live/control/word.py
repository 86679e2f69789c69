"""The word that a trigger is told: how often, on which lane, under which name, what voice."""

from __future__ import annotations

from polyrhythmia_live.drums.lanes import GROUPS, LANE
from polyrhythmia_live.messages import DRUMS
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Trigger, Word
from polyrhythmia_live.rhythm.part import OFF, Part

NAME_LENGTH = 40
RATIO_MAX = 16
"""Of more against one nobody hears which."""


def read_word(trigger: Trigger, text: str) -> str:
    """The word as a `Fire` has it, from what was typed; empty where none was and none is needed.

    Lanes are their names with blanks between them, in the order of the lanes; empty = all.
    Raises ValueError, in one line, for a word that the trigger has no use for, or lacks.
    """
    typed = " ".join(text.casefold().split())
    if not typed:
        if not trigger.bare:
            raise ValueError(f"expected {trigger.name} and {_expected(trigger)}")
        return ""
    if trigger.word is Word.COUNT:
        if not (typed.isdecimal() and 1 <= int(typed) <= trigger.most):
            raise ValueError(f"expected {trigger.name} {_expected(trigger)}; got {text!r}")
        return str(int(typed))
    if trigger.word is Word.LANE:
        lanes = read_lanes(typed, f"{trigger.name} and {_expected(trigger)}")
        return "" if len(lanes) == len(LANE) and trigger.bare else " ".join(lanes)
    if trigger.word is Word.NAME:
        if len(typed) > NAME_LENGTH or not choice.key(typed) or not typed.isprintable():
            raise ValueError(f"expected {trigger.name} and {_expected(trigger)}; got {text!r}")
        return typed
    if trigger.word is Word.VOICE:
        name, *words = typed.split()
        return f"{_voice(name)} {OFF}" if words == [OFF] else str(read_part(typed))
    raise ValueError(f"expected {trigger.name} without a word; got {text!r}")


def read_lanes(typed: str, expected: str) -> tuple[str, ...]:
    """The lanes that are named, singly or in groups, in their order: "kick, toms", "closed hat".

    Raises ValueError, in one line: what was `expected`, what came, what may have been meant.
    """
    names = {**{lane: (lane,) for lane in LANE}, **GROUPS}
    parts = [part for part in typed.replace(",", " ").split() if part != "and"]
    found: set[str] = set()
    while parts:
        two = " ".join(parts[:2])
        name = choice.exactly(two, names)
        del parts[: 2 if name else 1]
        found.update(names[name or choice.choose(two.split()[0], names, expected)])
    if not found:
        raise ValueError(f"expected {expected}; got {typed!r}")
    return tuple(lane for lane in LANE if lane in found)


def read_part(typed: str) -> Part:
    """The part that is written as `bell 7:4 ride` or `hats 5/4 closed hat and open hat`.

    Raises ValueError, in one line, for what is none.
    """
    name, *words = typed.casefold().replace(",", " ").split() or [""]
    cycle = [word for word in words if ":" in word or "/" in word]
    others = " ".join(word for word in words if word not in cycle)
    expected = f"a voice such as 'bell 7:4 ride', with lanes among {', '.join((*LANE, *GROUPS))}"
    part = Part.parse(" ".join((_voice(name), *cycle, *read_lanes(others, expected))))
    if max(part.ratio.numerator, part.ratio.denominator) > RATIO_MAX:
        raise ValueError(f"expected a ratio of numbers up to {RATIO_MAX}; got {part.ratio}")
    return part


def _voice(name: str) -> str:
    if not name.isidentifier() or name == DRUMS or len(name) > NAME_LENGTH:
        raise ValueError(f"expected a name of letters for a voice, not '{DRUMS}'; got {name!r}")
    return name


def _expected(trigger: Trigger) -> str:
    if trigger.word is Word.COUNT:
        return f"1 to {trigger.most}"
    if trigger.word is Word.LANE:
        return f"one of {', '.join((*LANE, *GROUPS))}"
    if trigger.word is Word.VOICE:
        return "a name, a ratio or meter, and lanes (bell 7:4 ride), or a name and off"
    return f"a name of up to {NAME_LENGTH} letters"
