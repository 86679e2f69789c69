"""The same performance, otherwise orchestrated, dynamic or fast: more to hear, the meter kept.

A thousand files are few. Each of these small functions makes another performance that a drummer
could have played: none moves a hit in the bar. Where a label may no longer be true, it is unknown
(see `unranked`); `labels.label` measures it again.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from polyrhythmia_live.drums.lanes import LANE, TOMS
from polyrhythmia_live.drums.limbs import CLOSED_HAT, HAT_BY_HAND
from polyrhythmia_live.rhythm.timeline import TEMPO_MAX_BPM, TEMPO_MIN_BPM
from polyrhythmia_live.training.data.performance import Grid, Performance

_RIDE = LANE["ride"]
_TOMS = list(TOMS)
_ORNAMENTS = (*TOMS, LANE["open-hat"], LANE["crash"])

ORNAMENT_SHARE = 0.1
"""A lane with more of the hits than this is no ornament."""
CONTRAST = (0.8, 1.25)
"""How much closer to the mean velocity, or further from it, a performance becomes."""
SHIFT = 12
"""How much softer or louder in all, in velocities."""
TEMPO_JITTER = 0.1

Variation = Callable[[Performance, np.random.Generator], Performance]


def varied(performance: Performance, rng: np.random.Generator, chance: float) -> Performance:
    """The performance with each variation applied at a chance of 0..1 of its own."""
    for variation in VARIATIONS:
        if rng.random() < chance:
            performance = variation(performance, rng)
    return performance


def unranked(performance: Performance) -> Performance:
    """Without ranks, as after a change of what they rank."""
    unknown = np.full(performance.steps, np.nan, np.float32)
    return replace(
        performance, density_ranks=unknown, syncopation_ranks=unknown, intensity_ranks=unknown
    )


def swap_ride_and_hat(performance: Performance, rng: np.random.Generator) -> Performance:
    """The right hand on the ride where it was on the closed hat, and the other way round.

    The foot stays on the pedal; where a hat is now struck by hand as well, that is what is heard.
    """
    del rng  # there is one way to do it
    hat, ride = performance.velocities[:, CLOSED_HAT], performance.velocities[:, _RIDE]
    by_hand = (hat > 0) & (performance.articulations[:, CLOSED_HAT] == HAT_BY_HAND)
    on_ride = ride > 0

    def swapped(grid: Grid) -> Grid:
        new = grid.copy()
        new[:, _RIDE] = np.where(by_hand, grid[:, CLOSED_HAT], 0)
        by_foot = np.where(by_hand, 0, grid[:, CLOSED_HAT])
        new[:, CLOSED_HAT] = np.where(on_ride, grid[:, _RIDE], by_foot)
        return new

    articulations = swapped(performance.articulations)
    # A ride's articulations are not a hat's: the bell would become the pedal.
    articulations[on_ride, CLOSED_HAT] = HAT_BY_HAND
    return unranked(
        replace(
            performance,
            velocities=swapped(performance.velocities),
            microtimings_ticks=swapped(performance.microtimings_ticks),
            articulations=articulations,
        )
    )


def permute_toms(performance: Performance, rng: np.random.Generator) -> Performance:
    """Each tom's hits on another tom, or on the same one again."""
    order = np.arange(performance.velocities.shape[1])
    order[_TOMS] = rng.permutation(_TOMS)
    return replace(
        performance,
        velocities=performance.velocities[:, order],
        microtimings_ticks=performance.microtimings_ticks[:, order],
        articulations=performance.articulations[:, order],
    )


def drop_ornament(performance: Performance, rng: np.random.Generator) -> Performance:
    """Without the toms', open hat's or crash's hits on one lane that is struck only now and then.

    Fills, which are made of such hits, stay as they are.
    """
    in_beat = ~(performance.fills | performance.fill_like)
    hits = (performance.velocities[in_beat] > 0).sum(axis=0)
    rare = [
        lane for lane in _ORNAMENTS if 0 < hits[lane] <= ORNAMENT_SHARE * max(int(hits.sum()), 1)
    ]
    if not rare:
        return performance
    velocities = performance.velocities.copy()
    velocities[in_beat, rare[int(rng.integers(len(rare)))]] = 0
    return unranked(replace(performance, velocities=velocities))


def scale_velocities(performance: Performance, rng: np.random.Generator) -> Performance:
    """With more or less contrast, and louder or softer in all."""
    struck = performance.velocities > 0
    if not struck.any():
        return performance
    mean = performance.velocities[struck].mean()
    contrast = np.exp(rng.uniform(*np.log(CONTRAST)))
    scaled = mean + contrast * (performance.velocities - mean) + rng.uniform(-SHIFT, SHIFT)
    velocities = np.where(struck, np.clip(np.rint(scaled), 1, 127), 0).astype(np.int16)
    unknown = np.full(performance.steps, np.nan, np.float32)
    return replace(performance, velocities=velocities, intensity_ranks=unknown)


def jitter_tempo(performance: Performance, rng: np.random.Generator) -> Performance:
    """Up to a tenth slower or faster."""
    tempo_bpm = performance.tempo_bpm * float(rng.uniform(1 - TEMPO_JITTER, 1 + TEMPO_JITTER))
    return replace(performance, tempo_bpm=min(max(tempo_bpm, TEMPO_MIN_BPM), TEMPO_MAX_BPM))


VARIATIONS: tuple[Variation, ...] = (
    swap_ride_and_hat,
    permute_toms,
    drop_ornament,
    scale_velocities,
    jitter_tempo,
)
"""What `varied` goes through, in this order."""
