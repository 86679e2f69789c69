"""The word that a trigger is told: how often, on which lane, under which name."""

from __future__ import annotations

from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Trigger, Word

NAME_LENGTH = 40


def read_word(trigger: Trigger, text: str) -> str:
    """The word as a `Fire` has it, from what was typed; empty where none was and none is needed.

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
        return choice.choose(typed, LANE, f"{trigger.name} and {_expected(trigger)}")
    if trigger.word is Word.NAME:
        if len(typed) > NAME_LENGTH or not choice.key(typed) or not typed.isprintable():
            raise ValueError(f"expected {trigger.name} and {_expected(trigger)}; got {text!r}")
        return typed
    raise ValueError(f"expected {trigger.name} without a word; got {text!r}")


def _expected(trigger: Trigger) -> str:
    if trigger.word is Word.COUNT:
        return f"1 to {trigger.most}"
    if trigger.word is Word.LANE:
        return f"one of {', '.join(LANE)}"
    return f"a name of up to {NAME_LENGTH} letters"
