"""The word that a trigger is told: how often, on which lane, under which name."""

from __future__ import annotations

from polyrhythmia_live.drums.lanes import GROUPS, LANE
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Trigger, Word

NAME_LENGTH = 40


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


def _expected(trigger: Trigger) -> str:
    if trigger.word is Word.COUNT:
        return f"1 to {trigger.most}"
    if trigger.word is Word.LANE:
        return f"one of {', '.join((*LANE, *GROUPS))}"
    return f"a name of up to {NAME_LENGTH} letters"
