"""What a line from a client asks for: commands, made from the control table, or to be told.

{"say": "tempo 120 -> 140 over 8 bars"}             what the prompt of `play` takes
{"set": "density", "value": 0.7}                    a value, also in words ("70%"); tempo: "bars"
{"set": "level", "value": 0.8, "lane": "kick"}      of one lane, where each has its own
{"shift": "tempo", "amount": 4, "bars": 8}          so much more or less
{"nudge": "density", "presses": -1}                 as by its keys
{"choose": "genre", "index": 2}                     the n-th entry, from 0
{"fire": "fill"}                                    a trigger; "press": tap, down or up; "word"
{"ask": "snapshot"}, {"ask": "log"}                 once
{"subscribe": true}                                 snapshots from here on, or (false) no more
{"listen": true}                                    the lines of the log, as they are written

Each may have an `id`, which its answer has too.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from polyrhythmia_live.control.base import CHOICES, LEVELS, TRIGGERS
from polyrhythmia_live.control.spoken import spoken
from polyrhythmia_live.control.word import read_word
from polyrhythmia_live.desk.plain import TYPES_BY_KEY, plain, valued
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Choose, Command, NudgeLevel, SetLevel, ShiftLevel
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Curve

Id = str | int | None

ASKED = ("snapshot", "log")
KINDS = ("say", "set", "shift", "nudge", "choose", "fire", "ask", "subscribe", "listen")
BARS_MAX = 999
PRESSES_MAX = 100
ID_LENGTH = 64
LINE_LENGTH = 400
SHOWN = 60
"""So much of what made no sense is repeated."""

FIELDS: dict[str, tuple[str, ...]] = {
    "set": ("value", "bars", "lane"),
    "shift": ("amount", "bars", "lane"),
    "nudge": ("presses", "bars", "lane"),
    "choose": ("index",),
    "fire": ("press", "word"),
}
"""What else is said of each command, the first unless it has a default. Never when it came: that is
the desk's to say."""

RAMPING = " and ".join(level.name for level in LEVELS.values() if level.ramps)
NUMBERS = tuple(level.name for level in LEVELS.values() if level.curve is not Curve.CHOICE)


@dataclass(frozen=True, slots=True)
class Request:
    """What one line asks for: commands, an answer to `ask`, whether to `subscribe` or `listen`."""

    commands: tuple[Command, ...] = ()
    ask: str = ""
    subscribe: bool | None = None
    listen: bool | None = None


def read_object(text: bytes) -> dict[str, Any]:
    """The JSON object in a line. Raises ConfigError, in one line, for anything else."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise ConfigError(f"expected a JSON object, got {_shown(text)}")
    return given


def id_of(given: dict[str, Any]) -> Id:
    """The `id` of a request, where it has a usable one."""
    found = given.get("id")
    if isinstance(found, str):
        return found[:ID_LENGTH]
    return found if isinstance(found, int) else None


def request(given: dict[str, Any], genres: Sequence[str], at_seconds: float) -> Request:
    """What an object asks for that came at a moment. Raises ConfigError, in one line."""
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        raise ConfigError(f"expected one of {', '.join(KINDS)}; got {_listed(given)}")
    (kind,) = kinds
    _refuse_others(given, (kind, "id", *FIELDS.get(kind, ())))
    try:
        if kind == "ask":
            return Request(ask=choice.choose(_text(given, kind), ASKED, "snapshot or log"))
        if kind == "subscribe":
            return Request(subscribe=valued(bool, given[kind]))
        if kind == "listen":
            return Request(listen=valued(bool, given[kind]))
        if kind == "say":
            return Request(_said(_text(given, kind), genres, at_seconds))
        return Request((_command(kind, given, genres, at_seconds),))
    except ValueError as error:
        raise ConfigError(str(error)[:LINE_LENGTH]) from None


def _said(words: str, genres: Sequence[str], at_seconds: float) -> tuple[Command, ...]:
    commands = spoken(words, genres, at_seconds)
    if not commands:
        raise ConfigError("expected a command in words, got none")
    return commands


def _command(kind: str, given: dict[str, Any], genres: Sequence[str], at_seconds: float) -> Command:
    """The command of the table, its numbers within the table's bounds."""
    told = {field: given[field] for field in FIELDS[kind] if field in given}
    name, needed = _name(kind, _text(given, kind)), FIELDS[kind][0]
    if needed not in told and kind != "fire":
        raise ValueError(f"expected {needed!r} beside {kind!r}")
    if "value" in told:
        told["value"] = LEVELS[name].read(str(told["value"]))
    if told.get("lane"):
        told["lane"] = choice.choose(str(told["lane"]), LANE, f"one of {', '.join(LANE)}")
    if kind == "fire":
        told["word"] = read_word(TRIGGERS[name], str(told.get("word", "")))
    command: Command = valued(TYPES_BY_KEY[kind], {**told, kind: name})
    _refuse_numbers(command, genres)
    return dataclasses.replace(command, at_seconds=at_seconds)


def _name(kind: str, typed: str) -> str:
    others = {"fire": tuple(TRIGGERS), "choose": CHOICES, "nudge": tuple(LEVELS)}
    names = others.get(kind, NUMBERS)
    # There are more triggers than a line has room for.
    expected = "a trigger such as fill" if kind == "fire" else f"one of {', '.join(names)}"
    return choice.choose(typed, names, expected)


def _refuse_numbers(command: Command, genres: Sequence[str]) -> None:
    """Raises ValueError for a number that no key and no word could have asked for."""
    if isinstance(command, SetLevel | ShiftLevel | NudgeLevel):
        if not 0 <= command.bars <= BARS_MAX:
            raise ValueError(f"expected bars 0 to {BARS_MAX}, got {command.bars}")
        if command.bars and not LEVELS[command.name].ramps:
            raise ValueError(f"expected {command.name} without bars: only {RAMPING} take some")
        if command.lane and not LEVELS[command.name].by_lane:
            raise ValueError(f"expected {command.name} without a lane: no lane has its own")
    if isinstance(command, ShiftLevel) and not math.isfinite(command.amount):
        raise ValueError("expected a finite amount")
    if isinstance(command, NudgeLevel) and abs(command.presses) > PRESSES_MAX:
        raise ValueError(f"expected up to {PRESSES_MAX} presses, got {command.presses}")
    if isinstance(command, Choose) and not 0 <= command.index < len(genres):
        raise ValueError(f"expected {command.name} 0 to {len(genres) - 1}, got {command.index}")


def _refuse_others(given: dict[str, Any], known: Sequence[str]) -> None:
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ConfigError(f"expected {', '.join(known)}; got {_shown(unknown[0])} too")


def _text(given: dict[str, Any], key: str) -> str:
    text: str = valued(str, given[key])
    return text


def _listed(given: dict[str, Any]) -> str:
    return _shown(", ".join(given)) if given else "none of them"


def _shown(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def table() -> dict[str, Any]:
    """The control table, for a client to make its own surface of."""
    return {
        "levels": plain(tuple(LEVELS.values())),
        "triggers": plain(tuple(TRIGGERS.values())),
    }


def as_request(command: Command) -> dict[str, Any]:
    """The object that asks for a command: what an attached terminal sends."""
    written: dict[str, Any] = plain(command)
    return {key: written[key] for key in written if key != "at_seconds"}
