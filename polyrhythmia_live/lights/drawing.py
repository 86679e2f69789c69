"""From how everything stands to how far each light is lit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from polyrhythmia_live.control.answers import RAMPS, RATIOS, to_come
from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.messages import Snapshot, Status
from polyrhythmia_live.rhythm.control import Curve, Level
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

FLASH = 0.25
"""The share of a beat for which `tap` is lit."""


def share(control: str, snapshot: Snapshot, genres: Sequence[str], meters: MeterMap) -> float:
    """How far, 0..1, a control is up: a level along its knob, a trigger 0 or 1.

    A trigger is lit while it is to come, or holds; `tap` on each beat. Nothing is without a player.
    """
    status = snapshot.status
    if status is None:
        return 0.0
    if control in LEVELS:
        return _level(LEVELS[control], snapshot, status, genres)
    rolling = status.transport is Transport.ROLLING
    lit = {
        "play/stop": rolling,
        "stop": not rolling,
        "tap": rolling and _on_beat(snapshot.tick, meters),
        "mute": status.mix.silent or bool(status.mix.muted),
        "solo": bool(status.mix.soloed),
        "lock": bool(snapshot.locked),
        "now": snapshot.turn is not None and snapshot.tick < snapshot.turn.line * TICKS_PER_STEP,
        **{name: status.ratio.in_words == name for name in RATIOS},
        **dict(zip(RAMPS, _ramping(status), strict=True)),
    }
    coming = (name == control for name, _ in to_come(snapshot, meters))
    return float(lit.get(control, False) or any(coming))


def _level(level: Level, snapshot: Snapshot, status: Status, genres: Sequence[str]) -> float:
    controls = ControlState.of(snapshot.levels)
    if level.curve is Curve.CHOICE:  # the genre, or the one that it morphs towards
        chosen = controls.genre[-1 if level.name == "towards" else 0][0]
        return genres.index(chosen) / max(1, len(genres) - 1)
    players = {"tempo": status.timeline.tempo_bpm, "level": status.mix.level}
    if level.name in players:
        return level.to_unit(players[level.name])
    return level.to_unit(getattr(controls, level.name))


def _on_beat(tick: int, meters: MeterMap) -> bool:
    """Whether a beat, as the meter counts, has just begun."""
    step, within = divmod(max(0, tick), TICKS_PER_STEP)
    place, meter = meters.step_in_bar(step), meters.meter_at(step)
    counts = (*meter.count_steps, meter.bar_steps)
    beat = meter.count_at(place)
    since_ticks = (place - counts[beat]) * TICKS_PER_STEP + within
    return since_ticks < FLASH * (counts[beat + 1] - counts[beat]) * TICKS_PER_STEP


def _ramping(status: Status) -> tuple[bool, bool]:
    """Whether the tempo is on its way down, and up."""
    now_bpm, target_bpm = status.timeline.tempo_bpm, status.target_bpm
    if math.isclose(now_bpm, target_bpm, abs_tol=0.01):
        return False, False
    return target_bpm < now_bpm, target_bpm > now_bpm
