"""What a receiver heard, against what `replay` writes of the log of it.

Strikes of one key follow each other in one order only, whatever the receiver's clock makes of two
drums that sound together. So they are matched key by key, by their velocities.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from polyrhythmia_live.midi.base import is_note_on


class Strike(NamedTuple):
    """A note-on: its seconds (of a receiver's clock, or of a file), its note and velocity."""

    seconds: float
    note: int
    velocity: int


@dataclass(frozen=True)
class Comparison:
    """Strikes of a log and of a receiver.

    `matched` are (seconds in the file, seconds at the receiver), in the file's order. `unheard` and
    `unwritten` are the seconds, at the receiver, of strikes that the one has and the other has not;
    for what was not heard, the moment follows from its neighbours.
    """

    matched: tuple[tuple[float, float], ...]
    unheard: tuple[float, ...]
    unwritten: tuple[float, ...]

    def jitter_seconds(self, among: Callable[[float], bool]) -> list[float]:
        """From strike to strike: how much farther apart they were heard than they are written.

        For strikes that were heard at such moments, and no more than a second apart.
        """
        return [
            (heard - earlier_heard) - (written - earlier_written)
            for (earlier_written, earlier_heard), (written, heard) in pairwise(self.matched)
            if written - earlier_written < 1.0 and among(heard)
        ]

    def late_seconds(self, since_seconds: float, seconds: float) -> float | None:
        """How far a strike soon after a moment lies behind the last one before it, at the most.

        None where nothing sounded.
        """
        before = [it for it in self.matched if it[1] < since_seconds]
        after = [it for it in self.matched if since_seconds <= it[1] < since_seconds + seconds]
        if not before or not after:
            return None
        written_origin, heard_origin = before[-1]
        return max((heard - heard_origin) - (written - written_origin) for written, heard in after)


def read_midi_file(path: Path) -> list[Strike]:
    """The strikes of a file, in its order."""
    import mido

    seconds = 0.0
    strikes = []
    file: Any = mido.MidiFile(path)
    for message in file:
        seconds += message.time
        if message.type == "note_on" and message.velocity:
            strikes.append(Strike(seconds, message.note, message.velocity))
    return strikes


def strikes_of(heard: Sequence[tuple[float, bytes]]) -> list[Strike]:
    """Those among the messages that a receiver heard, with their moments."""
    return [Strike(at, it[1], it[2]) for at, it in heard if is_note_on(it)]


def compare(written: Sequence[Strike], heard: Sequence[Strike]) -> Comparison:
    """Match what was written with what was heard."""
    matched: list[tuple[float, float]] = []
    unheard: list[float] = []
    unwritten: list[float] = []
    for one, other in _by_key(written, heard):
        matcher = SequenceMatcher(
            None, [it.velocity for it in one], [it.velocity for it in other], autojunk=False
        )
        for tag, first, end, other_first, other_end in matcher.get_opcodes():
            if tag == "equal":
                pairs = zip(one[first:end], other[other_first:other_end], strict=True)
                matched += [(a.seconds, b.seconds) for a, b in pairs]
            else:
                unheard += [it.seconds for it in one[first:end]]
                unwritten += [it.seconds for it in other[other_first:other_end]]
    matched.sort()
    return Comparison(
        tuple(matched),
        tuple(sorted(_as_heard(seconds, matched) for seconds in unheard)),
        tuple(sorted(unwritten)),
    )


def hanging_seconds(heard: Sequence[tuple[float, bytes]], until_seconds: float) -> float:
    """How long the longest of all notes sounded."""
    began: dict[tuple[int, int], float] = {}
    longest = 0.0
    for seconds, message in heard:
        if len(message) != 3 or message[0] & 0xE0 != 0x80:
            continue
        key = (message[0] & 0x0F, message[1])
        if is_note_on(message):
            began.setdefault(key, seconds)
        elif key in began:
            longest = max(longest, seconds - began.pop(key))
    return max([longest, *(until_seconds - seconds for seconds in began.values())])


def _by_key(
    written: Sequence[Strike], heard: Sequence[Strike]
) -> list[tuple[list[Strike], list[Strike]]]:
    keys: dict[int, tuple[list[Strike], list[Strike]]] = defaultdict(lambda: ([], []))
    for which, strikes in enumerate((written, heard)):
        for strike in strikes:
            keys[strike.note][which].append(strike)
    return list(keys.values())


def _as_heard(seconds: float, matched: Sequence[tuple[float, float]]) -> float:
    if not matched:
        return seconds
    place = bisect.bisect(matched, (seconds, 0.0))
    written, heard = matched[max(0, place - 1)]
    return heard + seconds - written
