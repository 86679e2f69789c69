"""What the performer's levels, the theme and the mood of a bar do to the odds of a step.

The order: temperature (and mood) -> the theme's pull -> the genre's -> stability -> complexity ->
ornaments; then `sampling` holds what is left to what can be played, and to the density. Last of
all, some bars are an earlier one again.

All functions are pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.lstm import sampling
from polyrhythmia_live.drummer.lstm.encoding import MASK_LANES, Floats
from polyrhythmia_live.drummer.lstm.past import Past
from polyrhythmia_live.drummer.lstm.sampling import MASK_HITS, Numbers
from polyrhythmia_live.drummer.lstm.theme import THEME_BARS, Theme
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT

DENSITY_AS_RECORDED = LEVELS["density"].default
"""Where the density knob means as many hits as the genre's drummers play."""
STABILITY_REACH = 4.0
"""The log-odds of copying go up or down so much at the ends of the knob."""
THEME_PULL = 0.4
"""How strongly the theme draws in the middle of the knob; at its upper end twice as much."""
STEADYING = 0.85
"""How much cooler it is played there, theme and all: the same bar again ..."""
LOOSENING = 0.4
"""... and how much hotter at the lower end: no bar like another."""
MOOD_PULL = 0.8
"""How much stronger or weaker it draws in the strictest and the freest bar."""
MOOD_HEAT = 0.15
"""How much hotter or cooler than the temperature the freest and the strictest bar are played."""
MOOD_COPYING = 3.0
"""What the strictest bar adds to the log-odds of copying earlier bars, and the freest takes off."""
AGAIN_SHARES = (0.0, 0.2, 1.0)
"""How many bars are an earlier one again at the lower end of stability, in its middle, at its top;
straight lines between."""
AGAIN_BARS = (1, 2, 4)
"""Which: each as often, as with people, whose grooves are one, two and four bars long."""
AGAIN_NEARNESS = 5.0
"""At the top of stability it is the bar before in seven of eight cases."""
NEAR_BARS = (1, 2, 3, 4)
AGAIN_NATS = 10.0
"""By how much it is likelier than all else: it gives way to a knob that is turned far ..."""
AGAIN_FIRMNESS = 80.0
"""... but not to what stability itself does to all odds: by how much more so at its top."""
REVIVAL = 0.5
"""How much more strongly the theme draws after a silent bar ..."""
DYING_SHARE = 0.6
"""... and from what share of the theme's hits in the last bar on ..."""
GONE_SHARE = 0.3
"""... or in the last half of one: sooner, for what is all but silent."""
LEVEL_REACH = 8.0
"""Nats between the softest and the loudest hit, where a whole range lies between what was just
played and the theme."""
GENRE_PULL = 0.15
"""How strongly the genre's own theme draws, for each 1.0 of guidance."""
GENRE_CONTRAST = 0.4
"""How much likelier is what the genre's theme has and the others' have not, for the same."""
ORNAMENT_REACH = 12.0
"""Nats by which a full stroke of the theme outlasts a stroke that is none, at density 0."""
SYNCOPATION_REACH = 1.2
"""Nats that a hit on the weakest step gains, and one on the strongest loses, at the knob's end."""
_WEAKNESS = (-0.6, 1.0, 0.2, 1.0)
"""Of the sixteenths of a beat; the first of a bar is the strongest of all."""


@dataclass(frozen=True, slots=True)
class Themes:
    """What draws the odds of a step: this take's theme, and what the genre's takes have in common.

    `all` is what the takes of all genres have. `mood` is the bar's, from 1, which keeps to what
    was, to -1, which does as it likes.
    """

    own: Theme
    genre: Theme
    all: Theme
    mood: float


def copying(controls: ControlState, mood: float) -> float:
    """What is added to the log-odds of copying earlier bars."""
    return STABILITY_REACH * (2.0 * controls.stability - 1.0) + MOOD_COPYING * mood


def inclined(
    logits: Floats, themes: Themes, past: Past, place: Place, controls: ControlState
) -> Numbers:
    """The network's logits (512,) as log-odds that the performer and the theme have bent.

    A fill has a form of its own: no theme draws it.
    """
    heat = controls.temperature * (1.0 - MOOD_HEAT * themes.mood)
    odds = np.log(sampling.probabilities(sampling.heated(logits, heat)))
    if place.fill is None:
        odds = themes.own.drawn(odds, place.index, _pull(themes, past, place, controls))
        odds = themes.genre.drawn(odds, place.index, GENRE_PULL * controls.guidance)
        if controls.guidance:
            contrast = GENRE_CONTRAST * controls.guidance
            odds = odds + contrast * themes.genre.unlike(themes.all, place.index)
        odds = sampling.heated(odds, _steadied(controls.stability))
    off_the_beat = SYNCOPATION_REACH * (2.0 * controls.complexity - 1.0) * _weakness(place)
    thinned = max(0.0, 1.0 - controls.density / DENSITY_AS_RECORDED)
    essential = ORNAMENT_REACH * thinned * themes.own.essential(place.index)
    return np.asarray(odds + off_the_beat * MASK_HITS + essential)


def bars_again(controls: ControlState, mood: float) -> tuple[int, ...]:
    """How many bars ago a bar of this mood was played already; empty = it is a bar of its own.

    The strictest come again. Above the middle of stability they are rather the bar before, and
    where that one was a fill, another one.
    """
    place = 2.0 * controls.stability
    below = int(place >= 1.0)
    low, high = AGAIN_SHARES[below : below + 2]
    strict, share = (1.0 - mood) / 2.0, low + (high - low) * (place - below)
    if strict >= share:
        return ()
    if place <= 1.0:
        return (AGAIN_BARS[int(strict / share * len(AGAIN_BARS))],)
    nearness = 1.0 + AGAIN_NEARNESS * (place - 1.0)
    chosen = AGAIN_BARS[int((strict / share) ** nearness * len(AGAIN_BARS))]
    return (chosen, *(bars for bars in NEAR_BARS if bars != chosen))


def again(odds: Numbers, struck: Floats, controls: ControlState) -> Numbers:
    """The odds of a step that is an earlier one again: `struck` (LANES,) are that one's lanes."""
    nats = AGAIN_NATS + AGAIN_FIRMNESS * max(0.0, 2.0 * controls.stability - 1.0)
    return np.asarray(odds + nats * (struck == MASK_LANES).all(axis=1))


def dying(hits: Floats, own: Theme, controls: ControlState, share: float = DYING_SHARE) -> float:
    """How far the groove has died away in steps of so many hits, 0..1: 1 is silence."""
    due = own.hits_per_step * len(hits) * controls.density / DENSITY_AS_RECORDED
    return max(0.0, 1.0 - float(hits.sum()) / (share * due)) if due else 0.0


def lift_nats(theme: Theme, past: Past, place: Place, controls: ControlState) -> float:
    """Nats between the softest and the loudest hit that bring the take back to its own level.

    The louder or softer the performer asks for, the less: then the level is theirs.
    """
    recent = past.level(THEME_BARS * place.meter.bar_steps)
    if not recent or not theme.level:
        return 0.0
    left_open = 1.0 - abs(2.0 * controls.intensity - 1.0)
    return LEVEL_REACH * left_open * (theme.level - recent)


def _steadied(stability: float) -> float:
    """The temperature that a stability adds."""
    turned = 2.0 * stability - 1.0
    return 1.0 - (STEADYING if turned > 0.0 else LOOSENING) * turned


def _pull(themes: Themes, past: Past, place: Place, controls: ControlState) -> float:
    """How strongly the take's theme draws: more in a strict bar, and where the groove dies away.

    A rest is played, and not fallen into: a network that has heard nothing for a bar goes on with
    nothing.
    """
    pull = THEME_PULL * 2.0 * controls.stability * (1.0 + MOOD_PULL * themes.mood)
    hits = past.hits(place.meter.bar_steps)
    half = hits[len(hits) // 2 :]
    died = max(dying(hits, themes.own, controls), dying(half, themes.own, controls, GONE_SHARE))
    return min(1.0, pull + REVIVAL * died)


def _weakness(place: Place) -> float:
    in_bar = place.meter.step_in_bar(place.index)
    return _WEAKNESS[in_bar % STEPS_PER_BEAT] if in_bar else -1.0
