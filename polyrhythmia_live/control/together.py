"""Voices of other meters and ratios, in words: who plays, and when all meet again."""

from __future__ import annotations

from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.meeting import Cycle, meets_in_bars
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME


def bars_to_meeting(snapshot: Snapshot, meters: MeterMap) -> int | None:
    """In how many of the song's bars all voices meet on one; 1 = on the next.

    None where all have the song's own bars. A count-in counts, as the bars before the first.
    """
    if snapshot.status is None:
        return None
    step = snapshot.tick // TICKS_PER_STEP
    song = Cycle(meters.meter_at(step))
    others = [part.cycle(song.meter) for part in snapshot.status.parts]
    if all(other.ticks == song.ticks for other in others):
        return None
    return meets_in_bars(song, *others, bar=meters.bar_of(step))


def meeting_in_words(snapshot: Snapshot, meters: MeterMap) -> str:
    """`all on 1 in 12 bars`; empty where they always are."""
    bars = bars_to_meeting(snapshot, meters)
    if bars is None:
        return ""
    return "all on 1 with the next bar" if bars == 1 else f"all on 1 in {bars} bars"


def voices_in_words(parts: tuple[Part, ...]) -> str:
    """`bell 7:4, hats 5/4`; empty where there are the drums alone."""
    return ", ".join(voice_in_words(part) for part in parts)


def voice_in_words(part: Part) -> str:
    """A voice and what it has of its own, its lanes left out."""
    ratio = "" if part.ratio == NORMAL_TIME else str(part.ratio)
    meter = "" if part.meter is None else str(part.meter)
    return " ".join(filter(None, (part.name, ratio, meter)))
