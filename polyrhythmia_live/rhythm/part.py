"""A part of the music: the lanes that a voice takes, its meter, its ratio to the song's beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from polyrhythmia_live.rhythm.bar import Hit, Hits, Step
from polyrhythmia_live.rhythm.meeting import Cycle
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio

OFF = "off"
"""What is written in place of all else where a voice is to leave."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a voice beside the first one plays. `meter` None = the song's; `lanes` are names.

    A lane has one owner: what a voice takes, the first one leaves to it.
    """

    name: str
    lanes: tuple[str, ...]
    ratio: Ratio = NORMAL_TIME
    meter: Meter | None = None

    @classmethod
    def parse(cls, text: str) -> Part:
        """The part in `bell 7:4 5/8 ride crash`; `str` writes it again.

        Ratio and meter may be missing, and come in any order. Raises ValueError with what was
        expected and what came.
        """
        name, *words = text.split() or [""]
        part = cls(name, ())
        for word in words:
            if ":" in word:
                part = replace(part, ratio=Ratio.parse(word))
            elif "/" in word:
                part = replace(part, meter=Meter.parse(word))
            else:
                part = replace(part, lanes=(*part.lanes, word))
        if not name or not part.lanes:
            raise ValueError(f"expected a voice such as 'bell 7:4 ride', got {text!r}")
        return part

    def __str__(self) -> str:
        ratio = () if self.ratio == NORMAL_TIME else (str(self.ratio),)
        meter = () if self.meter is None else (str(self.meter),)
        return " ".join((self.name, *ratio, *meter, *self.lanes))

    def cycle(self, song_meter: Meter) -> Cycle:
        """What it begins anew with each of its bars."""
        return Cycle(self.meter or song_meter, self.ratio)


def carried(step: Step, own: Ratio, to: Ratio) -> Iterator[tuple[int, Hit]]:
    """The hits of a voice at a ratio, as they fall on the straight grid of one at another.

    Each with the index of the step that it falls on; it is as far from that as it sounds, to the
    nearest tick.
    """
    numerator = to.numerator * own.denominator
    denominator = to.denominator * own.numerator
    for hit in step.hits:
        tick = round((step.tick + hit.microtiming_ticks) * numerator / denominator)
        index = (tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP
        yield index, replace(hit, microtiming_ticks=tick - index * TICKS_PER_STEP)


def in_lane_order(hits: Iterator[Hit] | Hits) -> Hits:
    """Hits of one step, in the order in which a step has them."""
    return tuple(sorted(hits, key=lambda hit: (hit.lane, hit.microtiming_ticks)))
