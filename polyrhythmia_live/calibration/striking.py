"""Sending the hits that are to be heard again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from polyrhythmia_live.calibration.verdict import HITS
from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.player.base import Route

GAP_MIN_SECONDS, GAP_MAX_SECONDS = 0.38, 0.52
"""Uneven, so that nothing which sounds regularly is taken for them."""
PATIENCE_SECONDS = 0.25
"""A hit is listened for so long: less than a gap, with some quiet before the next."""
VELOCITY = 110


def strike(
    route: Route, key: tuple[int, int], progress: Callable[[int], None] = lambda _hits: None
) -> list[float]:
    """Play `HITS` hits of a key, in some 9 seconds; the monotonic second at which each was due.

    Each is ended, also where we are interrupted. `progress` is told of each. Threads: any; blocks.
    """
    wire = route.wire
    due: list[float] = []
    for deadline in _deadlines(time.monotonic()):
        time.sleep(max(0.0, deadline - wire.lookahead_seconds - time.monotonic()))
        ahead_seconds = wire.lookahead_seconds
        due.append(time.monotonic() + ahead_seconds)
        wire.send_at(note_on(*key, VELOCITY), due[-1])
        try:
            progress(1)
            time.sleep(ahead_seconds + min(route.instrument.gate_ms / 1000, PATIENCE_SECONDS))
        finally:
            wire.take_back()
            wire.send(note_off(*key))
    time.sleep(PATIENCE_SECONDS)
    return due


def _deadlines(now_seconds: float) -> Iterator[float]:
    for _ in range(HITS):
        now_seconds += random.uniform(GAP_MIN_SECONDS, GAP_MAX_SECONDS)
        yield now_seconds
