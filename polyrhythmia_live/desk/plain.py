"""The values of `messages` as plain JSON, and back: one form for the socket and for the log.

A dataclass is an object of its fields, an enum its value, a tuple a list. A hit is a short list:
`[lane, velocity, microtiming_ticks, articulation, length_ticks]`, without the zeros at its end. Of
the commands and what becomes of them the first key says which they are, and a field that stands at
its default is left out: `{"set": "density", "value": 0.7}`, `{"fire": "fill"}`, `{"applied":
{"fire": "fill"}, "voice": "drums", "step": 12, "tick": 20160}`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import math
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from polyrhythmia_live.messages import (
    Applied,
    Choose,
    Fire,
    NudgeLevel,
    SetLevel,
    ShiftLevel,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hit

PROTOCOL_VERSION = 1
"""Of what passes over the socket; see docs/desk.md."""

FIRST_KEYS: dict[type, tuple[str, str]] = {
    SetLevel: ("set", "name"),
    ShiftLevel: ("shift", "name"),
    NudgeLevel: ("nudge", "name"),
    Choose: ("choose", "name"),
    Fire: ("fire", "name"),
    Applied: ("applied", "command"),
    Unchanged: ("unchanged", "command"),
}
"""The key that tells what a value is, and the field that it holds."""

TYPES_BY_KEY = {key: kind for kind, (key, _) in FIRST_KEYS.items()}


def line(**fields: Any) -> bytes:
    """One JSON object, and the end of its line."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def plain(value: Any) -> Any:
    """What `json.dumps` takes; a number that is not finite is null."""
    if isinstance(value, Hit):
        return _plain_hit(value)
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return _plain_object(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def valued(hint: Any, given: Any) -> Any:
    """The value of a type that `plain` gave; what is there beside its fields is passed over.

    Raises ValueError, in one line, for anything else.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _valued_one_of(inner, given)
    if origin is tuple and isinstance(given, list):
        return _valued_tuple(inner, given)
    if origin is frozenset and isinstance(given, list):
        return frozenset(valued(inner[0], each) for each in given)
    if origin is not None and issubclass(origin, Mapping) and isinstance(given, dict):
        return {key: valued(inner[1], each) for key, each in given.items()}
    if isinstance(hint, type):
        if dataclasses.is_dataclass(hint):
            return _valued_object(hint, given)
        if issubclass(hint, tuple) and isinstance(given, list):  # a NamedTuple
            return hint(*_valued_tuple(tuple(get_type_hints(hint).values()), given))
        if issubclass(hint, enum.Enum):
            return _valued_enum(hint, given)
        if hint is float and isinstance(given, int) and not isinstance(given, bool):
            with contextlib.suppress(OverflowError):
                return float(given)
        if isinstance(given, hint) and isinstance(given, bool) == (hint is bool):
            return given
    raise ValueError(f"expected {_named(hint)}, got {json.dumps(given)[:60]}")


def _plain_hit(hit: Hit) -> list[int]:
    numbers = [
        hit.lane, hit.velocity, hit.microtiming_ticks, hit.articulation, hit.length_ticks,
    ]  # fmt: skip
    while numbers[-1] == 0 and len(numbers) > 2:
        numbers.pop()
    return numbers


def _plain_object(value: Any) -> dict[str, Any]:
    key, shown = FIRST_KEYS.get(type(value), ("", ""))
    fields = [field for field in dataclasses.fields(value) if field.init]
    written = {key: plain(getattr(value, shown))} if key else {}
    for field in fields:
        at_default = bool(key) and getattr(value, field.name) == field.default
        if field.name != shown and not at_default:
            written[field.name] = plain(getattr(value, field.name))
    return written


def _valued_enum(kind: type[enum.Enum], given: Any) -> enum.Enum:
    try:
        return kind(given)
    except ValueError:
        values = ", ".join(str(each.value) for each in kind)
        raise ValueError(f"expected one of {values}; got {json.dumps(given)[:60]}") from None


def _valued_object(kind: Any, given: Any) -> Any:
    if kind is Hit and isinstance(given, list) and all(type(each) is int for each in given):
        try:
            return Hit(*given)
        except TypeError:
            raise ValueError(f"expected the numbers of a hit, got {given}"[:90]) from None
    key, shown = FIRST_KEYS.get(kind, ("", ""))
    if not isinstance(given, dict) or (key and key not in given):
        raise ValueError(f"expected {_named(kind)}, got {json.dumps(given)[:60]}")
    named = {**given, shown: given[key]} if key else given
    hints = _hints(kind)
    try:
        return kind(**{name: valued(hints[name], named[name]) for name in hints if name in named})
    except TypeError:  # a field that has no default is not there
        raise ValueError(f"expected {', '.join(hints)}; got {', '.join(named)}") from None


def _valued_tuple(inner: tuple[Any, ...], given: list[Any]) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(valued(inner[0], each) for each in given)
    if len(inner) != len(given):
        raise ValueError(f"expected a list of {len(inner)}, got one of {len(given)}")
    return tuple(valued(hint, each) for hint, each in zip(inner, given, strict=True))


def _valued_one_of(hints: tuple[Any, ...], given: Any) -> Any:
    if given is None and types.NoneType in hints:
        return None
    if isinstance(given, dict):
        told = [TYPES_BY_KEY[key] for key in given if key in TYPES_BY_KEY]
        hints = tuple(hint for hint in hints if hint in told) or hints
    for hint in hints[:-1]:
        try:
            return valued(hint, given)
        except ValueError:
            continue
    return valued(hints[-1], given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of the fields that are given to a dataclass."""
    given = {field.name for field in dataclasses.fields(kind) if field.init}
    return {name: hint for name, hint in get_type_hints(kind).items() if name in given}


def _named(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
