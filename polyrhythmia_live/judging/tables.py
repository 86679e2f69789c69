"""Figures as text in columns, and as plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

MISSING = "–"


def number(value: float, digits: int = 3) -> str:
    """A figure for people; a dash for what is not a number, or infinite."""
    return f"{value:.{digits}f}" if math.isfinite(value) else MISSING


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lines of equal columns two blanks apart: names to the left, figures to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def plain(figures: Any) -> Any:
    """The same mappings and sequences with None for numbers that JSON does not have."""
    if isinstance(figures, dict):
        return {key: plain(value) for key, value in figures.items()}
    if isinstance(figures, list | tuple):
        return [plain(value) for value in figures]
    if isinstance(figures, float) and not math.isfinite(figures):
        return None
    return figures
