"""Written grooves, and small pure changes to a bar.

A groove is the drummer's safety net: what is played while no generated step is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from polyrhythmia_live.drums.kit import DRUM_LANES, Lane
from polyrhythmia_live.rhythm.bar import Bar, Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter

VELOCITIES = {".": 0, "o": 45, "x": 85, "X": 115}
"""How a groove is written: rest, ghost, hit, accent."""

GHOST_VELOCITY = 50
"""Hits below this are ornaments: a bar keeps its sense without them."""


def parse_groove(rows: Mapping[str, str], meter: Meter, lanes: Sequence[Lane] = DRUM_LANES) -> Bar:
    """A bar from one line of `.`, `o`, `x`, `X` per articulation; blanks and `|` are for the eye.

    Raises ValueError for an unknown articulation, an unknown sign or a wrong number of steps.
    """
    places = {
        articulation: (lane_index, articulation_index)
        for lane_index, lane in enumerate(lanes)
        for articulation_index, articulation in enumerate(lane.articulations)
    }
    steps: list[list[Hit]] = [[] for _ in range(meter.bar_steps)]
    for name, row in rows.items():
        if name not in places:
            raise ValueError(f"expected one of {', '.join(places)}, got {name!r}")
        signs = row.replace(" ", "").replace("|", "")
        if len(signs) != meter.bar_steps:
            raise ValueError(
                f"{name}: a bar of {meter} has {meter.bar_steps} steps, got {len(signs)}"
            )
        lane_index, articulation_index = places[name]
        for step, sign in zip(steps, signs, strict=True):
            if sign not in VELOCITIES:
                raise ValueError(f"{name}: expected one of {' '.join(VELOCITIES)}, got {sign!r}")
            if VELOCITIES[sign]:
                step.append(Hit(lane_index, VELOCITIES[sign], articulation=articulation_index))
    return Bar(meter, tuple(tuple(sorted(hits, key=lambda hit: hit.lane)) for hits in steps))


def varied(hits: Hits, repetition: int) -> Hits:
    """A step of a repeated bar, changed a little so that a loop does not sound like one.

    Every second time the ghosts rest, and the others breathe by a few velocity units.
    """
    breath = (0, -6, 3, -3)[repetition % 4]
    return tuple(
        Hit(hit.lane, max(1, min(127, hit.velocity + breath)), hit.microtiming_ticks,
            hit.articulation)
        for hit in hits
        if repetition % 2 == 0 or hit.velocity >= GHOST_VELOCITY
    )  # fmt: skip


def kick_and_hat(meter: Meter) -> Bar:
    """The last rung: kick on the beats, closed hat between them."""
    kick, closed_hat = Hit(0, 100), Hit(2, 70)
    beat: tuple[Hits, ...] = ((kick,), (), (closed_hat,), ())
    return Bar(meter, tuple(beat[step % len(beat)] for step in range(meter.bar_steps)))


ROCK_GROOVE = parse_groove(
    {
        "kick": "X... .... X.x. ....",
        "snare": ".... X... .... X...",
        "closed-hat": "x.o. x.o. x.o. x.o.",
    },
    Meter(4, 4),
)
"""What a performance without a groove of its own falls back on."""
