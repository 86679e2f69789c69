"""A drum track in parts, each in one meter and without long silences.

A file is cut where its time signature changes and where nobody plays for more than
`MAX_EMPTY_BARS`. What is left over, a bar of 2/4 between two of 4/4, a pickup, a stray note hours
later, is passed over and told.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.training.data.drum_track import Note
from polyrhythmia_live.training.data.midi_file import Unusable

MAX_EMPTY_BARS = 4
"""People let one bar pass at most (Groove MIDI Dataset)."""

MAX_BARS = 8192
"""Four hours at 120 bpm, in all parts of a file."""

LEAST_BARS = 2
"""A shorter part says nothing of what comes after it, unless it is all there is."""


class Part(NamedTuple):
    """Notes in one meter; their ticks are from the part's first bar line, the first may be early.

    `bars` hold all of them; `cut_bars` of silence before it were cut. `first_tick` is where the
    part begins in the track.
    """

    notes: tuple[Note, ...]
    meter: Meter
    bars: int
    cut_bars: int
    first_tick: int

    @property
    def ticks(self) -> list[int]:
        """Where the notes are in the track."""
        return [self.first_tick + note.tick for note in self.notes]


@dataclass(frozen=True, slots=True)
class _Section:
    """What lies between two changes of the time signature, as ticks of the file."""

    signature: tuple[int, int]
    start: int
    notes: Sequence[Note]


def parts_of(
    notes: Sequence[Note],
    signatures: Sequence[tuple[int, tuple[int, int]]],
    meter: Meter | None,
    told: list[str],
) -> tuple[Part, ...]:
    """The parts of a track in time order, one at least; adds to `told` what was passed over.

    `notes`, one at least, and `signatures` are a track's. With `meter`, what the file says of
    meters does not count. Raises Unusable where nothing remains to learn from, or more than
    `MAX_BARS`.
    """
    found = [
        part
        for section in _sections(notes, signatures, meter)
        for part in _stretches(section, meter or _meter(section.signature), told)
    ]
    if not found:
        raise Unusable(told[-1])
    longest = max(found, key=lambda part: len(part.notes))
    kept = [part for part in found if part.bars >= LEAST_BARS] or [longest]
    over = [part for part in found if part not in kept]
    if over:
        meters = ", ".join(sorted({str(part.meter) for part in over}))
        lost = _some(sum(len(part.notes) for part in over), "note")
        odd_bars = _some(sum(part.bars for part in over), "odd bar")
        told.append(f"{lost} in {odd_bars} ({meters}) passed over")
    cut_bars = sum(part.cut_bars for part in found)
    if cut_bars:
        told.append(f"{_some(cut_bars, 'empty bar')} cut")
    if len(kept) > 1:
        told.append(f"cut into {len(kept)} parts")
    if sum(part.bars for part in kept) > MAX_BARS:
        raise Unusable(f"longer than {MAX_BARS} bars")
    return tuple(kept)


def _sections(
    notes: Sequence[Note],
    signatures: Sequence[tuple[int, tuple[int, int]]],
    meter: Meter | None,
) -> Iterator[_Section]:
    """Between the changes; the first begins with the file, whenever its signature stands."""
    if meter is not None:
        yield _Section(meter.signature, 0, notes)
        return
    said = signatures or ((0, Meter().signature),)
    starts = [0, *(tick for tick, _ in said[1:])]
    ticks = [note.tick for note in notes]
    # A note just before a bar line belongs to it.
    bounds = [bisect_left(ticks, start - TICKS_PER_STEP // 2) for start in starts]
    for (first, last), start, (_, signature) in zip(
        pairwise([*bounds, len(ticks)]), starts, said, strict=True
    ):
        if last > first:
            yield _Section(signature, start, notes[first:last])


def _meter(signature: tuple[int, int]) -> Meter | None:
    try:
        return Meter(*signature)
    except ValueError:
        return None


def _stretches(section: _Section, meter: Meter | None, told: list[str]) -> Iterator[Part]:
    """The section without its long silences; nothing of it where no grid can hold its meter."""
    if meter is None:
        told.append("time signature {}/{}".format(*section.signature))
        return
    half = TICKS_PER_STEP // 2
    bars = [(note.tick - section.start + half) // meter.bar_ticks for note in section.notes]
    cuts = [0, *(place for place, gap in enumerate(_gaps(bars)) if place and gap > MAX_EMPTY_BARS)]
    ends = 0
    for first, last in pairwise([*cuts, len(bars)]):
        gap = bars[first] - ends
        cut_bars = gap if gap > MAX_EMPTY_BARS else 0
        first_bar = ends + cut_bars
        ends = bars[last - 1] + 1
        first_tick = section.start + first_bar * meter.bar_ticks
        notes = (note._replace(tick=note.tick - first_tick) for note in section.notes[first:last])
        yield Part(tuple(notes), meter, ends - first_bar, cut_bars, first_tick)


def _gaps(bars: Sequence[int]) -> Iterator[int]:
    """The empty bars before each note."""
    return (bar - before - 1 for before, bar in pairwise([-1, *bars]))


def _some(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
