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

_SIGNS_PER_BLOCK = 4


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


def written_groove(bar: Bar, lanes: Sequence[Lane] = DRUM_LANES) -> dict[str, str]:
    """The rows that `parse_groove` reads a bar from; what does not sound in it has none.

    A row has a sign per step and knows no more: each velocity goes to the nearest sign, and timing
    and lengths are left out. Of two strokes of one articulation on a step, the harder is written.
    """
    rows: dict[str, str] = {}
    for name, place in places(lanes).items():
        loudest = (
            max((hit.velocity for hit in hits if (hit.lane, hit.articulation) == place), default=0)
            for hits in bar.steps
        )
        signs = "".join(map(_sign, loudest))
        if signs.strip("."):
            rows[name] = " ".join(
                signs[first : first + _SIGNS_PER_BLOCK]
                for first in range(0, len(signs), _SIGNS_PER_BLOCK)
            )
    return rows


def _sign(velocity: int) -> str:
    """The sign of a velocity; 0 = rest. However soft a stroke is, it is one."""
    signs = [sign for sign in VELOCITIES if bool(VELOCITIES[sign]) == bool(velocity)]
    return min(signs, key=lambda sign: abs(VELOCITIES[sign] - velocity))


def kick_and_hat(meter: Meter) -> Bar:
    """The last rung: kick on the beats, closed hat between them."""
    kick, closed_hat = Hit(LANE["kick"], 100), Hit(LANE["closed-hat"], 70)
    beat: tuple[Hits, ...] = ((kick,), (), (closed_hat,), ())
    return Bar(meter, tuple(beat[step % len(beat)] for step in range(meter.bar_steps)))
