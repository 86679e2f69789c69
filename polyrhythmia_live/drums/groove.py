"""Written grooves.

A groove is the drummer's safety net: what is played while no generated step is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from polyrhythmia_live.drums.lanes import DRUM_LANES, LANE, Lane, places
from polyrhythmia_live.rhythm.bar import Bar, Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter

VELOCITIES = {".": 0, "o": 45, "x": 85, "X": 115}
"""How a groove is written: rest, ghost, hit, accent."""


def parse_groove(rows: Mapping[str, str], meter: Meter, lanes: Sequence[Lane] = DRUM_LANES) -> Bar:
    """A bar from one line of `.`, `o`, `x`, `X` per articulation; blanks and `|` are for the eye.

    Raises ValueError for an unknown articulation, an unknown sign or a wrong number of steps.
    """
    place_of = places(lanes)
    steps: list[list[Hit]] = [[] for _ in range(meter.bar_steps)]
    for name, row in rows.items():
        if name not in place_of:
            raise ValueError(f"expected one of {', '.join(place_of)}, got {name!r}")
        signs = row.replace(" ", "").replace("|", "")
        if len(signs) != meter.bar_steps:
            raise ValueError(
                f"{name}: a bar of {meter} has {meter.bar_steps} steps, got {len(signs)}"
            )
        lane_index, articulation_index = place_of[name]
        for step, sign in zip(steps, signs, strict=True):
            if sign not in VELOCITIES:
                raise ValueError(f"{name}: expected one of {' '.join(VELOCITIES)}, got {sign!r}")
            if VELOCITIES[sign]:
                step.append(Hit(lane_index, VELOCITIES[sign], articulation=articulation_index))
    return Bar(meter, tuple(tuple(sorted(hits, key=lambda hit: hit.lane)) for hits in steps))


def kick_and_hat(meter: Meter) -> Bar:
    """The last rung: kick on the beats, closed hat between them."""
    kick, closed_hat = Hit(LANE["kick"], 100), Hit(LANE["closed-hat"], 70)
    beat: tuple[Hits, ...] = ((kick,), (), (closed_hat,), ())
    return Bar(meter, tuple(beat[step % len(beat)] for step in range(meter.bar_steps)))
