"""Dataclasses whose every field is an array with a row per thing, or such a dataclass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

ColumnsT = TypeVar("ColumnsT")


def joined(parts: Sequence[ColumnsT]) -> ColumnsT:
    """The rows of all parts, in order, as one of their kind; there must be a part."""
    first: Any = parts[0]
    whole: ColumnsT = type(first)(
        *(_joined([getattr(part, field.name) for part in parts]) for field in fields(first))
    )
    return whole


def _joined(columns: Sequence[Any]) -> Any:
    return joined(columns) if is_dataclass(columns[0]) else np.concatenate(columns)
