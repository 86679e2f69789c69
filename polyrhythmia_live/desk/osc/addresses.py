"""The addresses, made from the control table: what is asked there, and what is told there.

/polyrhythmia/density 0.7            a level, in its unit: shares from 0 to 1, tempo in bpm
/polyrhythmia/density "70%"          the same in words: all that the prompt takes after its name
/polyrhythmia/density/knob 0.7       where a knob stands in its travel, from 0 to 1
/polyrhythmia/genre "funk", 2        by its name, or the n-th, from 0
/polyrhythmia/fill                   a trigger; also with 1 = pressed, 0 = let go; or with its word
/polyrhythmia/say "tempo +4"         all that the prompt takes

A name is written without blanks or strokes: `half-time`, `play-stop`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from polyrhythmia_live.control.answers import bar_and_beat, genre_in_words, to_come
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, TRIGGERS, ControlState
from polyrhythmia_live.desk.osc.packet import Argument
from polyrhythmia_live.desk.requests import NUMBERS
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Curve, Level, Trigger, Word
from polyrhythmia_live.rhythm.meter_map import MeterMap

ROOT = "/polyrhythmia"
KNOB = "/knob"
SAY = "say"

TOLD = (
    "answer",
    "beat",
    "coming",
    "error",
    "pong",
    "refused",
    "subscribed",
    "transport",
    "trouble",
)
"""What is only ever told: nothing is obeyed or answered there, else two who tell each other the
same would never end."""

PATTERN = {*"*?[]{}"}
"""What an address means several others by: one of them is panic."""

TEXT_LENGTH = 200
DIGITS = 7
"""Of a number of 32 bits: what was sent as 0.7 is 0.7."""


def address_of(name: str) -> str:
    """The address of a control of the table, or of what is told."""
    return f"{ROOT}/{re.sub('[^a-z0-9]+', '-', name)}"


def request_of(path: str, arguments: Sequence[Argument]) -> dict[str, Any] | None:
    """What a message asks for, as the desk's clients say it; None where it is only a letting go.

    `path` is the address after the root. Raises ValueError, in one line.
    """
    given = [argument for argument in arguments if argument is not None]
    if any(isinstance(it, str) and len(it) > TEXT_LENGTH for it in given):
        raise ValueError(f"expected texts of {TEXT_LENGTH} letters at the most")
    if path == SAY:
        return {"say": _text(given)}
    if PATTERN & {*path}:
        raise ValueError(f"expected an address without patterns; got '{ROOT}/{path}'")
    is_knob = path.endswith(KNOB)
    names = NUMBERS if is_knob else (*TRIGGERS, *LEVELS)
    name = choice.exactly(path.removesuffix(KNOB), names)
    if name is None:
        meant = " or ".join(map(address_of, choice.near(path, names)))
        question = f": did you mean {meant}?" if meant else ""
        raise ValueError(f"expected an address of docs/osc.md; got '{ROOT}/{path}'{question}")
    if is_knob:
        return {"set": name, "value": repr(LEVELS[name].from_unit(_within(path, given, 0, 1)))}
    if name in TRIGGERS:
        return _fire(TRIGGERS[name], given)
    return _level(LEVELS[name], given)


def _level(level: Level, given: Sequence[Argument]) -> dict[str, Any]:
    if given and isinstance(given[0], str):
        return {"say": f"{level.name} {_text(given)}"}
    if level.curve is Curve.CHOICE:
        return {"choose": level.name, "index": _whole(level.name, given[:1])}
    request: dict[str, Any] = {"set": level.name}
    if len(given) > 1:
        request["bars"] = _whole("bars", given[1:])
        given = given[:1]
    return {**request, "value": repr(_within(level.name, given, level.low, level.high))}


def _fire(trigger: Trigger, given: Sequence[Argument]) -> dict[str, Any] | None:
    """A button sends 1 when it is pressed and 0 when it is let go: that is one press."""
    if len(given) > 1:
        raise ValueError(f"expected {trigger.name} and one argument at the most")
    (told,) = given or (None,)
    if isinstance(told, str):
        return {"fire": trigger.name, "word": told}
    if told is None:
        return {"fire": trigger.name}
    pressed = _within(trigger.name, [float(told)], 0, math.inf)
    if trigger.word is Word.COUNT and type(told) is int and told:
        return {"fire": trigger.name, "word": str(told)}
    if trigger.held:
        return {"fire": trigger.name, "press": "down" if pressed else "up"}
    return {"fire": trigger.name} if pressed else None


def _text(given: Sequence[Argument]) -> str:
    if len(given) != 1 or not isinstance(given[0], str):
        raise ValueError("expected one text")
    return given[0]


def _whole(name: str, given: Sequence[Argument]) -> int:
    number = _within(name, given, 0, math.inf)
    if not number.is_integer():
        raise ValueError(f"expected a whole number of {name}; got {number:g}")
    return int(number)


def _within(name: str, given: Sequence[Argument], low: float, high: float) -> float:
    number = given[0] if len(given) == 1 else None
    if isinstance(number, bool):
        number = None
    if isinstance(number, int | float) and low <= number <= high and math.isfinite(number):
        return float(f"{float(number):.{DIGITS}g}")
    bounds = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
    raise ValueError(f"expected {name} {bounds}; got {_listed(given)}")


def _listed(given: Sequence[Argument]) -> str:
    return ", ".join(repr(it)[:20] for it in given[:3]) or "no number"


def state(
    snapshot: Snapshot, genres: Sequence[str], meters: MeterMap
) -> dict[str, tuple[Argument, ...]]:
    """How everything stands, by the address at which it is told."""
    controls, status = ControlState.of(snapshot.levels), snapshot.status
    values: dict[str, float] = {name: getattr(controls, name) for name in DRUMMER_LEVELS}
    turn = [genre_in_words(snapshot, meters)] if snapshot.turn is not None else []
    coming = (*turn, *(words for _, words in to_come(snapshot, meters)))
    told: dict[str, tuple[Argument, ...]] = {
        "genre": (controls.genre_name, genres.index(controls.genre_name)),
        "coming": ("; ".join(coming),),
        "trouble": (snapshot.trouble,),
    }
    if status is not None:
        values["tempo"] = status.timeline.tempo_bpm
        told["transport"] = (status.transport.value,)
        told["beat"] = bar_and_beat(snapshot.tick, meters)
    stands = {address_of(name): arguments for name, arguments in told.items()}
    for name, value in values.items():
        stands[address_of(name)] = (value,)
        stands[address_of(name) + KNOB] = (LEVELS[name].to_unit(value),)
    return stands
