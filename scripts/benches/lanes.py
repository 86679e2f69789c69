"""Locked and muted lanes: whether they stay as they are, what the rest does, and what it costs.

In each genre, after 8 bars the kick and the closed hat are locked, and 64 bars follow; beside it
the same take without the lock. Of both, the lanes that are not locked: how many of the bars are
like no other, and how many hits a bar has. Then the same take with all drums muted for 8 bars: what
is played after them, against the take that was never muted. Last, a step of the drummer with the
lock and without it, in turns: seconds of this process alone.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Drummer, Place
from polyrhythmia_live.drummer.card import DEFAULT_MODEL
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.engine import Engine
from polyrhythmia_live.messages import Command, Fire
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

GENRES = ("rock", "funk", "jazz", "hiphop", "bossa", "samba", "pop", "dance")
METERS = MeterMap()
BAR = 16
BEFORE, BARS = 8, 64
LOCKED = ("kick", "closed-hat")
LANES = frozenset(LANE[name] for name in LOCKED)
SEED = 5
TURNS = 300

Bar = tuple[Hits, ...]


def measure() -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    card = load_card(DEFAULT_MODEL)
    drummer = open_drummer(card)
    figures: dict[str, Any] = {}
    for genre in GENRES:
        controls = ControlState(((genre, 1.0),))
        figures[genre] = _genre(drummer, controls, card.tempos_bpm[genre])
    figures["step"] = _cost(drummer)
    return figures, _table(figures)


def _genre(drummer: Drummer[Any], controls: ControlState, bpm: float) -> dict[str, float]:
    lock = Fire("lock", word=" ".join(LOCKED))
    free = _bars(drummer, controls, bpm, {})
    locked = _bars(drummer, controls, bpm, {BEFORE * BAR - BAR // 2: lock})
    muted = _bars(drummer, controls, bpm, {32 * BAR: Fire("mute"), 40 * BAR: Fire("mute")})
    source, after = _only(locked[BEFORE - 1], LANES), locked[BEFORE:]
    others = frozenset(LANE.values()) - LANES
    return {
        "kept": sum(_only(bar, LANES) == source for bar in after) / len(after),
        "varied": _different(after, others),
        "varied_free": _different(free[BEFORE:], others),
        "hits": _hits(after, others),
        "hits_free": _hits(free[BEFORE:], others),
        "unmuted": sum(a == b for a, b in zip(muted[40:], free[40:], strict=True)) / len(free[40:]),
    }


def _bars(
    drummer: Drummer[Any], controls: ControlState, bpm: float, acts: dict[int, Command]
) -> list[Bar]:
    """What was played, bar by bar; `acts` are asked for after so many steps."""
    engine = Engine(Horizon(drummer, METERS, controls, SEED), METERS, None, tempo_bpm=bpm)
    engine.perform(Fire("start"))
    for step, command in acts.items():
        engine.play_until(step)
        engine.perform(command)
    engine.play_until((BEFORE + BARS) * BAR)
    latest = {it.step.index: it for it in engine.committed}
    hits = [it.step.hits if it.played is None else it.played for it in latest.values()]
    return [tuple(hits[first : first + BAR]) for first in range(0, (BEFORE + BARS) * BAR, BAR)]


def _only(bar: Bar, lanes: frozenset[int]) -> Bar:
    return tuple(tuple(hit for hit in hits if hit.lane in lanes) for hits in bar)


def _different(bars: Sequence[Bar], lanes: frozenset[int]) -> float:
    """How many of the bars are like no other in these lanes, by which are struck where."""
    struck = [
        tuple(frozenset(hit.lane for hit in hits) for hits in _only(bar, lanes)) for bar in bars
    ]
    return len(set(struck)) / len(struck)


def _hits(bars: Sequence[Bar], lanes: frozenset[int]) -> float:
    return sum(len(hits) for bar in bars for hits in _only(bar, lanes)) / len(bars)


def _cost(drummer: Drummer[Any]) -> dict[str, float]:
    """Milliseconds of a step, the median."""
    controls = ControlState((("rock", 1.0),))
    takes = {name: Take(drummer, 0, drummer.start(SEED)) for name in ("free", "locked")}
    taken: dict[str, list[float]] = {name: [] for name in takes}
    for step in range(TURNS):
        for name, take in takes.items():
            place = Place(step, Meter(4, 4), 110.0)
            if name == "locked":
                given = tuple(hit for hit in takes["free"].hits(step) if hit.lane in LANES)
                place = Place(step, Meter(4, 4), 110.0, locked=LANES, given=given)
            began = time.thread_time()
            take.extend(place, controls)
            taken[name].append(time.thread_time() - began)
    return {name: 1000 * statistics.median(each[BAR:]) for name, each in taken.items()}


def _table(figures: dict[str, Any]) -> str:
    step = figures["step"]
    rows = [
        f"{genre:<8}{it['kept']:>8.0%}{it['varied']:>9.0%}{it['varied_free']:>7.0%}"
        f"{it['hits']:>9.1f}{it['hits_free']:>7.1f}{it['unmuted']:>10.0%}"
        for genre, it in figures.items()
        if genre != "step"
    ]
    return "\n".join(
        [
            f"{', '.join(LOCKED)} locked for {BARS} bars; of the other lanes: bars like no other,",
            "and hits a bar, with the lock and without it; bars the same after 8 muted ones",
            f"{'':<8}{'as was':>8}{'other':>9}{'free':>7}{'hits':>9}{'free':>7}{'unmuted':>10}",
            *rows,
            f"a step: {step['locked']:.2f} ms with the lock, {step['free']:.2f} ms without",
        ]
    )
