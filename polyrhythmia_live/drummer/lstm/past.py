"""What was played, and how each step can be found again: the longest part of a drummer's state.

A state is kept for every step of a take, and almost all of a state's past is the next state's past
too. So the past is held in bars of rows, which are shared and never written again; only the last
bar, the begun one, is copied when a step is added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    MEMORY_BARS,
    STEP_WIDTH,
    Floats,
    recalled,
    same_places,
)
from polyrhythmia_live.rhythm.meter import Meter

BLOCK_STEPS = 16
_BLOCKS = HISTORY_STEPS // BLOCK_STEPS


def fixed(array: Floats) -> Floats:
    """The same array, read-only from now on."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, eq=False)
class Recollection:
    """What the network is shown of the same step in bars -1, -2 ..; arrays are float32.

    `keys` (MEMORY_BARS, key_size) and `recalled` (MEMORY_BARS, RECALLED_WIDTH) are of the bars
    where `played` (MEMORY_BARS,) is 1; where it is 0 they mean nothing.
    """

    keys: Floats
    recalled: Floats
    played: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The steps so far, newest last; a value.

    A row is a step as `encoding.encode_hits` has it and the key that the network gave it.
    `heard_steps` of them the network has heard; what is before those has no key. The arrays are
    read-only.
    """

    blocks: tuple[Floats, ...]
    begun: Floats
    heard_steps: int = 0

    @classmethod
    def of(cls, rows: Floats, heard_steps: int) -> Past:
        """The past with these rows, oldest first; what is missing is silence."""
        length = _BLOCKS * BLOCK_STEPS
        kept = rows[-length:]
        silence = np.zeros((length - len(kept), rows.shape[1]), np.float32)
        padded = fixed(np.concatenate([silence, kept], dtype=np.float32))
        return cls(tuple(np.split(padded, _BLOCKS)), padded[:0], min(heard_steps, len(kept)))

    @classmethod
    def silence(cls, key_size: int) -> Past:
        """Before the song."""
        return cls.of(np.zeros((0, STEP_WIDTH + key_size), np.float32), 0)

    def with_step(self, row: Floats) -> Past:
        """One step later: `row` (STEP_WIDTH + key_size,)."""
        begun = fixed(np.concatenate([self.begun, row[None]]))
        heard = min(self.heard_steps + 1, HISTORY_STEPS)
        if len(begun) < BLOCK_STEPS:
            return replace(self, begun=begun, heard_steps=heard)
        return Past((*self.blocks[1:], begun), begun[:0], heard)

    def without_last(self, steps: int) -> Past:
        """As if the last steps had not been played."""
        if steps == 0:
            return self
        return Past.of(self.rows()[:-steps], max(0, self.heard_steps - steps))

    def hits(self, steps: int) -> Floats:
        """How many hits each of the last steps had, (steps,)."""
        return np.asarray(self.rows()[-steps:, :LANES].sum(axis=1))

    def level(self, steps: int) -> float:
        """The mean velocity / 127 of the hits of the last steps; 0 where there are none."""
        recent = self.rows()[-steps:]
        hits, loud = recent[:, :LANES], recent[:, LANES : 2 * LANES]
        return float(loud.sum()) / max(1.0, float(hits.sum()))

    def rows(self) -> Floats:
        """(HISTORY_STEPS, STEP_WIDTH + key_size), oldest first."""
        return np.concatenate([*self.blocks, self.begun])[-HISTORY_STEPS:]


def recollect(rows: Floats, heard_steps: int, meter: Meter) -> Recollection:
    """What the next step can remember of a past's rows, of which the last were heard."""
    places = same_places(meter)
    keys = np.zeros((MEMORY_BARS, rows.shape[1] - STEP_WIDTH), np.float32)
    keys[: len(places)] = rows[places, STEP_WIDTH:]
    played = np.zeros(MEMORY_BARS, np.float32)
    played[: min(len(places), heard_steps // meter.bar_steps)] = 1.0
    return Recollection(keys, recalled(rows[:, :STEP_WIDTH], meter), played)
