"""What is usual: how a genre's bars are distributed, so that 0.5 means "as people mostly play it".

A raw density of 0.5 hits per step is much in jazz and little in samba. So conditions are given to
the network as ranks within the genre, and a network's card carries the tables that turn raw units
into ranks and back. The tables are of the training split only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EVERYTHING = ""
"""In place of a genre: all bars. Used where a genre is unknown or has too few bars of its own."""

LEAST_BARS = 40
"""A genre with fewer bars has no table of its own."""

POINTS = 21
"""Quantiles per table: the least, every twentieth, the greatest."""

_DIGITS = 6

Floats64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class References:
    """Quantile tables: measure -> genre -> `POINTS` values, ascending.

    Threads: any; never changes.
    """

    tables: Mapping[str, Mapping[str, tuple[float, ...]]]

    def rank(self, measure: str, genre: str, values: ArrayLike) -> Floats64:
        """The share of the genre's bars with a smaller value, 0..1; equal ones count half.

        Linear between the points of the table. NaN for NaN, and where nothing is known.
        """
        table = self._table(measure, genre)
        asked = np.round(np.asarray(values, np.float64), _DIGITS)
        if not len(table):
            return np.full(asked.shape, np.nan)
        below = np.searchsorted(table, asked, "left")
        not_above = np.searchsorted(table, asked, "right")
        equal = (below + not_above - 1) / 2
        low, high = table[np.clip(below - 1, 0, None)], table[np.clip(below, None, POINTS - 1)]
        between = below - 1 + (asked - low) / np.where(high > low, high - low, 1.0)
        ranks = np.where(not_above > below, equal, between) / (POINTS - 1)
        return np.where(np.isnan(asked), np.nan, np.clip(ranks, 0.0, 1.0))

    def value(self, measure: str, genre: str, rank: float) -> float:
        """The raw value at a rank 0..1: what `rank` turns back, NaN where nothing is known."""
        table = self._table(measure, genre)
        if not len(table):
            return float("nan")
        return float(np.interp(rank, np.linspace(0.0, 1.0, POINTS), table))

    def as_dict(self) -> dict[str, dict[str, list[float]]]:
        """For JSON; `from_dict` reads it back."""
        return {
            measure: {genre: list(table) for genre, table in tables.items()}
            for measure, tables in self.tables.items()
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Mapping[str, Any]]) -> References:
        """Raises ValueError where a table is not `POINTS` ascending numbers."""
        tables = {
            measure: {genre: _checked(genre, points) for genre, points in of_measure.items()}
            for measure, of_measure in kept.items()
        }
        return cls(tables)

    def _table(self, measure: str, genre: str) -> Floats64:
        tables = self.tables[measure]
        return np.array(tables.get(genre, tables.get(EVERYTHING, ())))


def tables_of(values: Mapping[str, NDArray[np.float64]]) -> dict[str, tuple[float, ...]]:
    """The tables of one measure from each genre's values, NaN left out.

    Everything has one if there is any value at all, a genre if it has `LEAST_BARS`.
    """
    known = {genre: found[~np.isnan(found)] for genre, found in values.items()}
    every = np.concatenate([np.empty(0), *known.values()])
    tables = {EVERYTHING: _quantiles(every)} if len(every) else {}
    for genre, found in known.items():
        if genre != EVERYTHING and len(found) >= LEAST_BARS:
            tables[genre] = _quantiles(found)
    return tables


def _quantiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    points = np.quantile(values, np.linspace(0.0, 1.0, POINTS))
    return tuple(float(point) for point in np.round(points, _DIGITS))


def _checked(genre: str, points: Any) -> tuple[float, ...]:
    table = tuple(float(point) for point in points)
    if len(table) != POINTS or not all(low <= high for low, high in pairwise(table)):
        raise ValueError(f"a table needs {POINTS} ascending numbers, got {points!r} for {genre!r}")
    return table
